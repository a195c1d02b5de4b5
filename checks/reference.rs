//! References: which fact of whom, as of when, a level file means.

use crate::fact::{FactName, Subject, Value};
use crate::level::Reference;
use crate::name::Shape;
use alloc::{format, string::String, vec::Vec};

/// What is being compared: where a reference stands decides what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot<'s> {
    /// Whose fact, or in whose output.
    pub subject: &'s Subject,
    /// Which fact; none for words and lines of an output.
    pub fact: Option<FactName>,
    /// Which part of it.
    pub part: Part<'s>,
}

/// The part of a fact under comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'s> {
    /// All of it.
    Whole,
    /// A field of a record.
    Field(&'s str),
    /// A column of a table, row by row.
    Column(&'s str),
}

/// When the fact a reference means was true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// Before the scenario.
    Before(Subject),
    /// At the step called so by `as`.
    Named(String),
    /// At the step that is being judged.
    Now(Subject),
}

/// The fact a reference means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Whose, as of when.
    pub when: When,
    /// Which.
    pub fact: FactName,
    /// Which field of it.
    pub field: Option<String>,
}

/// What `reference` means where it stands; `None` for literal text.
///
/// # Errors
/// What is missing, when it names no fact and none can be meant: a sentence for the author of the level.
pub fn target(reference: &Reference, slot: Slot<'_>) -> Result<Option<Target>, String> {
    let (when, fact, field) = match reference {
        Reference::Text(_) => return Ok(None),
        Reference::Own(fact) => (When::Now(slot.subject.clone()), Some(*fact), None),
        Reference::Before => (When::Before(slot.subject.clone()), None, None),
        Reference::Of {
            subject,
            fact,
            field,
        } => (When::Now(of(subject, slot.subject)), *fact, field.clone()),
        Reference::Named { name, fact, field } => (When::Named(name.clone()), *fact, field.clone()),
    };
    let (fact, field) = match fact {
        Some(fact) => (fact, field),
        None => {
            let (fact, implied) = counterpart(slot).ok_or_else(|| {
                let what = match slot.part {
                    Part::Column(column) if !column.is_empty() => format!("the column {column}"),
                    _ => String::from("an output"),
                };
                format!("{what} has no counterpart: a fact has to be named")
            })?;
            (fact, field.or(implied))
        }
    };
    if let (Some(field), Shape::Record(fields)) = (&field, fact.shape())
        && !fields.contains(&field.as_str())
    {
        return Err(format!(
            "{} has no field {field}: it has {}",
            fact.name(),
            fields.join(", ")
        ));
    }
    Ok(Some(Target { when, fact, field }))
}

/// `container` in a step that speaks `in NAME` is that session's container.
fn of(subject: &Subject, own: &Subject) -> Subject {
    match (subject, own) {
        (Subject::Container, Subject::Session(_)) => own.clone(),
        _ => subject.clone(),
    }
}

/// The fact that stands beside the one in `slot` when a reference names a subject alone.
fn counterpart(slot: Slot<'_>) -> Option<(FactName, Option<String>)> {
    let fact = slot.fact?;
    match slot.part {
        Part::Whole => Some((fact, None)),
        Part::Field(field) => Some((fact, Some(String::from(field)))),
        Part::Column(column) => match (fact, column) {
            (FactName::Processes | FactName::Orphans, "namespace") => {
                Some((FactName::Namespaces, Some(String::from("pid"))))
            }
            (FactName::Mounts | FactName::NamespaceMounts, "device") => {
                Some((FactName::RootDevice, None))
            }
            (FactName::Execs, "root") => Some((FactName::Root, None)),
            (FactName::Execs | FactName::Processes | FactName::Orphans, "pid") => {
                Some((FactName::Pid, None))
            }
            _ => None,
        },
    }
}

/// The part of `value` that `field` names: a record's field, or a table's column as words.
pub fn part(value: Value, field: Option<&str>) -> Option<Value> {
    let Some(field) = field else {
        return Some(value);
    };
    match value {
        Value::Row(mut row) => row.remove(field),
        Value::Table(rows) => {
            let cells: Vec<String> = rows
                .iter()
                .filter_map(|row| row.get(field))
                .map(crate::wording::plain)
                .collect();
            Some(Value::Words(cells))
        }
        _ => None,
    }
}
