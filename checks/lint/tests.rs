use super::*;
use crate::fact::{FactName, Subject};
use crate::level::{
    Action, Check, ExitExpectation, Expect, Reference, Relation, Rows, Step, TableRelation,
};
use crate::samples::*;
use alloc::{format, vec};
use rstest::rstest;

fn sound() -> Check {
    check("sees-the-image", vec![start(), contained()])
}

fn spelled(problem: &Problem) -> String {
    let mut path = String::new();
    for part in &problem.path {
        match part {
            PathPart::Key(key) if path.is_empty() => path.push_str(key),
            PathPart::Key(key) => path.push_str(&format!(".{key}")),
            PathPart::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

fn places(checks: Vec<Check>) -> Vec<String> {
    lint(&level(checks)).iter().map(spelled).collect()
}

#[test]
fn a_sound_level_has_no_problems() {
    assert_eq!(lint(&level(vec![sound()])), vec![]);
}

#[rstest]
#[case::no_title(Check { title: "".into(), ..sound() }, "checks[0].title")]
#[case::no_hint(Check { hint: " ".into(), ..sound() }, "checks[0].hint")]
#[case::no_link(Check { link: "".into(), ..sound() }, "checks[0].link")]
#[case::bad_link(Check { link: "man 2 chroot".into(), ..sound() }, "checks[0].link")]
#[case::bad_id(Check { id: "Sees".into(), ..sound() }, "checks[0].id")]
#[case::no_points(Check { points: 0, ..sound() }, "checks[0].points")]
#[case::unknown_need(Check { needs: vec!["nothing".into()], ..sound() }, "checks[0].needs[0]")]
#[case::own_need(Check { needs: vec!["sees-the-image".into()], ..sound() }, "checks[0].needs[0]")]
fn checks(#[case] check: Check, #[case] place: &str) {
    assert_eq!(places(vec![check]), vec![place]);
}

#[test]
fn no_steps_and_no_checks() {
    assert_eq!(places(vec![]), vec!["checks"]);
    assert!(places(vec![check("empty", vec![])]).contains(&"checks[0].scenario".into()));
}

#[test]
fn points_that_do_not_add_up() {
    let paid = Step {
        points: Some(1),
        ..contained()
    };
    assert_eq!(
        places(vec![check("paid", vec![start(), paid])]),
        vec!["checks[0].points"]
    );
}

#[test]
fn ids_and_needs_among_checks() {
    let needing = |id: &str, need: &str| Check {
        id: id.into(),
        needs: vec![need.into()],
        ..sound()
    };
    assert_eq!(places(vec![sound(), sound()]), vec!["checks[1].id"]);
    let cycle = places(vec![
        needing("a", "b"),
        needing("b", "c"),
        needing("c", "a"),
    ]);
    assert_eq!(
        cycle,
        vec![
            "checks[0].needs[0]",
            "checks[1].needs[0]",
            "checks[2].needs[0]"
        ]
    );
}

fn step_with(expect: Expect) -> Vec<Step> {
    vec![
        start(),
        contained(),
        Step {
            expect,
            ..inside("ls")
        },
    ]
}

fn words(relation: TableRelation) -> Expect {
    Expect {
        words: Some(relation),
        ..Expect::default()
    }
}

fn facts(fact: FactName, relation: TableRelation) -> Vec<Step> {
    vec![
        start(),
        contained(),
        observe(Subject::Container, table(fact, relation)),
    ]
}

#[rstest]
#[case::snapshot(
    step_with(snapshot("one\ntwo [ROOTFS")),
    "checks[0].scenario[2].expect.snapshot",
    Some(8)
)]
#[case::words(step_with(words(has(row(&[("", "[ERROR EFOO]")])))), "checks[0].scenario[2].expect.words.has[0].is", Some(0))]
#[case::signal(step_with(Expect { exit: Some(ExitExpectation::Signal("SIGFOO".into())), ..Expect::default() }), "checks[0].scenario[2].expect.exit", None)]
#[case::inside_first(vec![inside("ls"), start(), contained()], "checks[0].scenario[0].inside", None)]
#[case::unknown_session(vec![start(), contained(), Step { session: Some("first".into()), ..inside("ls") }], "checks[0].scenario[2].in", None)]
#[case::unknown_subject(vec![start(), contained(), observe(Subject::Session("x".into()), value(FactName::Id, is("1")))], "checks[0].scenario[2].observe", None)]
#[case::name_of_nothing(vec![start(), contained(), named("x", inside("ls"))], "checks[0].scenario[2].as", None)]
#[case::name_twice(vec![named("x", start()), contained(), named("x", start())], "checks[0].scenario[2].as", None)]
#[case::name_taken(vec![named("host", start()), contained()], "checks[0].scenario[0].as", None)]
#[case::unknown_reference(vec![start(), contained(), observe(Subject::Container, value(FactName::Id, differs_from(by_name("first", None))))], "checks[0].scenario[2].expect.id.differs-from", None)]
#[case::before_of_a_container(vec![start(), contained(), observe(Subject::Container, value(FactName::Id, differs_from(Reference::Before)))], "checks[0].scenario[2].expect.id.differs-from", None)]
#[case::no_fact_named(step_with(words(TableRelation { has: Some(Rows::Of(of(Subject::Image))), ..TableRelation::default() })), "checks[0].scenario[2].expect.words.has", None)]
#[case::unknown_column(facts(FactName::Mounts, has(row(&[("mountpoint", "/")]))), "checks[0].scenario[2].expect.mounts.has[0].mountpoint", None)]
#[case::no_path(facts(FactName::Files, has(row(&[("type", "file")]))), "checks[0].scenario[2].expect.files.has[0]", None)]
#[case::wild_path(facts(FactName::Files, has(row(&[("path", "/[..]")]))), "checks[0].scenario[2].expect.files.has[0].path", None)]
#[case::no_relation(
    facts(FactName::Mounts, TableRelation::default()),
    "checks[0].scenario[2].expect.mounts",
    None
)]
#[case::fact_of_a_command(vec![start(), contained(), Step { expect: value(FactName::Id, is("1")), ..inside("ls") }], "checks[0].scenario[2].expect.id", None)]
#[case::output_of_an_observation(vec![start(), contained(), observe(Subject::Host, snapshot("x"))], "checks[0].scenario[2].expect.snapshot", None)]
#[case::empty_relation(vec![start(), contained(), observe(Subject::Container, value(FactName::Id, Relation::default()))], "checks[0].scenario[2].expect.id", None)]
fn scenarios(#[case] scenario: Vec<Step>, #[case] place: &str, #[case] column: Option<usize>) {
    let problems = lint(&level(vec![check("id", scenario)]));
    let found: Vec<String> = problems.iter().map(spelled).collect();
    assert_eq!(found, vec![place], "{problems:?}");
    assert_eq!(problems[0].column, column);
    assert!(!problems[0].message.is_empty() && !problems[0].remedy.is_empty());
}

