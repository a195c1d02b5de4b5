//! rdgrade grades wherever it is started, or says what it lacks.

#[path = "support/graded.rs"]
mod graded;

use graded::{Graded, LONGEST, RDGRADE, fixture, grade, rdgrade};
use rstest::rstest;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// `rdgrade level01 … --report json` with the reference, as the last words of a shell script, where `"$@"` is the command.
fn from_shell(script: &str, program: &Path) -> Output {
    let mut command = assert_cmd::Command::new("/bin/sh");
    command
        .args(["-c", script, "sh", RDGRADE, "level01", "--report", "json"])
        .arg(program);
    command.timeout(LONGEST).output().unwrap()
}

#[rstest]
#[case::no_terminal_type("unset TERM; exec \"$@\"")]
#[case::strict_umask("umask 077; exec \"$@\"")]
#[case::no_standard_input("exec \"$@\" <&-")]
#[case::no_standard_error("exec \"$@\" 2>&-")]
#[case::few_descriptors("ulimit -n 128; exec \"$@\"")]
#[case::signals_blocked_and_ignored("trap '' INT TERM HUP CHLD PIPE; exec \"$@\"")]
#[case::deleted_directory("d=$(mktemp -d) && cd \"$d\" && rmdir \"$d\" && exec \"$@\"")]
#[case::far_from_everything("cd / && exec \"$@\"")]
fn it_grades(#[case] script: &str, #[values("--reference", "solved.sh")] program: &str) {
    let program = if program == "--reference" {
        program.into()
    } else {
        fixture(program)
    };
    Graded::of(&from_shell(script, &program)).assert_all_pass();
}

/// `cmd & exec rdgrade …`: children of the shell become rdgrade's, and are none of its business.
#[test]
fn it_does_not_wait_for_children_it_did_not_make() {
    let script = "exec 3<&0; cat <&3 >/dev/null 2>&1 & exec \"$@\" <&- 3<&-";
    let mut command = Command::new("timeout");
    command.args([
        "60",
        "/bin/sh",
        "-c",
        script,
        "sh",
        RDGRADE,
        "level01/announces-the-root",
        "--reference",
        "--report",
        "json",
    ]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // `cat` ends with its input, which stays open until rdgrade has ended; if each waits for the other this never ends.
    let input = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(input);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn without_a_home_it_grades_or_says_where_it_would_have_cached() {
    let output = from_shell(
        "unset HOME XDG_CACHE_HOME; exec \"$@\"",
        Path::new("--reference"),
    );
    let graded = Graded::of(&output);
    if nix::unistd::geteuid().is_root() {
        graded.assert_all_pass();
    } else {
        assert_eq!(graded.code, Some(3), "{graded:#?}");
        assert!(graded.stderr.contains("XDG_CACHE_HOME"), "{graded:#?}");
    }
}

#[test]
fn the_current_directory_may_be_gone_and_is_named_then() {
    let output = from_shell(
        "d=$(mktemp -d) && cd \"$d\" && rmdir \"$d\" && exec \"$@\"",
        Path::new("."),
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(2 | 3)), "{output:?}");
    assert!(!said.contains("panicked") && !said.is_empty(), "{said}");
}

#[rstest]
#[case::json("json")]
#[case::human("human")]
fn a_reader_that_leaves_early_is_no_disaster(#[case] report: &str) {
    let mut command = Command::new(RDGRADE);
    command.args(["level01", "--reference", "-v", "--report", report]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // As `| head -0` does it: whatever is written then is EPIPE.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{said}");
    assert!(
        output.status.code().is_some(),
        "ended by a signal: {:?}",
        output.status
    );
}

fn submission(directory: &Path) {
    fs::create_dir_all(directory).unwrap();
    let program = directory.join("rd");
    fs::copy(fixture("solved.sh"), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The program's own files are what a jail's root may read, whoever may read them outside.
#[rstest]
#[case::closed(0o700, 0o700)]
#[case::closed_and_not_writable(0o500, 0o500)]
fn a_submission_only_its_owner_can_read_is_graded(
    #[case] directory_mode: u32,
    #[case] file_mode: u32,
) {
    let place = TempDir::new().unwrap();
    let directory = place.path().join("closed");
    submission(&directory);
    fs::set_permissions(directory.join("rd"), fs::Permissions::from_mode(file_mode)).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(directory_mode)).unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o700)).unwrap();
    grade(rdgrade("level01").arg(&directory)).assert_all_pass();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn ten_thousand_files_beside_the_program_are_copied_or_refused_by_name() {
    let place = TempDir::new().unwrap();
    submission(place.path());
    for number in 0..10_000 {
        fs::write(place.path().join(format!("notes-{number}")), "x").unwrap();
    }
    let graded = grade(rdgrade("level01").arg(place.path()));
    if graded.code == Some(3) {
        let why = graded.report["not_graded"].to_string();
        assert!(why.contains("files") || why.contains("entries"), "{why}");
    } else {
        graded.assert_all_pass();
    }
}

#[test]
fn a_very_long_path_is_graded() {
    let place = TempDir::new().unwrap();
    let mut directory = place.path().to_owned();
    // PATH_MAX is 4096; room is left for the file's name.
    while directory.as_os_str().len() < 3_700 {
        directory.push("d".repeat(200));
    }
    submission(&directory);
    grade(rdgrade("level01").arg(&directory)).assert_all_pass();
}

#[rstest]
#[case::spaces("a submission with spaces")]
#[case::quotes("it's \"quoted\" $(touch x) `y`")]
#[case::newline("two\nlines")]
#[case::comma_and_colon("a,b:c\\d")]
fn a_strange_path_is_graded(#[case] name: &str) {
    let place = TempDir::new().unwrap();
    let directory = place.path().join(name);
    submission(&directory);
    grade(rdgrade("level01").arg(&directory)).assert_all_pass();
}

/// A root like the host's, but without /mnt.
const WITHOUT_MNT: &str = "root=$(mktemp -d) && mount -t tmpfs x \"$root\" && cd \"$root\" && \
    for d in /*; do n=${d#/}; case $n in mnt|proc) continue;; esac; \
    if [ -L \"$d\" ]; then cp -P \"$d\" .; elif [ -d \"$d\" ]; then mkdir \"$n\" && mount --rbind \"$d\" \"$n\"; fi; done && \
    mkdir proc old && mount --rbind /proc proc && pivot_root . old && cd / && umount -l /old && rmdir /old && \
    [ ! -e /mnt ] && exec \"$@\" --reference";

/// The submission lies where the staging directory would be mounted.
const BELOW_MNT: &str = "mount -t tmpfs x /mnt && mkdir /mnt/s && cp \"$SOLVED\" /mnt/s/rd && \
    chmod 755 /mnt/s/rd && exec \"$@\" /mnt/s";

#[rstest]
#[case::missing(WITHOUT_MNT)]
#[case::holding_the_submission(BELOW_MNT)]
fn mnt_may_be(#[case] script: &str) {
    if !nix::unistd::geteuid().is_root() {
        return eprintln!("skipped: a mount namespace of its own needs root");
    }
    let mut command = assert_cmd::Command::new("unshare");
    command.args([
        "--mount",
        "--propagation",
        "private",
        "/bin/sh",
        "-c",
        script,
        "sh",
        RDGRADE,
        "level01",
        "--report",
        "json",
    ]);
    let output = command
        .env("SOLVED", fixture("solved.sh"))
        .timeout(LONGEST)
        .output()
        .unwrap();
    Graded::of(&output).assert_all_pass();
}
