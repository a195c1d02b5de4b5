//! `bless` records what the reference really prints, and takes nothing from a level file that its author put there.

mod support;

use assert_cmd::Command;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use rstest::rstest;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;

/// A level of two checks. The announcement, its comments and its layout are the test's.
const LEVEL: &str = r#"# Comments stay.
level: level01
title: chroot
goal: Give a command a root directory of its own.

checks:
  # This one speaks of an announcement.
  - id: announces-the-root
    title: The root that is announced is the root that is used
    points: 1
    scenario:
      - start: [/bin/bash]
        expect:
          snapshot: |   # and this one, too
            ...
            ANNOUNCEMENT
            ...
      - inside:   echo {nonce}
        expect: {snapshot: "{nonce}", exit:   0}
      - observe: container
        expect: {root: "[ROOTFS]"}
    hint: Look at the path.
    link: https://man7.org/linux/man-pages/man3/fflush.3.html


  - id: missing-binary
    title: Without an image there is nothing to execute
    points: 2
    images: {ubuntu: skeleton}
    scenario:
      - run: [/bin/bash]
        expect:
          snapshot: |
              ...
              [..][ERROR ENOENT][..]
              ...
              [PID] exited with status [STATUS nonzero]
      - observe: submission
        expect: {execs: {has: [{argv: [/bin/bash], root: {differs-from: host}, error: ENOENT}]}}
    hint: Say why.
    link: https://man7.org/linux/man-pages/man2/execve.2.html
"#;

const PRINTED: &str = "Created a new root fs for our container: [ROOTFS]";

fn level(announcement: &str) -> String {
    LEVEL.replace("ANNOUNCEMENT", announcement)
}

/// A level directory that holds `text`, and its file.
fn folder(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("level01.yaml");
    fs::write(&file, text).unwrap();
    (folder, file)
}

/// Exit status, standard output and standard error of `bless`.
fn bless(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command: Command = support::command();
    command
        .args(["bless", "--level-dir"])
        .arg(folder)
        .args(arguments);
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

fn only_file(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().count() == 1
}

#[test]
fn a_changed_announcement_is_recorded_and_nothing_else_changes() {
    if support::skip_unless_root() {
        return;
    }
    let (folder, file) = folder(&level("Made a root for the container: [ROOTFS]"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let (status, stdout, stderr) = bless(folder.path(), &["level01"]);
    assert_eq!(status, 0, "{stdout}{stderr}");
    assert_eq!(fs::read_to_string(&file).unwrap(), level(PRINTED));
    assert_eq!(
        stdout,
        format!("{}:12: announces-the-root\n", file.display())
    );
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o640
    );
    assert!(only_file(folder.path()));
    // What was recorded passes, and there is nothing left to record.
    let graded = support::rdgrade([
        "level01",
        "--reference",
        "-q",
        "--level-dir",
        folder.path().to_str().unwrap(),
    ]);
    assert_eq!(graded.status, 0, "{}", graded.stdout);
    let (status, stdout, _) = bless(folder.path(), &[]);
    assert_eq!(
        (status, stdout),
        (0, format!("{}: unchanged\n", file.display()))
    );
}

#[test]
fn a_dry_run_shows_the_difference_and_makes_none() {
    if support::skip_unless_root() {
        return;
    }
    let old = level("Made a root for the container: [ROOTFS]");
    let (folder, file) = folder(&old);
    let (status, stdout, _) = bless(folder.path(), &["--dry-run"]);
    assert_eq!(status, 1);
    let changed = |sign| {
        stdout
            .lines()
            .skip(2)
            .filter(|line| line.starts_with(sign))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        changed('-'),
        ["-            Made a root for the container: [ROOTFS]"]
    );
    assert_eq!(changed('+'), [format!("+            {PRINTED}")]);
    assert_eq!(fs::read_to_string(&file).unwrap(), old);
}

#[rstest]
#[case::literally(PRINTED)]
#[case::with_wildcards("[..] root fs for our [..]: [ROOTFS]")]
fn what_still_matches_is_left_as_it_is(#[case] announcement: &str) {
    if support::skip_unless_root() {
        return;
    }
    let old = level(announcement);
    let (folder, file) = folder(&old);
    let (status, stdout, _) = bless(folder.path(), &["--dry-run"]);
    assert_eq!((status, stdout.as_str()), (0, ""));
    let (status, ..) = bless(folder.path(), &[]);
    assert_eq!(status, 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), old);
}

#[test]
fn only_the_check_that_was_asked_for_is_recorded() {
    if support::skip_unless_root() {
        return;
    }
    let old = level("Made a root for the container: [ROOTFS]");
    let (folder, file) = folder(&old);
    let (status, ..) = bless(folder.path(), &["level01/missing-binary"]);
    assert_eq!(status, 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), old);
}

/// A snapshot that passes once and not twice would be worse than the old one, and so would one for a check that fails for
/// another reason.
#[rstest]
#[case::differs_from_run_to_run(
    "echo {nonce}",
    "cat /proc/sys/kernel/random/uuid | tr -d -",
    "when it is played again"
)]
#[case::fails_anyway("exit:   0", "exit: 3", "ended with 0, not 3")]
fn what_does_not_pass_twice_is_not_recorded(
    #[case] from: &str,
    #[case] to: &str,
    #[case] why: &str,
) {
    if support::skip_unless_root() {
        return;
    }
    let old = level("Made a root for the container: [ROOTFS]").replace(from, to);
    let (folder, file) = folder(&old);
    let (status, stdout, _) = bless(folder.path(), &[]);
    assert_eq!(status, 1, "{stdout}");
    assert!(
        stdout.contains("✗ level01/announces-the-root") && stdout.contains(why),
        "{stdout}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), old);
}

#[test]
fn without_level_files_there_is_nothing_to_bless() {
    let folder = tempfile::tempdir().unwrap();
    let (status, stdout, stderr) = bless(folder.path(), &[]);
    assert_eq!((status, stdout.as_str()), (2, ""));
    assert!(stderr.contains("--level-dir"), "{stderr}");
}

#[test]
fn an_interrupted_run_leaves_the_file_as_it_was() {
    if support::skip_unless_root() {
        return;
    }
    let old = level("Made a root for the container: [ROOTFS]");
    let (folder, file) = folder(&old);
    let temporary = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_rdgrade"))
        .args(["bless", "--level-dir"])
        .arg(folder.path())
        .env("RDGRADE_STOP_AT", "play")
        .env("TMPDIR", temporary.path())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    assert!(said.contains("stopped at play"), "{said}");
    let group = Pid::from_raw(child.id() as i32);
    killpg(group, Signal::SIGINT).unwrap();
    killpg(group, Signal::SIGCONT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert_eq!(fs::read_to_string(&file).unwrap(), old);
    assert!(only_file(folder.path()));
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}
