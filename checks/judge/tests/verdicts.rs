//! Points and statuses.

use super::*;

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
