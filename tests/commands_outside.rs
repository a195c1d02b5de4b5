//! What a level has typed outside: a command that is plain words needs no shell, and says what it would say to one.

use std::fs;
use std::process::Command;
use tempfile::TempDir;

const LEVEL: &str = "\
level: level00
title: outside
goal: Commands outside.
checks:
  - id: outside
    title: They say what they say
    points: 1
    scenario:
      - run: [/bin/true]
        expect: {exit: 0}
      - observe: submission
        expect: {execs: {has: [{argv: [/bin/true]}]}}
      - outside: 'COMMAND'
        expect: {exit: STATUS, lines: {has: ['LINE']}}
    hint: None.
    link: https://man7.org/linux/man-pages/man1/sh.1p.html
";

/// Grades the reference with a level that has `command` typed outside, and expects this of it.
fn says(command: &str, exit: &str, line: &str) {
    let folder = TempDir::new().unwrap();
    let level = LEVEL
        .replace("COMMAND", command)
        .replace("STATUS", exit)
        .replace("LINE", line);
    fs::write(folder.path().join("level00.yaml"), &level).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rdgrade"))
        .args(["level00", "--reference", "--level-dir"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{level}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn plain_words_are_executed_by_the_jails_init() {
    says("grep PPid /proc/self/status", "0", "PPid:\t1");
}

#[test]
fn a_shell_is_there_for_what_only_a_shell_can_do() {
    says("echo $((6 * 7)); exit 3", "3", "42");
    says("cd /proc && pwd", "0", "/proc");
}

#[test]
fn a_program_that_is_not_there_is_missed_by_the_shell() {
    says(
        "no-such-program here",
        "127",
        "[..]no-such-program: [..]not found",
    );
}
