//! What is told of a step that was not as expected.

use super::*;

#[test]
fn a_working_directory_outside_is_shown_with_the_kernels_words() {
    let below = Relation {
        below: Some(Reference::Own(FactName::Root)),
        ..Relation::default()
    };
    let step = Step {
        hint: Some("the step's hint".into()),
        ..observe(Subject::Container, value(FactName::Cwd, below))
    };
    let check = check("working-directory-is-inside", vec![start(), step]);
    let known = [
        (
            Subject::Container,
            FactName::Root,
            place("/c/1/rootfs", 7, &[3, 2]),
        ),
        (
            Subject::Container,
            FactName::Cwd,
            place("/submission", 31, &[2]),
        ),
    ];
    let result = play(&check, &known, vec![played(""), played("")]);
    assert_eq!(result.status, Status::Fail);
    assert_eq!(
        result.reason,
        "Your container's working directory is not at or below its root"
    );
    assert_eq!(
        (result.expected.as_str(), result.actual.as_str()),
        ("at or below /c/1/rootfs", "/submission")
    );
    assert_eq!(
        result.evidence,
        vec!["/proc/PID/cwd = 0:52:31", "/proc/PID/root = 0:52:7"]
    );
    assert_eq!(result.hint, "the step's hint");
    assert_eq!(result.transcript.len(), 2);
    let inside = [
        known[0].clone(),
        (
            Subject::Container,
            FactName::Cwd,
            place("/c/1/rootfs", 7, &[]),
        ),
    ];
    assert_eq!(
        play(&check, &inside, vec![played(""), played("")]).status,
        Status::Pass
    );
}

#[rstest]
#[case(ExitExpectation::Code(0), Exit::Code(0), Exit::Code(1))]
#[case(ExitExpectation::Nonzero, Exit::Code(2), Exit::Code(0))]
#[case(ExitExpectation::Nonzero, Exit::Signal(9), Exit::Code(0))]
#[case(ExitExpectation::Signal("SIGKILL".into()), Exit::Code(137), Exit::Code(9))]
#[case(ExitExpectation::Signal("SIGKILL".into()), Exit::Signal(9), Exit::Signal(15))]
fn exits(#[case] expected: ExitExpectation, #[case] good: Exit, #[case] bad: Exit) {
    let expect = Expect {
        exit: Some(expected),
        ..Expect::default()
    };
    let check = check(
        "exits",
        vec![Step {
            expect,
            ..inside("true")
        }],
    );
    assert_eq!(play(&check, &[], vec![ended(good)]).status, Status::Pass);
    let result = play(&check, &[], vec![ended(bad)]);
    assert_eq!(result.status, Status::Fail);
    assert_ne!(result.expected, result.actual);
}

#[test]
fn every_expectation_of_a_step_is_reported() {
    let expect = Expect {
        exit: Some(ExitExpectation::Code(0)),
        words: Some(has(row(&[("", "bin")]))),
        ..Expect::default()
    };
    let check = check(
        "sees-the-image",
        vec![
            start(),
            Step {
                expect,
                ..inside("ls /")
            },
        ],
    );
    let result = play(
        &check,
        &[],
        vec![
            played(""),
            Played {
                exit: Some(Exit::Code(2)),
                ..played("etc\tusr")
            },
        ],
    );
    assert_eq!(result.findings.len(), 2);
    assert!(
        result
            .findings
            .iter()
            .all(|finding| finding.step == 1 && finding.line == 7)
    );
}

