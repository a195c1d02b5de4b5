use super::*;
use crate::fact::{FactName, Subject};
use crate::level::{ExitExpectation, Expect, Reference, Relation, Rows, TableRelation};
use crate::played::Exit;
use crate::report::Status;
use crate::samples::*;
use alloc::{string::ToString, vec};
use rstest::rstest;

fn bindings() -> Bindings {
    Bindings {
        words: BTreeMap::from([("nonce".to_string(), "5ee7".to_string())]),
        captures: BTreeMap::from([("CONTAINERS".to_string(), "/c".to_string())]),
        file: "level01.yaml".to_string(),
    }
}

/// Plays each step with the given record, its facts answered from `known`.
fn play(check: &Check, known: &[(Subject, FactName, Value)], records: Vec<Played>) -> CheckResult {
    let mut judge = Judge::new(check, bindings());
    judge.record_before(answer(judge.before(), known));
    for (index, mut record) in records.into_iter().enumerate() {
        record.facts = answer(judge.wanted(index), known);
        judge.record(index, record);
    }
    judge.finish()
}

fn asked(judge: &Judge<'_>, index: usize) -> Vec<(Subject, FactName)> {
    judge
        .wanted(index)
        .into_iter()
        .map(|request| (request.subject, request.fact))
        .collect()
}

#[test]
fn exactly_the_facts_that_are_compared_are_asked_for() {
    let host = named("outside", observe(Subject::Host, Expect::default()));
    let lines = |relation| Expect {
        lines: Some(relation),
        ..Expect::default()
    };
    let inside = Step {
        expect: lines(TableRelation {
            same_as: Some(Reference::Of {
                subject: Subject::Container,
                fact: Some(FactName::Mounts),
                field: None,
            }),
            ..TableRelation::default()
        }),
        ..inside("cat /proc/mounts")
    };
    let outside = Step {
        expect: lines(TableRelation {
            has: Some(Rows::Of(by_name("outside", Some(FactName::Mounts)))),
            ..TableRelation::default()
        }),
        ..step(Action::Outside("cat /proc/mounts".into()))
    };
    let check = check(
        "proc-mounts-differ",
        vec![host, start(), inside, contained(), outside],
    );
    let judge = Judge::new(&check, Bindings::default());
    assert_eq!(judge.before(), vec![]);
    assert_eq!(asked(&judge, 0), vec![(Subject::Host, FactName::Mounts)]);
    assert_eq!(asked(&judge, 1), vec![]);
    assert_eq!(
        asked(&judge, 2),
        vec![(Subject::Container, FactName::Mounts)]
    );
    let roots = vec![
        (Subject::Container, FactName::Root),
        (Subject::Host, FactName::Root),
    ];
    assert_eq!(asked(&judge, 3), roots);
    assert_eq!(asked(&judge, 4), vec![]);
    assert_eq!(judge.wanted(9), vec![]);
}

#[test]
fn a_session_is_remembered_as_it_was_when_it_was_named() {
    let second = observe(
        Subject::Session("second".into()),
        value(FactName::Id, differs_from(by_name("first", None))),
    );
    let check = check(
        "fresh-root-every-run",
        vec![
            named("first", start()),
            step(Action::End(0)),
            named("second", start()),
            second,
        ],
    );
    let id = |session: &str, id: &str| {
        (
            Subject::Session(session.into()),
            FactName::Id,
            Value::Text(id.into()),
        )
    };
    let records = || vec![played(""), played(""), played(""), played("")];
    let judge = Judge::new(&check, Bindings::default());
    assert_eq!(
        asked(&judge, 0),
        vec![(Subject::Session("first".into()), FactName::Id)]
    );
    let result = play(&check, &[id("first", "1"), id("second", "2")], records());
    assert_eq!((result.status, result.points), (Status::Pass, 2));
    let result = play(&check, &[id("first", "1"), id("second", "1")], records());
    assert_eq!((result.status, result.points), (Status::Fail, 0));
}

#[test]
fn files_are_asked_for_once_with_captures_filled_in() {
    let both = Expect {
        tables: BTreeMap::from([(
            FactName::Files,
            TableRelation {
                has: Some(Rows::Listed(vec![row(&[("path", "[UPPER]/made-{nonce}")])])),
                lacks: Some(Rows::Listed(vec![row(&[("path", "/old_root")])])),
                ..TableRelation::default()
            },
        )]),
        ..Expect::default()
    };
    let printed = Step {
        expect: snapshot("upper [UPPER]"),
        ..inside("echo")
    };
    let check = check(
        "files",
        vec![start(), printed, observe(Subject::Host, both)],
    );
    let mut judge = Judge::new(&check, bindings());
    assert_eq!(judge.wanted(2)[0].paths, vec!["/old_root"]);
    judge.record(0, played(""));
    judge.record(1, played("upper /c/1/cow_rw"));
    assert_eq!(
        judge.wanted(2)[0].paths,
        vec!["/c/1/cow_rw/made-5ee7", "/old_root"]
    );
}

