//! Runs of `rdgrade`, from their start to the end of all that was their own.

use crate::graded::RDGRADE;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, ChildStderr, Command, Stdio};

/// Where each run leaves its report.
const REPORT: &str = "/tmp/cache/report.json";

/// A run that goes on by itself.
pub fn start(level: &str, cache: &str) -> Child {
    command(RDGRADE, level, cache).spawn().unwrap()
}

/// `program` is rdgrade, or one that becomes it or starts it.
pub fn command(program: &str, level: &str, cache: &str) -> Command {
    let mut command = Command::new(program);
    match program {
        RDGRADE => &mut command,
        "/bin/sh" => command.args(["-c", "kill -STOP $$; exec \"$@\"", "sh", RDGRADE]),
        _ => command.args(["--pid", "--fork", "--kill-child", "--mount-proc", RDGRADE]),
    };
    let report = format!("json={REPORT}");
    command.args([level, "--reference", "--report", &report, "-q"]);
    command
        .env("XDG_CACHE_HOME", cache)
        .env("XDG_RUNTIME_DIR", "/run/user")
        .env("TMPDIR", "/tmp");
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// A run that nobody kills passes.
pub fn green(cache: &str) {
    let (code, said) = finish(start("level01", cache));
    assert_eq!(code, Some(0), "{said}");
}

/// Waits for the end of a run and of all that was its own: process 1, which this is, inherits orphans.
pub fn finish(run: Child) -> (Option<i32>, String) {
    let main = Pid::from_raw(run.id() as i32);
    let mut code = None;
    loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(pid, status)) if pid == main => code = Some(status),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => break,
        }
    }
    (code, heard(run))
}

/// What a run has said that is over. Its report goes: it is there or not, by the moment; what is promised is that nothing else is.
pub fn heard(mut run: Child) -> String {
    let mut said = String::new();
    let mut stream = run.stderr.take().unwrap();
    stream.read_to_string(&mut said).unwrap();
    let _ = fs::remove_file(REPORT);
    said
}

/// The children of a process.
pub fn children(of: Pid) -> Vec<Pid> {
    let list = fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap_or_default();
    list.split_whitespace()
        .map(|pid| Pid::from_raw(pid.parse().unwrap()))
        .collect()
}

/// Reads what a run says until it has stopped in a phase: the rest, and that line.
pub fn stopped(run: &mut Child, phase: &str) -> (BufReader<ChildStderr>, String) {
    let mut said = BufReader::new(run.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains(&format!("stopped at {phase}")) {
        line.clear();
        assert_ne!(
            said.read_line(&mut line).unwrap(),
            0,
            "it ended before it came to {phase}"
        );
    }
    (said, line)
}

/// Whether a process ends in half a minute: an answer to whether it ever will.
pub fn ends(pidfd: &OwnedFd) -> bool {
    let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
    poll(&mut ended, PollTimeout::from(30_000u16)).unwrap() > 0
}
