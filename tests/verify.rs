//! The regression suite proves itself: every fault is caught by exactly the checks it names, and forgers earn nothing.

mod support;

use rstest::rstest;
use support::{Graded, rdgrade};

#[rstest]
#[case::level01("level01")]
fn every_fault_fails_exactly_its_checks(#[case] level: &str) {
    if support::skip_unless_root() {
        return;
    }
    // The forger that prints a perfect transcript makes every session wait for a shell that never comes.
    let Graded { stdout, stderr, status, .. } = rdgrade(["verify", level, "--timeout", "5s"]);
    assert_eq!(status, 0, "{stdout}\n{stderr}");
    insta::assert_snapshot!(format!("{level}_matrix"), stdout);
}
