//! The regression suite proves itself: every fault is caught by exactly the checks it names, and forgers earn nothing.

mod support;

use rstest::rstest;
use support::{Graded, rdgrade};

#[rstest]
#[case::level00("level00")]
#[case::level01("level01")]
#[case::level02("level02")]
#[case::level03("level03")]
#[case::level04("level04")]
#[case::level05("level05")]
#[case::level06("level06")]
#[case::level07("level07")]
#[case::level08("level08")]
#[case::level09("level09")]
#[case::level10("level10")]
fn every_fault_fails_exactly_its_checks(#[case] level: &str) {
    if support::skip_unless_root() {
        return;
    }
    // The forger that prints a perfect transcript makes every session wait for a shell that never comes.
    let Graded {
        stdout,
        stderr,
        status,
        ..
    } = rdgrade(["verify", level, "--timeout", "5s"]);
    assert_eq!(status, 0, "{stdout}\n{stderr}");
    insta::assert_snapshot!(format!("{level}_matrix"), stdout);
}

/// The acceptance of the whole suite, from the fixtures alone: what is played is played above, level by level.
#[test]
fn there_are_at_least_seventy_faults_six_a_level_and_forgers_everywhere() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut all = 0;
    for level in 0..=10 {
        let folder = fixtures.join(format!("level{level:02}"));
        let faults = rdgrade::fixture::Faults::load(&folder.join("faults.yaml")).unwrap();
        assert!(
            faults.faults.len() >= 6,
            "{}: {}",
            folder.display(),
            faults.faults.len()
        );
        assert!(
            faults.forgers.len() >= 3,
            "{}: {}",
            folder.display(),
            faults.forgers.len()
        );
        all += faults.faults.len();
    }
    assert!(all >= 70, "{all}");
}