fn step_of(subject: Subject, expect: Expect) -> Check {
    check("asked", vec![start(), observe(subject, expect)])
}

#[rstest]
#[case::root(sound(), true)]
#[case::rows(step_of(Subject::Container, table(FactName::Mounts, has(row(&[("target", "/proc")])))), true)]
#[case::execs(step_of(Subject::Submission, table(FactName::Execs, has(row(&[("error", "ENOENT")])))), true)]
#[case::session(step_of(Subject::Session("x".into()), value(FactName::Pid, is("1"))), true)]
#[case::host(step_of(Subject::Host, table(FactName::Mounts, has(row(&[("target", "/")])))), false)]
#[case::image(step_of(Subject::Image, value(FactName::Digest, is("1"))), false)]
#[case::absence(step_of(Subject::Container, table(FactName::Files, lacks(row(&[("path", "/x")])))), false)]
#[case::no_orphans(step_of(Subject::Submission, table(FactName::Orphans, TableRelation { only: Some(Rows::Listed(vec![])), ..TableRelation::default() })), false)]
#[case::printed(check("printed", step_with(snapshot("x"))[..1].to_vec()), false)]
#[case::run(check("run", vec![Step { expect: snapshot("hello"), ..step(Action::Run(vec![])) }]), false)]
fn positive_evidence(#[case] check: Check, #[case] expected: bool) {
    assert_eq!(has_positive_evidence(&check), expected);
}

#[test]
fn an_absence_alone_has_to_need_evidence() {
    let absence = |needs: &[&str]| Check {
        id: "absence".into(),
        needs: needs.iter().map(|need| String::from(*need)).collect(),
        ..step_of(
            Subject::Host,
            table(FactName::Files, lacks(row(&[("path", "/test")]))),
        )
    };
    let between = |need: &str| Check {
        id: "between".into(),
        ..absence(&[need])
    };
    assert_eq!(places(vec![sound(), absence(&[])]), vec!["checks[1]"]);
    assert_eq!(
        places(vec![sound(), absence(&["sees-the-image"])]),
        Vec::<String>::new()
    );
    let chain = vec![sound(), between("sees-the-image"), absence(&["between"])];
    assert_eq!(places(chain), Vec::<String>::new());
}
