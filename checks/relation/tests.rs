use super::*;
use crate::captures::Captures;
use crate::comparison::{Facts, Missing};
use crate::fact::FileId;
use alloc::collections::{BTreeMap, BTreeSet};
use rstest::rstest;

/// The host's root is inode 2; directories below CONTAINERS appeared with this run.
struct World;

impl Facts for World {
    fn fact(&self, when: &When, fact: FactName) -> Result<Value, Missing> {
        match (when, fact) {
            (When::Now(Subject::Host), FactName::Root) => Ok(place("/", 2, &[])),
            (When::Now(Subject::Container), FactName::Root) => Ok(place("/c/1/rootfs", 7, &[])),
            (_, FactName::Born) => Ok(Value::Words(vec![
                String::from("/c/1"),
                String::from("/c/1/rootfs"),
            ])),
            (When::Before(_), FactName::Digest) => Ok(Value::Text(String::from("abc"))),
            _ => Err(Missing::Gone(String::from("nobody"))),
        }
    }
}

fn place(path: &str, inode: u64, ancestors: &[u64]) -> Value {
    let file = |inode: &u64| FileId {
        major: 0,
        minor: 52,
        inode: *inode,
    };
    Value::Place(Place {
        path: String::from(path),
        file: file(&inode),
        ancestors: ancestors.iter().map(file).collect(),
    })
}

fn text(text: &str) -> Value {
    Value::Text(String::from(text))
}

fn words(words: &[&str]) -> Value {
    Value::Words(words.iter().map(|word| String::from(*word)).collect())
}

fn is(wanted: &str) -> Relation {
    Relation {
        is: Some(Scalar::Text(String::from(wanted))),
        ..Relation::default()
    }
}

fn holds_with(fact: FactName, value: &Value, relation: &Relation, captures: &mut Captures) -> bool {
    let (given, lost) = (
        BTreeMap::from([(String::from("nonce"), String::from("[X]"))]),
        BTreeSet::new(),
    );
    let mut with = Comparison::new(&World, &given, &lost, captures);
    let subject = Subject::Container;
    let slot = Slot {
        subject: &subject,
        fact: Some(fact),
        part: Part::Whole,
    };
    check(value, relation, slot, &mut with).is_empty() && with.missing.is_empty()
}

fn holds(fact: FactName, value: &Value, relation: &Relation) -> bool {
    holds_with(fact, value, relation, &mut Captures::default())
}

#[rstest]
#[case::number(Value::Number(1), is("1"), true)]
#[case::size(Value::Number(64 << 20), is("64m"), true)]
#[case::another_size(Value::Number(64 << 20), is("65m"), false)]
#[case::pattern(text("/sys/rubber_docker/1"), is("[..]/rubber_docker/[ID]"), true)]
#[case::text_is_not_a_prefix(text("overlay2"), is("overlay"), false)]
#[case::words_are_literal(text("a[X]"), is("a{nonce}"), true)]
#[case::and_no_wildcard(text("ab"), is("a{nonce}"), false)]
#[case::list(words(&["/bin/echo", ""]), Relation { is: Some(Scalar::List(vec![String::from("/bin/echo"), String::new()])), ..Relation::default() }, true)]
#[case::shorter_list(words(&["/bin/echo"]), Relation { is: Some(Scalar::List(vec![String::from("/bin/echo"), String::new()])), ..Relation::default() }, false)]
#[case::is_not(Value::Number(0), Relation { is_not: Some(Scalar::Number(0)), ..Relation::default() }, false)]
#[case::is_not_other(Value::Number(5), Relation { is_not: Some(Scalar::Number(0)), ..Relation::default() }, true)]
#[case::at_least(Value::Number(1), Relation { at_least: Some(1), ..Relation::default() }, true)]
#[case::too_few(Value::Number(0), Relation { at_least: Some(1), ..Relation::default() }, false)]
#[case::row_is_nothing(Value::Table(Vec::new()), is("[..]"), false)]
fn plain_values(#[case] value: Value, #[case] relation: Relation, #[case] expected: bool) {
    assert_eq!(holds(FactName::Id, &value, &relation), expected);
}

fn below(reference: Reference) -> Relation {
    Relation {
        below: Some(reference),
        ..Relation::default()
    }
}

fn host() -> Reference {
    Reference::Of {
        subject: Subject::Host,
        fact: None,
        field: None,
    }
}

