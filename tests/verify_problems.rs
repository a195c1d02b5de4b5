//! `verify` says what is wrong with a suite so that its maintainer can mend it: each kind of problem once.

mod support;

use rstest::rstest;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const LEVEL: &str = r#"level: level01
title: chroot
goal: Give a command a root directory of its own.
checks:
  - id: own-root
    title: The command has a root of its own
    points: 1
    scenario:
      - start: [/bin/bash]
      - observe: container
        expect: {root: {differs-from: host}}
    hint: Whose root has your shell?
    link: https://man7.org/linux/man-pages/man2/chroot.2.html
  - id: proc-is-mounted
    title: proc is mounted in it
    needs: [own-root]
    points: 1
    scenario:
      - start: [/bin/bash]
      - observe: container
        expect: {root: {differs-from: host}, mounts: {has: [{target: /proc, type: proc}]}}
    hint: Only the kernel can fill /proc.
    link: https://man7.org/linux/man-pages/man5/proc.5.html
"#;

/// Unmounts nothing, forgets nothing: the workshop's first answer, as short as it gets.
const SOLVED: &str = r#"#!/bin/sh
while [ "$1" != /bin/bash ]; do case $1 in -i) image=$2; shift 2 ;; *) shift ;; esac; done
root=/workshop/containers/$$/rootfs
mkdir -p "$root"
tar -xpf "/workshop/images/$image.tar" -C "$root" --exclude='./dev/*' --exclude='dev/*'
mount -t proc proc "$root/proc"
chroot "$root" "$@"
"#;

const NO_CHROOT: &str = "
  - id: no-chroot
    mistake: Never changes root.
    program: solved.sh
    edit: [{replace: 'chroot \"$root\" \"$@\"', with: '\"$@\"'}]
    fails: [own-root]
    blocked: [proc-is-mounted]";

const NO_PROC: &str = "
  - id: no-proc
    mistake: Forgets to mount proc.
    program: solved.sh
    edit: [{replace: 'mount -t proc proc \"$root/proc\"', with: ':'}]
    fails: [proc-is-mounted]";

/// Faults that prove both checks.
fn faults() -> String {
    format!("faults:{NO_CHROOT}{NO_PROC}\n")
}

/// A directory with a level, its solved program and these faults.
fn suite(faults: &str) -> TempDir {
    let suite = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = suite.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("levels/level01.yaml", LEVEL);
    write("fixtures/level01/solved.sh", SOLVED);
    write("fixtures/level01/faults.yaml", faults);
    write("fixtures/level01/true.sh", "#!/bin/sh\nexit 0\n");
    suite
}

fn verify(suite: &Path) -> support::Graded {
    let folder = |name: &str| suite.join(name).display().to_string();
    support::rdgrade([
        "verify",
        "--level-dir",
        &folder("levels"),
        "--fixtures",
        &folder("fixtures"),
        "--timeout",
        "5s",
    ])
}

/// What `verify` finds wrong.
fn problems(stdout: &str) -> Vec<&str> {
    stdout
        .lines()
        .filter_map(|line| line.strip_prefix("✗ "))
        .collect()
}

#[test]
fn a_good_suite_proves_itself() {
    if support::skip_unless_root() {
        return;
    }
    let suite = suite(&faults());
    let verified = verify(suite.path());
    assert_eq!(verified.status, 0, "{}{}", verified.stdout, verified.stderr);
    assert_eq!(problems(&verified.stdout), Vec::<&str>::new());
}

