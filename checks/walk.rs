//! Everything an expectation refers to, with the place where it stands.

use crate::fact::{FactName, Subject};
use crate::level::{
    Action, Expect, Field, Reference, Relation, RowPattern, Rows, Scalar, Step, TableRelation,
};
use crate::lint::PathPart;
use crate::reference::{Part, Slot};
use alloc::{vec, vec::Vec};

/// Whom a step is about.
pub(crate) fn subject(step: &Step) -> Subject {
    let session = || {
        step.session
            .clone()
            .map_or(Subject::Container, Subject::Session)
    };
    match &step.action {
        Action::Run(_) | Action::Start(_) | Action::End(_) => Subject::Submission,
        Action::Inside(_) => session(),
        Action::Outside(_) => Subject::Host,
        Action::Observe(Subject::Container) => session(),
        Action::Observe(subject) => subject.clone(),
    }
}

/// A place in an [`Expect`], its path as the level file spells it.
pub(crate) enum Place<'e> {
    /// One value's relation.
    Relation(&'e Relation),
    /// A table's relation.
    Table(&'e TableRelation),
    /// A row that a table's relation spells out.
    Row(&'e RowPattern),
    /// A reference.
    Reference(&'e Reference),
}

/// Calls `visit` with everything in `expect`: where it stands, what it is, its path below `expect`.
pub(crate) fn walk<'e>(
    expect: &'e Expect,
    subject: &'e Subject,
    visit: &mut dyn FnMut(Slot<'e>, Place<'e>, &[PathPart]),
) {
    let slot = |fact, part| Slot {
        subject,
        fact,
        part,
    };
    for (name, table) in [("words", &expect.words), ("lines", &expect.lines)] {
        if let Some(relation) = table {
            walk_table(
                relation,
                slot(None, Part::Whole),
                vec![PathPart::key(name)],
                visit,
            );
        }
    }
    for (fact, relation) in &expect.values {
        let path = vec![PathPart::key(fact.name())];
        walk_relation(relation, slot(Some(*fact), Part::Whole), path, visit);
    }
    for (fact, fields) in &expect.records {
        for (field, relation) in fields {
            let path = vec![PathPart::key(fact.name()), PathPart::key(field)];
            let slot = slot(Some(*fact), Part::Field(field));
            match relation {
                Field::Value(relation) => walk_relation(relation, slot, path, visit),
                Field::Table(relation) => walk_table(relation, slot, path, visit),
            }
        }
    }
    for (fact, relation) in &expect.tables {
        let path = vec![PathPart::key(fact.name())];
        walk_table(relation, slot(Some(*fact), Part::Whole), path, visit);
    }
}

fn walk_relation<'e>(
    relation: &'e Relation,
    slot: Slot<'e>,
    path: Vec<PathPart>,
    visit: &mut dyn FnMut(Slot<'e>, Place<'e>, &[PathPart]),
) {
    visit(slot, Place::Relation(relation), &path);
    for (name, reference) in [
        ("same-as", &relation.same_as),
        ("differs-from", &relation.differs_from),
        ("below", &relation.below),
    ] {
        if let Some(reference) = reference {
            visit(slot, Place::Reference(reference), &join(&path, name));
        }
    }
}

fn walk_table<'e>(
    relation: &'e TableRelation,
    slot: Slot<'e>,
    path: Vec<PathPart>,
    visit: &mut dyn FnMut(Slot<'e>, Place<'e>, &[PathPart]),
) {
    visit(slot, Place::Table(relation), &path);
    let mut rows = |rows: &'e [RowPattern], path: &[PathPart]| {
        for (index, row) in rows.iter().enumerate() {
            let mut path = path.to_vec();
            path.push(PathPart::Index(index));
            visit(slot, Place::Row(row), &path);
            for (column, relation) in row {
                let mut path = path.clone();
                if !column.is_empty() {
                    path.push(PathPart::key(column));
                }
                let slot = Slot {
                    part: Part::Column(column),
                    ..slot
                };
                walk_relation(relation, slot, path, visit);
            }
        }
    };
    rows(&relation.except, &join(&path, "except"));
    let mut references: Vec<(&str, &'e Reference)> = Vec::new();
    for (name, listed) in [
        ("has", &relation.has),
        ("lacks", &relation.lacks),
        ("only", &relation.only),
    ] {
        match listed {
            Some(Rows::Listed(listed)) => rows(listed, &join(&path, name)),
            Some(Rows::Of(reference)) => references.push((name, reference)),
            None => {}
        }
    }
    references.extend(
        relation
            .same_as
            .iter()
            .map(|reference| ("same-as", reference)),
    );
    references.extend(
        relation
            .differs_from
            .iter()
            .map(|reference| ("differs-from", reference)),
    );
    for (name, reference) in references {
        visit(slot, Place::Reference(reference), &join(&path, name));
    }
}

/// The references in `expect`, with where they stand.
pub(crate) fn references<'e>(
    expect: &'e Expect,
    subject: &'e Subject,
) -> Vec<(Slot<'e>, &'e Reference)> {
    let mut found = Vec::new();
    walk(expect, subject, &mut |slot, place, _| {
        if let Place::Reference(reference) = place {
            found.push((slot, reference));
        }
    });
    found
}

/// The facts `expect` asks of its subject.
pub(crate) fn facts(expect: &Expect) -> impl Iterator<Item = FactName> {
    let keys = expect
        .values
        .keys()
        .chain(expect.records.keys())
        .chain(expect.tables.keys());
    keys.copied()
}

/// The paths of the files `expect` speaks of, words and captures not yet filled in.
pub(crate) fn paths(expect: &Expect) -> Vec<&str> {
    let Some(relation) = expect.tables.get(&FactName::Files) else {
        return Vec::new();
    };
    let listed = [&relation.has, &relation.lacks, &relation.only]
        .into_iter()
        .flatten();
    let rows = listed.filter_map(|rows| match rows {
        Rows::Listed(rows) => Some(rows),
        Rows::Of(_) => None,
    });
    rows.flatten().filter_map(path_of).collect()
}

/// The path a row about a file names.
pub(crate) fn path_of(row: &RowPattern) -> Option<&str> {
    match row.get("path")?.is.as_ref()? {
        Scalar::Text(path) => Some(path),
        _ => None,
    }
}

fn join(path: &[PathPart], name: &str) -> Vec<PathPart> {
    let mut path = path.to_vec();
    path.push(PathPart::key(name));
    path
}