#[rstest]
#[case::itself(place("/c/1/rootfs", 7, &[]), below(Reference::Own(FactName::Root)), true)]
#[case::child(place("/c/1/rootfs/tmp", 8, &[7]), below(Reference::Own(FactName::Root)), true)]
#[case::outside(place("/submission", 9, &[2]), below(Reference::Own(FactName::Root)), false)]
#[case::by_name_only(place("/c/1/rootfs", 9, &[2]), below(Reference::Own(FactName::Root)), false)]
#[case::differs(place("/c/1/rootfs", 7, &[]), Relation { differs_from: Some(host()), ..Relation::default() }, true)]
#[case::the_hosts_by_another_name(place("/x", 2, &[]), Relation { differs_from: Some(host()), ..Relation::default() }, false)]
#[case::path(text("/c/1/proc"), below(Reference::Text(String::from("/c"))), true)]
#[case::components(text("/cc/1"), below(Reference::Text(String::from("/c/"))), false)]
#[case::before(text("abc"), Relation { same_as: Some(Reference::Of { subject: Subject::Image, fact: Some(FactName::Digest), field: None }), ..Relation::default() }, false)]
fn compared_values(#[case] value: Value, #[case] relation: Relation, #[case] expected: bool) {
    assert_eq!(holds(FactName::Root, &value, &relation), expected);
}

#[rstest]
#[case("abc", true)]
#[case("abd", false)]
fn a_value_before(#[case] digest: &str, #[case] expected: bool) {
    let relation = Relation {
        same_as: Some(Reference::Before),
        ..Relation::default()
    };
    assert_eq!(holds(FactName::Digest, &text(digest), &relation), expected);
}

#[rstest]
#[case::chrooted("/c/1/rootfs", 7, "/c/1/rootfs", true)]
#[case::slash_at_the_end("/c/1/rootfs", 7, "/c/1/rootfs/", true)]
#[case::lied("/c/1/rootfs", 7, "/c/2/rootfs", false)]
#[case::pivoted("/", 7, "/c/1/rootfs", true)]
#[case::pivoted_and_lied("/", 7, "/c/2/rootfs", false)]
#[case::pivoted_and_named_the_parent("/", 7, "/c/1", false)]
#[case::not_contained("/", 2, "/c/1/rootfs", false)]
fn the_root_is_called_by_what_was_announced(
    #[case] path: &str,
    #[case] inode: u64,
    #[case] announced: &str,
    #[case] expected: bool,
) {
    let mut captures = Captures::default();
    captures.bind("ROOTFS", announced);
    let root = place(path, inode, &[]);
    assert_eq!(
        holds_with(FactName::Root, &root, &is("[ROOTFS]"), &mut captures),
        expected
    );
}

#[test]
fn a_fact_binds_a_capture_for_others() {
    let mut captures = Captures::default();
    assert!(holds_with(
        FactName::Id,
        &text("5abb"),
        &is("[ID]"),
        &mut captures
    ));
    assert!(holds_with(
        FactName::Hostname,
        &text("5abb"),
        &is("[ID]"),
        &mut captures
    ));
    assert!(!holds_with(
        FactName::Hostname,
        &text("host"),
        &is("[ID]"),
        &mut captures
    ));
}

#[test]
fn a_refused_pattern_binds_nothing() {
    let mut captures = Captures::default();
    let relation = Relation {
        is_not: Some(Scalar::Text(String::from("[ID]"))),
        ..Relation::default()
    };
    assert!(!holds_with(
        FactName::Id,
        &text("5abb"),
        &relation,
        &mut captures
    ));
    assert_eq!(captures.get("ID"), None);
}

#[rstest]
#[case::weight_that_stands_for_them(FactName::CpuGroup, "shares", 512, true)]
#[case::other_shares(FactName::CpuGroup, "shares", 256, false)]
#[case::words_of_another_field(FactName::CpuGroup, "path", 512, false)]
#[case::words_of_another_fact(FactName::MemoryGroup, "shares", 512, false)]
fn only_shares_are_compared_by_what_a_weight_stands_for(
    #[case] fact: FactName,
    #[case] field: &str,
    #[case] wanted: u64,
    #[case] expected: bool,
) {
    let (nothing, lost) = (BTreeMap::new(), BTreeSet::new());
    let mut captures = Captures::default();
    let mut with = Comparison::new(&World, &nothing, &lost, &mut captures);
    let subject = Subject::Container;
    let slot = Slot {
        subject: &subject,
        fact: Some(fact),
        part: Part::Field(field),
    };
    let relation = Relation {
        is: Some(Scalar::Number(wanted)),
        ..Relation::default()
    };
    let failures = check(&words(&["10..12", "500..526"]), &relation, slot, &mut with);
    assert_eq!(failures.is_empty(), expected, "{failures:?}");
}
