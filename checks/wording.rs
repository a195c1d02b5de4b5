//! Facts, subjects and relations in words a student can read.

use crate::fact::{FactName, FileId, Place, Row, Subject, Value};
use crate::level::{Reference, Relation, RowPattern, Scalar};
use crate::reference::{Part, Slot};
use alloc::{format, string::String, string::ToString, vec, vec::Vec};

/// `your container's`, `the host's`.
pub(crate) fn whose(subject: &Subject) -> String {
    format!("{}'s", who(subject))
}

/// `your container`, `the host`.
pub(crate) fn who(subject: &Subject) -> String {
    match subject {
        Subject::Container => String::from("your container"),
        Subject::Submission => String::from("your program"),
        Subject::Host => String::from("the host"),
        Subject::Image => String::from("the image"),
        Subject::Session(name) => format!("your container `{name}`"),
    }
}

/// A fact as people call it.
pub(crate) fn fact(fact: FactName) -> &'static str {
    match fact {
        FactName::Cwd => "working directory",
        FactName::RootDevice => "root file system's device",
        FactName::Pid => "process id",
        FactName::Born => "new directories",
        FactName::Hostname => "host name",
        FactName::Tree => "unpacked tree",
        FactName::Top => "top directory",
        FactName::CpuGroup => "cpu group",
        FactName::MemoryGroup => "memory group",
        FactName::NamespaceMounts => "whole mount table",
        FactName::Orphans => "processes left behind",
        FactName::Links => "network links",
        FactName::Execs => "attempts to execute",
        other => other.name(),
    }
}

/// What stands in `slot`: `your container's root`, `your container's mnt namespace`.
pub(crate) fn topic(slot: Slot<'_>) -> String {
    let Some(name) = slot.fact else {
        return String::from("the output");
    };
    match (name, slot.part) {
        (FactName::Namespaces, Part::Field(field)) => {
            format!("{} {field} namespace", whose(slot.subject))
        }
        (FactName::Ids, Part::Field(field)) => format!("{} {field}", whose(slot.subject)),
        (_, Part::Field(field)) => format!("{} {}'s {field}", whose(slot.subject), fact(name)),
        _ => format!("{} {}", whose(slot.subject), fact(name)),
    }
}

/// `the host's`, `before`, `` `outside`'s mounts ``, `its root`; text as it is.
pub(crate) fn reference(reference: &Reference) -> String {
    let named = |owner: String, name: &Option<FactName>, field: &Option<String>| match (name, field)
    {
        (Some(name), Some(field)) => format!("{owner} {} ({field})", fact(*name)),
        (Some(name), None) => format!("{owner} {}", fact(*name)),
        (None, _) => owner,
    };
    match reference {
        Reference::Before => String::from("before"),
        Reference::Of {
            subject,
            fact,
            field,
        } => named(whose(subject), fact, field),
        Reference::Named { name, fact, field } => named(format!("`{name}`'s"), fact, field),
        Reference::Own(name) => format!("its {}", fact(*name)),
        Reference::Text(text) => text.clone(),
    }
}

/// `sentence` with its first letter a capital.
pub(crate) fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// A value in one line.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Place(place) if place.path.is_empty() => file(place.file),
        Value::Place(place) => place.path.clone(),
        Value::Words(words) => words.join(" "),
        Value::Row(cells) => row(cells),
        Value::Table(rows) => format!("{} rows", rows.len()),
    }
}

/// A row in one line: the kernel's own where there is one.
pub(crate) fn row(cells: &Row) -> String {
    if let Some(line) = cells.get("line") {
        // Peer groups are not in the line, and what a leak of mounts is about.
        return match cells.get("propagation").map(plain).as_deref() {
            None | Some("" | "private") => plain(line),
            Some(propagation) => format!("{}  {propagation}", plain(line)),
        };
    }
    let cells: Vec<String> = cells
        .iter()
        .map(|(column, cell)| format!("{column} {}", plain(cell)))
        .collect();
    cells.join(", ")
}

/// The cells of `row` that `pattern` names, in one line.
pub(crate) fn named_cells(cells: &Row, pattern: &RowPattern) -> String {
    let cells: Vec<String> = pattern
        .keys()
        .map(|column| match cells.get(column) {
            Some(cell) => format!("{column} {}", plain(cell)),
            None => format!("no {column}"),
        })
        .collect();
    cells.join(", ")
}

/// A plain value of a level file.
pub(crate) fn scalar(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Text(text) => text.clone(),
        Scalar::Number(number) => number.to_string(),
        Scalar::List(words) => words.join(" "),
    }
}

/// What a row must look like: `target /proc, type proc`.
pub(crate) fn row_pattern(pattern: &RowPattern) -> String {
    let cells: Vec<String> = pattern
        .iter()
        .map(
            |(column, relation)| match (column.is_empty(), self::relation(relation)) {
                (true, relation) => relation,
                (false, relation) => format!("{column} {relation}"),
            },
        )
        .collect();
    cells.join(", ")
}

fn relation(relation: &Relation) -> String {
    let mut parts = Vec::new();
    parts.extend(relation.is.as_ref().map(scalar));
    parts.extend(
        relation
            .is_not
            .as_ref()
            .map(|other| format!("other than {}", scalar(other))),
    );
    for (verb, other) in [
        ("the same as", &relation.same_as),
        ("other than", &relation.differs_from),
        ("at or below", &relation.below),
    ] {
        parts.extend(
            other
                .as_ref()
                .map(|other| format!("{verb} {}", reference(other))),
        );
    }
    parts.extend(relation.at_least.map(|least| format!("at least {least}")));
    parts.join(" and ")
}

/// What the kernel says of a fact, as its own files spell it; nothing for tables, whose rows say it.
pub(crate) fn evidence(
    subject: &Subject,
    fact: FactName,
    field: Option<&str>,
    value: &Value,
) -> Vec<String> {
    let owner = match subject {
        Subject::Container => String::new(),
        Subject::Session(name) => format!("{name}: "),
        other => format!("{}: ", who(other)),
    };
    let line = match (fact, field, value) {
        (FactName::Root, _, Value::Place(place)) => at("root", subject, place),
        (FactName::Cwd, _, Value::Place(place)) => at("cwd", subject, place),
        (FactName::Breakout, _, Value::Place(place)) => {
            format!("the escape ended in {}", file(place.file))
        }
        (FactName::Namespaces, Some(kind), value) => {
            format!("/proc/PID/ns/{kind} = {kind}:[{}]", plain(value))
        }
        (FactName::Namespaces, None, Value::Row(row)) => {
            let each = row
                .iter()
                .flat_map(|(kind, inode)| evidence(subject, fact, Some(kind), inode));
            return each.collect();
        }
        (FactName::Ids, Some(field), value) => {
            format!("/proc/PID/status: {field} = {}", plain(value))
        }
        (_, _, Value::Table(_) | Value::Words(_)) => return Vec::new(),
        (_, Some(field), value) => format!("{}: {field} = {}", fact.name(), plain(value)),
        (_, None, value) => format!("{} = {}", fact.name(), plain(value)),
    };
    vec![format!("{owner}{line}")]
}

fn at(link: &str, subject: &Subject, place: &Place) -> String {
    match subject {
        Subject::Container | Subject::Session(_) => {
            format!("/proc/PID/{link} = {}", file(place.file))
        }
        _ => format!("{} = {}", place.path, file(place.file)),
    }
}

fn file(file: FileId) -> String {
    format!("{}:{}:{}", file.major, file.minor, file.inode)
}
