//! Programs as they are started in a jail, and their environment.

use super::shell::plain_words;
use crate::jail::{Mechanism, Program, Streams};

/// The environment of a submission, and of commands on the jail's host: what a login of root has, and nothing of the
/// user's.
const ENVIRONMENT: [(&str, &str); 7] = [
    ("HOME", "/root"),
    ("LOGNAME", "root"),
    (
        "PATH",
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ),
    ("PWD", "/submission"),
    ("SHELL", "/bin/sh"),
    ("TERM", "dumb"),
    ("USER", "root"),
];

/// A program to start, with the environment of a login.
pub(super) fn program(argv: Vec<String>, streams: Streams, directory: &str) -> Program {
    let mut environment = ENVIRONMENT
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec();
    if !Mechanism::CleanEnvironment.is_on() {
        environment.extend(std::env::vars());
    }
    Program {
        argv,
        rather: None,
        environment,
        directory: directory.to_owned(),
        streams,
    }
}

/// A command for the jail's shell, which it is spared where it has nothing to do.
pub(super) fn of_shell(command: &str) -> Program {
    let argv = ["/bin/sh", "-c", command].map(str::to_owned).to_vec();
    Program {
        rather: plain_words(command),
        ..program(argv, Streams::Pipe, "/")
    }
}

/// Adds the submission's own variables, which win.
pub(super) fn adopt(program: &mut Program, environment: &[(String, String)]) {
    for (key, value) in environment {
        program.environment.retain(|(known, _)| known != key);
        program.environment.push((key.clone(), value.clone()));
    }
}
