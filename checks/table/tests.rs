use super::*;
use crate::captures::Captures;
use crate::comparison::{Comparison, Facts, Missing};
use crate::fact::{FactName, Row, Subject};
use crate::level::{Relation, Scalar};
use crate::reference::When;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use rstest::rstest;

struct Host(Value);

impl Facts for Host {
    fn fact(&self, when: &When, _: FactName) -> Result<Value, Missing> {
        match when {
            When::Now(Subject::Host) => Ok(self.0.clone()),
            _ => Err(Missing::Gone(String::from("no container"))),
        }
    }
}

fn mount(target: &str, kind: &str) -> Row {
    let text = |text: &str| Value::Text(String::from(text));
    let line = format!("{kind} {target} {kind} rw 0 0");
    Row::from([
        (String::from("target"), text(target)),
        (String::from("type"), text(kind)),
        (String::from("line"), text(&line)),
    ])
}

fn mounts(targets: &[&str]) -> Value {
    Value::Table(
        targets
            .iter()
            .map(|target| mount(target, "tmpfs"))
            .collect(),
    )
}

fn lines(targets: &[&str]) -> Value {
    let lines = targets
        .iter()
        .map(|target| format!("tmpfs {target} tmpfs rw 0 0"));
    Value::Words(lines.collect())
}

fn is(text: &str) -> Relation {
    Relation {
        is: Some(Scalar::Text(String::from(text))),
        ..Relation::default()
    }
}

fn row(columns: &[(&str, &str)]) -> RowPattern {
    columns
        .iter()
        .map(|(column, text)| (String::from(*column), is(text)))
        .collect()
}

fn host() -> Reference {
    Reference::Of {
        subject: Subject::Host,
        fact: Some(FactName::Mounts),
        field: None,
    }
}

struct Outcome {
    failures: Vec<Failure>,
    missing: Vec<Missing>,
}

fn compare(
    value: &Value,
    relation: &TableRelation,
    host: Value,
    captures: &mut Captures,
) -> Outcome {
    let (host, words, lost) = (Host(host), BTreeMap::new(), BTreeSet::new());
    let mut with = Comparison::new(&host, &words, &lost, captures);
    let subject = Subject::Container;
    let slot = Slot {
        subject: &subject,
        fact: Some(FactName::Mounts),
        part: Part::Whole,
    };
    let failures = check_table(value, relation, slot, None, &mut with);
    Outcome {
        failures,
        missing: with.missing,
    }
}

fn holds(value: &Value, relation: &TableRelation) -> bool {
    let outcome = compare(
        value,
        relation,
        mounts(&["/", "/tmp"]),
        &mut Captures::default(),
    );
    outcome.failures.is_empty() && outcome.missing.is_empty()
}

fn listed(rows: Vec<RowPattern>) -> Option<Rows> {
    Some(Rows::Listed(rows))
}

fn of_host() -> Option<Rows> {
    Some(Rows::Of(host()))
}

#[rstest]
#[case::has(TableRelation { has: listed(vec![row(&[("target", "/tmp"), ("type", "tmpfs")])]), ..Default::default() }, &["/", "/tmp"], &["/"])]
#[case::lacks(TableRelation { lacks: listed(vec![row(&[("target", "/old[..]")])]), ..Default::default() }, &["/"], &["/", "/old_root"])]
#[case::only(TableRelation { only: listed(vec![row(&[("target", "/")]), row(&[("target", "/dev[..]")])]), ..Default::default() }, &["/", "/dev/pts"], &["/", "/proc"])]
#[case::only_none(TableRelation { only: listed(vec![]), ..Default::default() }, &[], &["/"])]
#[case::has_of(TableRelation { has: of_host(), ..Default::default() }, &["/x", "/tmp", "/"], &["/x", "/tmp"])]
#[case::lacks_of(TableRelation { lacks: of_host(), ..Default::default() }, &["/x"], &["/x", "/tmp"])]
#[case::only_of(TableRelation { only: of_host(), ..Default::default() }, &["/tmp"], &["/x", "/tmp"])]
#[case::same_as(TableRelation { same_as: Some(host()), ..Default::default() }, &["/tmp", "/"], &["/tmp", "/", "/"])]
#[case::differs_from(TableRelation { differs_from: Some(host()), ..Default::default() }, &["/tmp"], &["/tmp", "/"])]
#[case::except(TableRelation { same_as: Some(host()), except: vec![row(&[("target", "/c/[..]")])], ..Default::default() }, &["/tmp", "/", "/c/1/proc"], &["/tmp", "/", "/d"])]
fn each_relation_holds_and_fails(
    #[case] relation: TableRelation,
    #[case] good: &[&str],
    #[case] bad: &[&str],
) {
    assert!(holds(&mounts(good), &relation));
    assert!(!holds(&mounts(bad), &relation));
}

#[rstest]
#[case::same_as(TableRelation { same_as: Some(host()), ..Default::default() }, &["/tmp", "/"], &["/tmp"])]
#[case::has(TableRelation { has: of_host(), ..Default::default() }, &["/tmp", "/", "/x"], &["/tmp", "/x"])]
fn printed_lines_compare_with_the_kernels(
    #[case] relation: TableRelation,
    #[case] good: &[&str],
    #[case] bad: &[&str],
) {
    assert!(holds(&lines(good), &relation));
    assert!(!holds(&lines(bad), &relation));
}

#[test]
fn a_difference_is_shown_row_by_row() {
    let relation = TableRelation {
        same_as: Some(host()),
        ..Default::default()
    };
    let outcome = compare(
        &mounts(&["/", "/c/1/proc"]),
        &relation,
        mounts(&["/", "/tmp"]),
        &mut Captures::default(),
    );
    let actual = &outcome.failures[0].actual;
    assert!(
        actual.contains("- tmpfs /tmp tmpfs") && actual.contains("+ tmpfs /c/1/proc tmpfs"),
        "{actual}"
    );
}

#[test]
fn only_a_row_that_fits_binds_captures() {
    let mut captures = Captures::default();
    let wanted = row(&[("target", "/c/[ID]/proc"), ("type", "tmpfs")]);
    let relation = TableRelation {
        has: listed(vec![wanted]),
        ..Default::default()
    };
    let mut table = vec![mount("/c/1/proc", "proc"), mount("/c/2/proc", "tmpfs")];
    let outcome = compare(
        &Value::Table(table.clone()),
        &relation,
        mounts(&[]),
        &mut captures,
    );
    assert!(outcome.failures.is_empty());
    assert_eq!(captures.get("ID"), Some("2"));
    table.pop();
    let outcome = compare(&Value::Table(table), &relation, mounts(&[]), &mut captures);
    assert_eq!(outcome.failures.len(), 1);
}

#[test]
fn an_unknown_other_side_is_missing_and_not_different() {
    let gone = Reference::Of {
        subject: Subject::Image,
        fact: Some(FactName::Top),
        field: None,
    };
    for relation in [
        TableRelation {
            has: Some(Rows::Of(gone.clone())),
            ..Default::default()
        },
        TableRelation {
            lacks: Some(Rows::Of(gone.clone())),
            ..Default::default()
        },
        TableRelation {
            differs_from: Some(gone),
            ..Default::default()
        },
    ] {
        let outcome = compare(
            &mounts(&["/"]),
            &relation,
            mounts(&[]),
            &mut Captures::default(),
        );
        assert!(outcome.failures.is_empty());
        assert_eq!(
            outcome.missing,
            vec![Missing::Gone(String::from("no container"))]
        );
    }
}
