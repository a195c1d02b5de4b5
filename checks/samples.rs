//! Levels, steps and records for tests, with everything in them that a test does not care about.

use crate::fact::{FactName, FileId, Place, Request, Subject, Value};
use crate::level::{
    Action, Check, Expect, Level, Reference, Relation, RowPattern, Rows, Scalar, Step,
    TableRelation,
};
use crate::observed::Observed;
use crate::played::{Exit, Output, Played};
use alloc::collections::BTreeMap;
use alloc::{string::String, vec, vec::Vec};

pub fn level(checks: Vec<Check>) -> Level {
    Level {
        level: "level01".into(),
        title: "chroot".into(),
        goal: "Jail a process.".into(),
        limits: Default::default(),
        checks,
    }
}

/// Worth two points; passes when nothing fails.
pub fn check(id: &str, scenario: Vec<Step>) -> Check {
    Check {
        id: id.into(),
        title: "It holds".into(),
        points: 2,
        needs: Vec::new(),
        requires: Vec::new(),
        bonus: false,
        limits: Default::default(),
        images: BTreeMap::new(),
        scenario,
        hint: "the check's hint".into(),
        link: "https://man7.org/linux/man-pages/man2/chroot.2.html".into(),
    }
}

pub fn step(action: Action) -> Step {
    Step {
        action,
        name: None,
        session: None,
        options: BTreeMap::new(),
        images: BTreeMap::new(),
        within_ms: None,
        points: None,
        hint: None,
        expect: Expect::default(),
        line: 7,
    }
}

pub fn start() -> Step {
    step(Action::Start(vec!["/bin/bash".into()]))
}

pub fn inside(command: &str) -> Step {
    step(Action::Inside(command.into()))
}

pub fn observe(subject: Subject, expect: Expect) -> Step {
    Step {
        expect,
        ..step(Action::Observe(subject))
    }
}

pub fn named(name: &str, step: Step) -> Step {
    Step {
        name: Some(name.into()),
        ..step
    }
}

/// Expects `relation` of a fact with one value.
pub fn value(fact: FactName, relation: Relation) -> Expect {
    Expect {
        values: BTreeMap::from([(fact, relation)]),
        ..Expect::default()
    }
}

/// Expects `relation` of a fact that is a table.
pub fn table(fact: FactName, relation: TableRelation) -> Expect {
    Expect {
        tables: BTreeMap::from([(fact, relation)]),
        ..Expect::default()
    }
}

pub fn snapshot(text: &str) -> Expect {
    Expect {
        snapshot: Some(text.into()),
        ..Expect::default()
    }
}

pub fn is(text: &str) -> Relation {
    Relation {
        is: Some(Scalar::Text(text.into())),
        ..Relation::default()
    }
}

pub fn differs_from(reference: Reference) -> Relation {
    Relation {
        differs_from: Some(reference),
        ..Relation::default()
    }
}

pub fn of(subject: Subject) -> Reference {
    Reference::Of {
        subject,
        fact: None,
        field: None,
    }
}

pub fn by_name(name: &str, fact: Option<FactName>) -> Reference {
    Reference::Named {
        name: name.into(),
        fact,
        field: None,
    }
}

pub fn row(columns: &[(&str, &str)]) -> RowPattern {
    columns
        .iter()
        .map(|(column, text)| (String::from(*column), is(text)))
        .collect()
}

pub fn has(row: RowPattern) -> TableRelation {
    TableRelation {
        has: Some(Rows::Listed(vec![row])),
        ..TableRelation::default()
    }
}

pub fn lacks(row: RowPattern) -> TableRelation {
    TableRelation {
        lacks: Some(Rows::Listed(vec![row])),
        ..TableRelation::default()
    }
}

/// `root: {differs-from: host}`: what a container shows and nothing else.
pub fn contained() -> Step {
    observe(
        Subject::Container,
        value(FactName::Root, differs_from(of(Subject::Host))),
    )
}

pub fn place(path: &str, inode: u64, ancestors: &[u64]) -> Value {
    let file = |inode: &u64| FileId {
        major: 0,
        minor: 52,
        inode: *inode,
    };
    let ancestors = ancestors.iter().map(file).collect();
    Value::Place(Place {
        path: path.into(),
        file: file(&inode),
        ancestors,
    })
}

pub fn played(output: &str) -> Played {
    Played {
        input: String::new(),
        output: Output {
            text: output.into(),
            cut: 0,
        },
        exit: None,
        trouble: None,
        facts: Vec::new(),
        duration_ms: 3,
    }
}

pub fn ended(exit: Exit) -> Played {
    Played {
        exit: Some(exit),
        ..played("")
    }
}

/// Answers each of `requests` from `known`, and the rest with "nobody there".
pub fn answer(
    requests: Vec<Request>,
    known: &[(Subject, FactName, Value)],
) -> Vec<(Request, Observed<Value>)> {
    let find = |request: &Request| {
        let found = known
            .iter()
            .find(|(subject, fact, _)| *subject == request.subject && *fact == request.fact);
        match found {
            Some((_, _, value)) => Observed::Known(value.clone()),
            None => Observed::ContainerGone("no process ever executed /bin/bash".into()),
        }
    };
    requests
        .into_iter()
        .map(|request| (request.clone(), find(&request)))
        .collect()
}
