//! A host in trouble: rdgrade works where it can, and else says once what is wrong and what to do.

#[path = "support/graded.rs"]
mod graded;
#[path = "support/user.rs"]
mod user;

use graded::{LONGEST, RDGRADE};
use rstest::rstest;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;
use tempfile::TempDir;
use user::Place;

/// A cache in which the images of level 01 have been made.
fn warm() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("trouble-cache");
        let mut command = graded::rdgrade("level01");
        command.arg("--reference").env("XDG_CACHE_HOME", &cache);
        graded::grade(&mut command).assert_all_pass();
        cache
    })
}

/// Grades in a mount namespace that `script` has spoilt: a shell's, which knows an empty directory as `$PLACE` and ends with
/// `exec "$@"`.
fn grade(script: &str, arguments: &[&str]) -> Option<Output> {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: a mount namespace of its own needs root");
        return None;
    }
    let place = TempDir::new().unwrap();
    let mut command = assert_cmd::Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "/bin/sh", "-c"]);
    command
        .arg(format!("set -e\n{script}\nexec \"$@\""))
        .args(["sh", RDGRADE]);
    command.args(arguments).timeout(LONGEST);
    command
        .env("PLACE", place.path())
        .env("WARM", warm())
        .env("XDG_CACHE_HOME", warm());
    Some(command.output().unwrap())
}

const REFERENCE: [&str; 3] = ["level01", "--reference", "-q"];

/// One error, on one line, with these words and no score; status 3.
#[track_caller]
fn assert_refused(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{output:#?}");
    assert_eq!(said.lines().count(), 1, "{said}");
    for word in words {
        assert!(said.contains(word), "no {word}: {said}");
    }
    // What is wrong, and what to do.
    assert!(said.contains("; "), "{said}");
}

#[rstest]
#[case::a_full_disk(
    "mount -t tmpfs -o size=1m full \"$PLACE\"; export XDG_CACHE_HOME=\"$PLACE\"",
    &["image cache", "No space left", "XDG_CACHE_HOME"]
)]
#[case::an_unwritable_cache(
    "mount -t tmpfs -o ro locked \"$PLACE\"; export XDG_CACHE_HOME=\"$PLACE\"",
    &["image cache", "Read-only file system", "XDG_CACHE_HOME"]
)]
#[case::no_device_files("mount -t tmpfs bare /dev", &["/dev/null", "mknod"])]
#[case::no_proc("umount -l /proc", &["/proc", "mount -t proc"])]
#[case::a_masked_proc("mount -t tmpfs -o ro mask /proc", &["/proc", "mount -t proc"])]
#[case::hardly_any_open_files("ulimit -n 24", &["open", "24 is the limit", "ulimit -n"])]
fn it_is_said_once(#[case] script: &str, #[case] words: &[&str]) {
    if let Some(output) = grade(script, &REFERENCE) {
        assert_refused(&output, words);
    }
}

#[rstest]
#[case::a_cache_that_can_only_be_read(
    "mount --bind \"$WARM\" \"$PLACE\"; mount -o remount,bind,ro \"$PLACE\"; export XDG_CACHE_HOME=\"$PLACE\""
)]
#[case::a_full_directory_for_temporary_files(
    "mount -t tmpfs -o size=4k full \"$PLACE\"; head -c 4096 /dev/zero >\"$PLACE/all\"; export TMPDIR=\"$PLACE\""
)]
#[case::no_directory_for_temporary_files("export TMPDIR=/no/such/directory")]
#[case::no_terminals(
    "while umount -l /dev/pts 2>/dev/null; do :; done; mount -t tmpfs bare /dev; mknod -m 666 /dev/null c 1 3"
)]
#[case::a_low_soft_limit_of_open_files("ulimit -S -n 24")]
#[case::no_cgroups("while umount -l /sys/fs/cgroup 2>/dev/null; do :; done")]
#[case::read_only_everything("mount -o remount,bind,ro /")]
fn it_works_nevertheless(#[case] script: &str) {
    if let Some(output) = grade(script, &REFERENCE) {
        assert_eq!(output.status.code(), Some(0), "{output:#?}");
    }
}

/// The directory is not the machine's only one: the binary under test may lie below it.
#[test]
fn without_tmp_it_works_nevertheless() {
    if [Path::new(RDGRADE), warm()]
        .iter()
        .any(|path| path.starts_with("/tmp"))
    {
        return eprintln!("skipped: rdgrade itself lies below /tmp");
    }
    if let Some(output) = grade(
        "mount -t tmpfs -o ro,mode=0 none /tmp; unset TMPDIR",
        &REFERENCE,
    ) {
        assert_eq!(output.status.code(), Some(0), "{output:#?}");
    }
}

/// A checkout on a read-only file system: nothing is built there, nothing is written there.
#[rstest]
#[case::shell("solved.sh")]
fn a_read_only_checkout_is_graded(#[case] program: &str) {
    let directory = graded::fixture(program)
        .parent()
        .unwrap()
        .display()
        .to_string();
    let script = format!(
        "mount --bind '{directory}' \"$PLACE\"; mount -o remount,bind,ro \"$PLACE\"; cd \"$PLACE\""
    );
    if let Some(output) = grade(&script, &["level01", program, "-q"]) {
        assert_eq!(output.status.code(), Some(0), "{output:#?}");
    }
}

#[test]
fn a_report_that_does_not_fit_on_its_disk_is_said_once_and_leaves_nothing() {
    let script = "mount -t tmpfs -o size=4k full \"$PLACE\"; trap 'ls -A \"$PLACE\"' EXIT; \"$@\" --report json=\"$PLACE/report.json\"; set -- true";
    let Some(output) = grade(script, &REFERENCE) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{output:#?}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(
        said.contains("json report") && said.contains("No space left"),
        "{said}"
    );
    assert!(
        !String::from_utf8_lossy(&output.stdout).contains("report.json"),
        "{output:#?}"
    );
}

/// A host at its limit on processes, as `pids.max` of a container sets it.
#[rstest]
fn a_group_at_its_limit_of_processes_is_said_once(#[values(1, 2, 5, 12)] most: u32) {
    let top = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"].map(PathBuf::from);
    let name = format!("rdgrade-test-trouble-{}-{most}", std::process::id());
    let limited = top.iter().map(|top| top.join(&name)).find(|group| {
        fs::create_dir(group).is_ok()
            && (group.join("pids.max").exists() || fs::remove_dir(group).is_err())
    });
    let Some(group) = limited else {
        return eprintln!("skipped: no pids cgroup can be made here");
    };
    fs::write(group.join("pids.max"), most.to_string()).unwrap();
    let script = format!("echo 0 >'{}/cgroup.procs'", group.display());
    let output = grade(&script, &REFERENCE);
    fs::remove_dir(&group).unwrap();
    if let Some(output) = output {
        assert_refused(&output, &["processes", "pids.max"]);
    }
}

/// The same for a user, as `ulimit -u` and limits.conf(5) set it: the limit is on all processes of that user, who has no others.
#[rstest]
fn a_user_at_the_limit_of_processes_is_told_once(#[values(1, 3, 12)] most: u32) {
    let Some(place) = Place::make() else { return };
    let mut command = place.command(Path::new("prlimit"), user::PATH);
    command
        .arg(format!("--nproc={most}"))
        .arg(&place.rdgrade)
        .args(REFERENCE);
    assert_refused(&command.output().unwrap(), &["processes", "ulimit -u"]);
}
