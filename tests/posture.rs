//! Before anything of a submission's runs, the first jail tries what is promised: where it does not hold, nothing is graded.

#[path = "support/graded.rs"]
mod graded;

use graded::{grade, rdgrade};
use rstest::rstest;

fn skipped() -> bool {
    let skip = !nix::unistd::geteuid().is_root();
    if skip {
        println!("skipped: needs root, for jails with many ids and groups");
    }
    skip
}

#[rstest]
#[case::id_maps("unprivileged-ids", "uid_map is `0 0 65536`")]
#[case::locked_mounts("read-only-clones", "/usr is not read-only")]
#[case::sealed_submission("sealed-submission", "/submission is not read-only")]
#[case::filter("denied-calls", "a system call that is denied is not refused")]
#[case::descriptors("closed-descriptors", "descriptors of rdgrade's are open")]
#[case::capabilities("bounded-capabilities", "bounding set still has CAP_LINUX_IMMUTABLE")]
#[case::limits_of_processes("process-limit", "RLIMIT_NPROC is not in force")]
#[case::limit_of_memory("memory-limit", "the group's memory.")]
fn a_promise_that_does_not_hold_is_named_and_nothing_is_graded(
    #[case] broken: &str,
    #[case] named: &str,
) {
    if skipped() {
        return;
    }
    let mut command = rdgrade("level01");
    let graded = grade(command.arg("--reference").env("RDGRADE_BREAK", broken));
    if broken == "memory-limit" && graded.code == Some(0) {
        println!("skipped: no cgroup hierarchy with the memory controller is mounted");
        return;
    }
    assert_eq!(graded.code, Some(3), "{graded:#?}");
    assert!(graded.checks.is_empty(), "{graded:#?}");
    let reason = graded.report["not_graded"]["reason"].as_str().unwrap();
    assert!(reason.contains(named), "{reason}");
}

/// Those that a test has switched off openly are not promised.
#[rstest]
#[case("denied-calls")]
#[case("closed-descriptors")]
#[case("process-limit,memory-limit")]
fn what_is_not_promised_is_not_missed(#[case] without: &str) {
    if skipped() {
        return;
    }
    let mut command = rdgrade("level01/sees-the-image");
    let graded = grade(command.arg("--reference").env("RDGRADE_WITHOUT", without));
    graded.assert_all_pass();
}

#[test]
fn a_build_is_not_begun_where_a_promise_does_not_hold() {
    if skipped() {
        return;
    }
    let submission = tempfile::tempdir().unwrap();
    let manifest = "build: [/bin/sh, -c, 'exit 7']\nrun: [/submission/rd, '{command}']\n";
    std::fs::write(submission.path().join("rdgrade.yaml"), manifest).unwrap();
    let mut command = rdgrade("level01/sees-the-image");
    command.arg(submission.path());
    assert_eq!(grade(&mut command).code, Some(1), "the build fails");
    let graded = grade(command.env("RDGRADE_BREAK", "denied-calls"));
    assert_eq!(graded.code, Some(3), "{graded:#?}");
}
