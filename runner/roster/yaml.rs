//! A roster as YAML: `students: [{id, name, path, revision}]`.

use super::Row;
use super::rule::{Cell, mistakes};
use crate::document::{Diagnostics, Document};
use checks::lint::{PathPart, Problem};
use serde::Deserialize;

// What is missing is empty, and told as such by the rules that hold for every roster.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "the key students")]
struct RosterFile {
    students: Vec<StudentEntry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(
    default,
    deny_unknown_fields,
    expecting = "the keys id, name, path, revision"
)]
struct StudentEntry {
    id: String,
    name: Option<String>,
    path: String,
    revision: Option<String>,
}

pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Vec<Row>, Diagnostics> {
    let document = Document::read(name, bytes)?;
    let typed = document.typed::<RosterFile>();
    if !typed.found.is_empty() {
        return Err(document.diagnostics(typed.found));
    }
    let rows: Vec<Row> = typed
        .value
        .students
        .into_iter()
        .map(|entry| Row {
            id: entry.id,
            name: entry.name.unwrap_or_default(),
            path: entry.path,
            revision: entry.revision,
        })
        .collect();
    let path = |cell: Cell| {
        let parts = [PathPart::Key("students".into()), PathPart::Index(cell.row)];
        parts
            .into_iter()
            .chain([PathPart::Key(cell.column.into())])
            .collect()
    };
    let shown = |cell: Cell, message: &str, remedy: &str| {
        document.diagnostic(&Problem {
            path: path(cell),
            column: None,
            message: message.to_owned(),
            remedy: remedy.to_owned(),
        })
    };
    let mut found = Vec::new();
    if rows.is_empty() {
        let problem = Problem {
            path: vec![PathPart::Key("students".into())],
            column: None,
            message: "nobody is in this roster".to_owned(),
            remedy: "list students, each with id and path".to_owned(),
        };
        found.push(document.diagnostic(&problem));
    }
    found.extend(mistakes(&rows).into_iter().map(|mistake| {
        let mut diagnostic = shown(mistake.at, &mistake.message, &mistake.remedy);
        diagnostic.also = mistake
            .also
            .map(|also| (shown(also, "", "").span, "first here".to_owned()));
        diagnostic
    }));
    match found.is_empty() {
        true => Ok(rows),
        false => Err(document.diagnostics(found)),
    }
}
