//! What the runner is asked to do, and which facts to take.

use super::*;

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