#[test]
fn one_cause_gives_one_finding_and_one_summary() {
    let mut failed = played("Traceback: no chroot\r\n");
    failed.trouble = Some(Trouble::Ended {
        waiting_for: "the shell in the container".into(),
        exit: Exit::Code(1),
    });
    let lost = Played {
        trouble: Some(Trouble::NotPlayed("no session is open".into())),
        ..played("")
    };
    let check = check(
        "announces",
        vec![
            Step {
                expect: snapshot("root: [ROOTFS]\n..."),
                ..start()
            },
            Step {
                expect: Expect {
                    exit: Some(ExitExpectation::Code(0)),
                    ..Expect::default()
                },
                ..inside("ls")
            },
            observe(Subject::Container, value(FactName::Root, is("[ROOTFS]"))),
            contained(),
        ],
    );
    let result = play(
        &check,
        &[],
        vec![failed, lost.clone(), played(""), played("")],
    );
    assert_eq!(result.status, Status::Fail);
    let reasons: Vec<&str> = result
        .findings
        .iter()
        .map(|finding| finding.reason.as_str())
        .collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(
        reasons[0].contains("level01.yaml:7") && reasons[0].contains("the shell in the container")
    );
    assert!(result.findings[0].actual.contains("no chroot"));
    assert_eq!(result.findings[1].expected.lines().count(), 4);
    assert_eq!(
        result.transcript.len(),
        3,
        "a step that was not played leaves no transcript"
    );
}

#[test]
fn a_deadline_says_what_was_waited_for_and_keeps_head_and_tail() {
    let flood: String = (0..1000).map(|number| format!("line {number}\n")).collect();
    let trouble = Trouble::Deadline {
        waiting_for: "the command to end".into(),
        after_ms: 1500,
    };
    let check = check("floods", vec![inside("yes")]);
    let result = play(
        &check,
        &[],
        vec![Played {
            trouble: Some(trouble),
            ..played(&flood)
        }],
    );
    assert!(
        result
            .reason
            .contains("waited 1.5 s for the command to end"),
        "{}",
        result.reason
    );
    assert!(result.actual.contains("line 0\n") && result.actual.ends_with("line 999"));
    assert!(result.actual.lines().count() < 50);
}

#[test]
fn a_capture_that_was_never_printed_passes_nothing() {
    let paid = |points, step| Step {
        points: Some(points),
        ..step
    };
    let check = check(
        "announces-the-root",
        vec![
            paid(
                1,
                Step {
                    expect: snapshot("root: [ROOTFS]"),
                    ..start()
                },
            ),
            paid(
                1,
                observe(Subject::Container, value(FactName::Root, is("[ROOTFS]"))),
            ),
        ],
    );
    let known = [
        (
            Subject::Container,
            FactName::Root,
            place("/c/1/rootfs", 7, &[]),
        ),
        (Subject::Container, FactName::Born, Value::Words(vec![])),
        (Subject::Host, FactName::Root, place("/", 2, &[])),
    ];
    let result = play(&check, &known, vec![played("no such line"), played("")]);
    assert_eq!((result.status, result.points), (Status::Fail, 0));
    let result = play(
        &check,
        &known,
        vec![played("root: /c/1/rootfs"), played("")],
    );
    assert_eq!((result.status, result.points), (Status::Pass, 2));
}

#[test]
fn a_capture_missed_once_may_be_printed_later() {
    let paid = |step| Step {
        points: Some(1),
        ..step
    };
    let reports = || {
        paid(Step {
            expect: snapshot("[PID] exited"),
            ..step(Action::Run(vec![]))
        })
    };
    let check = check("reports", vec![reports(), reports()]);
    let result = play(&check, &[], vec![played(""), played("7 exited")]);
    assert_eq!((result.status, result.points), (Status::Fail, 1));
}

#[test]
fn a_hostile_output_of_a_megabyte_is_judged_like_any_other() {
    let expect = Expect {
        snapshot: Some("...\n[PID] exited".into()),
        words: Some(has(row(&[("", "never[..]")]))),
        lines: Some(lacks(row(&[("", "a[X]a b")]))),
        ..Expect::default()
    };
    let check = check(
        "flood",
        vec![Step {
            expect,
            ..inside("yes")
        }],
    );
    let result = play(&check, &[], vec![played(&"a\n".repeat(1 << 19))]);
    assert_eq!(result.findings.len(), 2);
    assert!(
        result
            .findings
            .iter()
            .all(|finding| finding.actual.len() < 4000)
    );
}
