use super::*;
use crate::fact::{FactName, Subject};
use crate::level::Step;
use crate::samples::*;
use alloc::vec;
use rstest::rstest;

/// `root` shows a container; `absence` rests on it alone; `own` needs it and has evidence of its own.
fn sample() -> Level {
    let absence = || {
        observe(
            Subject::Host,
            table(FactName::Files, lacks(row(&[("path", "/test")]))),
        )
    };
    let needing = |id: &str, needs: &str, steps: Vec<Step>| Check {
        needs: vec![needs.into()],
        ..check(id, steps)
    };
    level(vec![
        check("root", vec![start(), contained()]),
        needing("absence", "root", vec![start(), absence()]),
        needing("own", "root", vec![start(), contained()]),
        needing("after", "own", vec![start(), contained()]),
        Check {
            bonus: true,
            ..check("extra", vec![start(), contained()])
        },
    ])
}

fn result(id: &str, status: Status) -> CheckResult {
    CheckResult {
        id: id.into(),
        title: String::new(),
        status,
        points: if status == Status::Pass { 2 } else { 0 },
        max_points: 2,
        bonus: id == "extra",
        reason: String::from("because"),
        expected: String::new(),
        actual: String::new(),
        evidence: Vec::new(),
        findings: Vec::new(),
        credits: Vec::new(),
        blocked_by: Vec::new(),
        hint: String::new(),
        link: String::new(),
        duration_ms: 0,
        transcript: Vec::new(),
    }
}

use Status::{Blocked, Error, Fail, Pass, Ungradable};

#[rstest]
#[case::all([Pass, Pass, Pass, Pass, Pass], [Pass, Pass, Pass, Pass, Pass], 10, 8)]
#[case::absence_alone([Fail, Pass, Pass, Pass, Fail], [Fail, Blocked, Pass, Pass, Fail], 4, 8)]
#[case::direct([Fail, Fail, Fail, Pass, Pass], [Fail, Blocked, Blocked, Pass, Pass], 4, 8)]
#[case::transitive([Fail, Pass, Pass, Fail, Pass], [Fail, Blocked, Pass, Blocked, Pass], 4, 8)]
#[case::fails_alone([Pass, Fail, Pass, Pass, Pass], [Pass, Fail, Pass, Pass, Pass], 8, 8)]
#[case::ungradable([Ungradable, Pass, Pass, Fail, Pass], [Ungradable, Ungradable, Pass, Fail, Pass], 4, 4)]
#[case::error([Error, Pass, Pass, Pass, Pass], [Error, Error, Pass, Pass, Pass], 6, 4)]
fn needs_explain_and_do_not_punish(
    #[case] played: [Status; 5],
    #[case] settled: [Status; 5],
    #[case] score: u32,
    #[case] maximum: u32,
) {
    let level = sample();
    let ids = ["root", "absence", "own", "after", "extra"];
    let results = ids
        .iter()
        .zip(played)
        .map(|(id, status)| result(id, status))
        .collect();
    let level = settle(&level, results);
    let statuses: Vec<Status> = level.checks.iter().map(|check| check.status).collect();
    assert_eq!(statuses, settled);
    assert_eq!((level.score, level.max_score), (score, maximum));
    for check in &level.checks {
        assert_eq!(
            check.status == Blocked,
            check.status == Blocked && !check.blocked_by.is_empty()
        );
        assert!(check.status == Pass || !check.reason.is_empty());
    }
}

#[test]
fn a_need_that_was_not_played_decides_nothing() {
    let settled = settle(&sample(), vec![result("absence", Pass)]);
    assert_eq!((settled.checks[0].status, settled.score), (Pass, 2));
}

#[test]
fn a_cycle_ends() {
    let mut level = sample();
    level.checks[0].needs = vec!["after".into()];
    let results = vec![
        result("root", Fail),
        result("own", Fail),
        result("after", Fail),
    ];
    let settled = settle(&level, results);
    assert!(
        settled
            .checks
            .iter()
            .all(|check| !check.blocked_by.contains(&check.id))
    );
}

#[rstest]
#[case(Score { points: 9, maximum: 10 }, Some(90))]
#[case(Score { points: 2, maximum: 3 }, Some(66))]
#[case(Score { points: 0, maximum: 0 }, None)]
#[case(Score { points: u32::MAX, maximum: 1 }, Some(u32::MAX))]
fn nothing_graded_is_no_score(#[case] score: Score, #[case] percent: Option<u32>) {
    assert_eq!(score.percent(), percent);
}
