//! A fork bomb gets its verdict, and nobody else suffers. In a file of its own: files are run one after another, and a bomb
//! takes the processors from tests that look at the clock.

#[path = "support/graded.rs"]
mod graded;
#[path = "support/programs.rs"]
mod programs;

use graded::{grade, rdgrade};
use programs::{Moment, misbehaving};

#[test]
fn a_fork_bomb_is_bounded_and_named_with_its_step() {
    // A shell that cannot fork gives up; this one has forked before there is need, and goes on.
    let bomb = "echo early; bomb() { bomb & bomb; }; bomb & while :; do :; done";
    for moment in [Moment::First, Moment::Inside] {
        let submission = misbehaving(moment, bomb);
        let graded = grade(
            rdgrade("level01")
                .args(["--timeout", "3s", "--jobs", "1"])
                .arg(submission.path()),
        );
        assert_eq!(graded.checks.len(), 10, "{graded:#?}");
        for (id, checked) in &graded.checks {
            let check = graded.check(id);
            if id != moment.check() {
                assert_eq!(checked.status, "pass", "{id}: {check:#}");
                continue;
            }
            assert_eq!(checked.status, "fail", "{check:#}");
            assert!(
                check["reason"].as_str().unwrap().contains(&moment.place()),
                "{check:#}"
            );
            assert!(
                check["actual"].as_str().unwrap().contains("early"),
                "{check:#}"
            );
            // A second, and as much again for what a thousand processes take to die on a slow machine.
            assert!(check["duration_ms"].as_u64().unwrap() < 5_000, "{check:#}");
        }
    }
}
