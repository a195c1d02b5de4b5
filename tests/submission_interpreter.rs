//! A program that is a script is run by the interpreter its first line names, as the kernel and env(1) read that line.

#[path = "support/submissions.rs"]
mod submissions;

use rdgrade::submission::{Content, FindError, Submission};
use rstest::rstest;
use std::path::{Path, PathBuf};
use submissions::{bash, not_graded, program, write};

#[rstest]
#[case("#!/bin/sh -e\n", &["/bin/sh", "-e"])]
#[case("#!/bin/sh\r\n", &["/bin/sh"])]
#[case("#! /usr/bin/env sh\n", &["sh"])]
#[case("#!/usr/bin/env -S LANG=C sh -e -u\n", &["sh", "-e", "-u"])]
fn shebangs_are_read_as_the_kernel_and_env_read_them(#[case] line: &str, #[case] words: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    let file = write(directory.path(), "rd", line);
    let found = bash(&Submission::find(&file, "level01").unwrap());
    let at = found
        .iter()
        .position(|word| word == "/submission/rd")
        .unwrap();
    assert_eq!(at, words.len(), "{found:?}");
    assert!(
        found[0].ends_with(words[0]) && Path::new(&found[0]).is_absolute(),
        "{found:?}"
    );
    assert_eq!(found[1..at], words[1..]);
}

#[test]
fn a_binary_is_run_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("rd"), b"\x7fELF....").unwrap();
    assert_eq!(program(directory.path(), "level01"), "/submission/rd");
    assert_eq!(
        bash(&Submission::find(directory.path(), "level01").unwrap())[0],
        "/submission/rd"
    );
}

#[test]
fn python_is_the_real_interpreter_and_all_it_needs_is_visible() {
    let directory = tempfile::tempdir().unwrap();
    let file = write(
        directory.path(),
        "rd.py",
        "#!/usr/bin/env python3\nimport linux\n",
    );
    let submission = match Submission::find(&file, "level01") {
        Ok(submission) => submission,
        Err(FindError::NotGraded(why)) => return eprintln!("skipped: {}", why.reason),
        Err(other) => panic!("{other}"),
    };
    let python = PathBuf::from(&bash(&submission)[0]);
    let system = ["/usr", "/bin", "/opt"]
        .iter()
        .any(|system| python.starts_with(system));
    assert!(
        system
            || submission
                .visible
                .iter()
                .any(|prefix| python.starts_with(prefix)),
        "{submission:?}"
    );
    assert!(
        !std::fs::read(&python).unwrap().starts_with(b"#!"),
        "{python:?} is a shim"
    );
    let linux = submission
        .inject
        .iter()
        .find(|it| it.inside == "/rdgrade/python/linux.py")
        .unwrap();
    assert!(matches!(linux.content, Content::Text(_)));
    assert!(
        submission
            .environment
            .contains(&("PYTHONPATH".into(), "/rdgrade/python".into()))
    );
}

/// An interpreter of our own making, which answers what it is asked.
fn python(directory: &Path, answer: &str) -> PathBuf {
    let python = write(
        directory,
        "prefix/bin/python3",
        &format!("#!/bin/sh\nprintf '{answer}'\n"),
    );
    std::fs::set_permissions(&python, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    python
}

#[rstest]
#[case::import("import os, sys\nimport click\n", Err("imports click"))]
#[case::beside_others("import os, click\n", Err("imports click"))]
#[case::from("from click import command\n", Err("imports click"))]
#[case::another_module("import clicker\n# import click\n", Ok(()))]
fn click_is_asked_for_only_by_programs_that_import_it(
    #[case] imports: &str,
    #[case] expected: Result<(), &str>,
) {
    let directory = tempfile::tempdir().unwrap();
    let prefix = directory.path().join("prefix");
    let executable = prefix.join("bin/python3");
    let answer = format!(
        "executable:{}\\nprefix:{}\\n",
        executable.display(),
        prefix.display()
    );
    let python = python(directory.path(), &answer);
    let file = write(
        directory.path(),
        "rd.py",
        &format!("#!{}\n{imports}", python.display()),
    );
    match expected {
        Ok(()) => {
            let submission = Submission::find(&file, "level01").unwrap();
            assert_eq!(submission.visible, [prefix]);
        }
        Err(reason) => {
            let why = not_graded(&file);
            assert!(
                why.reason.contains(reason) && why.remedy.contains("-m pip install click"),
                "{why:?}"
            );
        }
    }
}

#[test]
fn an_interpreter_that_does_not_answer_is_not_graded() {
    let directory = tempfile::tempdir().unwrap();
    let python = python(directory.path(), "Python 2.7, sorry");
    let file = write(
        directory.path(),
        "rd.py",
        &format!("#!{}\n", python.display()),
    );
    assert!(
        not_graded(&file)
            .reason
            .contains("does not run as a Python 3")
    );
}