#[rstest]
#[case::a_fault_that_passes(
    &format!("{}{}\n", faults().trim_end(), NO_PROC.replace("no-proc", "harmless").replace("with: ':'", "with: 'mount -t proc none \"$root/proc\"'")),
    &["level01: harmless: every check passes; either its edit is no mistake, or a check is missing"]
)]
#[case::a_fault_that_fails_other_checks(
    &faults().replace("    fails: [own-root]\n    blocked: [proc-is-mounted]", "    fails: [proc-is-mounted]"),
    &[
        "level01: no-chroot: own-root should be pass, it is fail: ",
        "level01: no-chroot: proc-is-mounted should be fail, it is blocked: ",
    ]
)]
#[case::a_check_that_nothing_fails(
    &format!("faults:{}\n", NO_PROC),
    &["level01/own-root: no fault ever fails it, so it may be vacuous; add the mistake that it is there to notice"]
)]
#[case::a_forger_that_earns(
    &format!("{}forgers:\n  - {{id: honest, program: solved.sh, trick: Does what is asked.}}\n", faults()),
    &[
        "level01: the forger honest earns 1 for own-root",
        "level01: the forger honest earns 1 for proc-is-mounted",
    ]
)]
fn each_problem_is_told(#[case] faults: &str, #[case] expected: &[&str]) {
    if support::skip_unless_root() {
        return;
    }
    let suite = suite(faults);
    let verified = verify(suite.path());
    assert_eq!(verified.status, 1, "{}{}", verified.stdout, verified.stderr);
    let told = problems(&verified.stdout);
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}\nis not\n{expected}");
        // A cause is told, not only announced.
        assert!(
            told.len() > expected.len() || !expected.ends_with(": "),
            "{told}"
        );
    }
}

#[test]
fn a_solved_program_that_is_wrong_is_told() {
    if support::skip_unless_root() {
        return;
    }
    let suite = suite(&faults());
    let wrong = SOLVED.replace("mount -t proc proc", "mount -t tmpfs proc");
    fs::write(suite.path().join("fixtures/level01/solved.sh"), &wrong).unwrap();
    let path = suite.path().join("fixtures/level01/faults.yaml");
    fs::write(
        &path,
        faults().replace("mount -t proc proc", "mount -t tmpfs proc"),
    )
    .unwrap();
    let verified = verify(suite.path());
    assert_eq!(verified.status, 1, "{}{}", verified.stdout, verified.stderr);
    let told = problems(&verified.stdout);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].starts_with("level01: solved.sh is right, but proc-is-mounted is fail: "),
        "{told:#?}"
    );
}

/// What cannot be graded at all is a mistake in the fixtures: exit 2, the file and the fault by their names.
#[rstest]
#[case::an_edit_that_does_not_apply(
    &faults().replace("replace: 'mount -t proc proc", "replace: 'mount proc"), "fault no-proc", &["solved.sh", "not found"]
)]
#[case::an_edit_that_applies_twice(
    &faults().replace("replace: 'mount -t proc proc \"$root/proc\"'", "replace: root"), "fault no-proc", &["exactly once"]
)]
#[case::an_unknown_check(&faults().replace("[own-root]", "[own-rot]"), "fault no-chroot", &["own-rot", "proc-is-mounted"])]
#[case::a_program_that_is_not_there(
    &faults().replace("mistake: Forgets to mount proc.\n    program: solved.sh", "mistake: Forgets.\n    program: other.sh"),
    "fault no-proc", &["other.sh", "No such file"]
)]
#[case::a_forger_that_is_not_there(
    &format!("{}forgers: [{{id: ghost, program: ghost.sh, trick: Is not there.}}]\n", faults()),
    "forger ghost", &["ghost.sh", "No such file"]
)]
#[case::a_forger_of_an_unknown_check(
    &format!("{}forgers: [{{id: idle, program: true.sh, trick: Does nothing., earns: [own-rot]}}]\n", faults()),
    "fault idle", &["own-rot"]
)]
fn bad_fixtures_are_named(#[case] faults: &str, #[case] whose: &str, #[case] what: &[&str]) {
    if support::skip_unless_root() {
        return;
    }
    let suite = suite(faults);
    let verified = verify(suite.path());
    assert_eq!(verified.status, 2, "{}{}", verified.stdout, verified.stderr);
    let file = suite
        .path()
        .join("fixtures/level01/faults.yaml")
        .display()
        .to_string();
    for expected in [file.as_str(), whose].iter().chain(what) {
        assert!(
            verified.stderr.contains(expected),
            "{expected}\nis not in\n{}",
            verified.stderr
        );
    }
}

#[test]
fn fixtures_that_are_not_there_are_asked_for() {
    let suite = suite(&faults());
    fs::remove_dir_all(suite.path().join("fixtures")).unwrap();
    let verified = verify(suite.path());
    assert_eq!(verified.status, 2);
    assert!(
        verified.stderr.contains("--fixtures"),
        "{}",
        verified.stderr
    );
}