#[test]
fn orders_are_filled_in() {
    let check = check(
        "orders",
        vec![
            step(Action::Run(vec!["/no/such/{nonce}".into()])),
            inside("touch [CONTAINERS]/x [OTHER]"),
            step(Action::End(3)),
        ],
    );
    let judge = Judge::new(&check, bindings());
    assert_eq!(judge.order(0), Order::Run(vec!["/no/such/5ee7".into()]));
    assert_eq!(judge.order(1), Order::Inside("touch /c/x [OTHER]".into()));
    assert_eq!(judge.order(2), Order::End(3));
    assert_eq!(judge.order(3), Order::Observe);
}

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

#[rstest]
#[case::all([true, true, true], 2)]
#[case::one_of_two([true, true, false], 1)]
#[case::the_ground_gives_way([false, true, true], 0)]
fn steps_earn_their_points_on_firm_ground(#[case] hold: [bool; 3], #[case] points: u32) {
    let expect = || Expect {
        exit: Some(ExitExpectation::Code(0)),
        ..Expect::default()
    };
    let paid = |points| Step {
        points,
        expect: expect(),
        ..inside("true")
    };
    let check = check("partial", vec![paid(None), paid(Some(1)), paid(Some(1))]);
    let records = hold.map(|hold| ended(Exit::Code(u8::from(!hold)))).to_vec();
    let result = play(&check, &[], records);
    assert_eq!(result.points, points);
    assert_eq!(result.status == Status::Pass, points == 2);
}

#[rstest]
#[case::gone(Observed::ContainerGone("gone".into()), Status::Fail)]
#[case::host(Observed::HostCannot("no overlay".into()), Status::Ungradable)]
#[case::ours(Observed::OurBug("EIO".into()), Status::Error)]
fn what_is_not_known_is_a_fail_ungradable_or_an_error(
    #[case] observed: Observed<Value>,
    #[case] status: Status,
) {
    let check = check("unknown", vec![contained()]);
    let mut judge = Judge::new(&check, Bindings::default());
    let facts = judge
        .wanted(0)
        .into_iter()
        .map(|request| (request, observed.clone()))
        .collect();
    judge.record(
        0,
        Played {
            facts,
            ..played("")
        },
    );
    let result = judge.finish();
    assert_eq!((result.status, result.points), (status, 0));
    assert!(!result.reason.is_empty());
}

#[test]
fn a_submission_cannot_turn_its_failure_into_ungradable() {
    let check = check(
        "both",
        vec![
            Step {
                expect: snapshot("wanted"),
                ..inside("echo")
            },
            contained(),
        ],
    );
    let mut judge = Judge::new(&check, Bindings::default());
    judge.record(0, played("other"));
    let cannot = |request| (request, Observed::HostCannot("no".into()));
    let facts = judge.wanted(1).into_iter().map(cannot).collect();
    judge.record(
        1,
        Played {
            facts,
            ..played("")
        },
    );
    assert_eq!(judge.finish().status, Status::Fail);
}

#[rstest]
#[case::ours(Some(Trouble::Ours("fork: EAGAIN".into())))]
#[case::not_handed_in(None)]
fn our_own_faults_are_errors(#[case] trouble: Option<Trouble>) {
    let check = check("ours", vec![start(), contained()]);
    let result = match trouble {
        Some(trouble) => play(
            &check,
            &[],
            vec![
                Played {
                    trouble: Some(trouble),
                    ..played("")
                },
                played(""),
            ],
        ),
        None => play(&check, &[], vec![played("")]),
    };
    assert_eq!((result.status, result.points), (Status::Error, 0));
}

#[test]
fn the_same_before_and_after() {
    let same = TableRelation {
        same_as: Some(Reference::Before),
        ..TableRelation::default()
    };
    let check = check(
        "host-mounts-untouched",
        vec![
            start(),
            observe(Subject::Host, table(FactName::Mounts, same)),
        ],
    );
    let mut judge = Judge::new(&check, Bindings::default());
    let mounts = |targets: &[&str]| {
        let row = |target: &&str| {
            BTreeMap::from([("target".to_string(), Value::Text(target.to_string()))])
        };
        Observed::Known(Value::Table(targets.iter().map(row).collect()))
    };
    let before = judge.before();
    assert_eq!((before.len(), before[0].fact), (1, FactName::Mounts));
    judge.record_before(vec![(before[0].clone(), mounts(&["/"]))]);
    judge.record(0, played(""));
    let request = judge.wanted(1)[0].clone();
    judge.record(
        1,
        Played {
            facts: vec![(request, mounts(&["/", "/proc"]))],
            ..played("")
        },
    );
    let result = judge.finish();
    assert_eq!(
        result.reason,
        "The host's mounts are not the same as before"
    );
    assert_eq!(result.actual, "+ target /proc");
}
