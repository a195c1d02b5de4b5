//! A roster as CSV: a line of column names, then a line for each student. `name` and `revision` may be left out.

use super::Row;
use super::rule::{Cell, mistakes};
use crate::document::{Diagnostic, Diagnostics, MAX_BYTES};
use csv::{ReaderBuilder, StringRecord, Trim};
use std::ops::Range;

/// What a column may be called.
const COLUMNS: [&str; 4] = ["id", "name", "path", "revision"];

pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Vec<Row>, Diagnostics> {
    let refuse = |source: &str, found| Err(Diagnostics::new(name, source, found));
    if bytes.len() > MAX_BYTES {
        let found = Diagnostic::new(
            0..0,
            "this roster is larger than a megabyte",
            "is this the right file?",
        );
        return refuse("", vec![found]);
    }
    // Spreadsheets put a byte order mark before UTF-8.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let source = match std::str::from_utf8(bytes) {
        Ok(source) => source,
        Err(error) => {
            let at = error.valid_up_to();
            let shown = String::from_utf8_lossy(bytes);
            let found = Diagnostic::new(
                at..at + 1,
                "this roster is not UTF-8",
                "export it as CSV UTF-8",
            );
            return refuse(&shown, vec![found]);
        }
    };
    let table = match Table::read(source) {
        Ok(table) => table,
        Err(found) => return refuse(source, found),
    };
    let mut found = Vec::new();
    if table.rows.is_empty() {
        let message = "nobody is in this roster";
        found.push(Diagnostic::new(
            0..source.len(),
            message,
            "add a line for each student",
        ));
    }
    found.extend(mistakes(&table.rows).into_iter().map(|mistake| {
        let mut shown = Diagnostic::new(
            table.span(source, mistake.at),
            mistake.message,
            mistake.remedy,
        );
        shown.also = mistake
            .also
            .map(|also| (table.span(source, also), "first here".to_owned()));
        shown
    }));
    match found.is_empty() {
        true => Ok(table.rows),
        false => refuse(source, found),
    }
}

struct Table {
    rows: Vec<Row>,
    /// Bytes of each row.
    spans: Vec<Range<usize>>,
}

impl Table {
    fn read(source: &str) -> Result<Table, Vec<Diagnostic>> {
        let mut reader = ReaderBuilder::new()
            .trim(Trim::All)
            .from_reader(source.as_bytes());
        let headers = reader
            .headers()
            .map_err(|error| vec![syntax(source, &error)])?
            .clone();
        let first = 0..source.lines().next().unwrap_or_default().len();
        let mut found = Vec::new();
        for header in headers.iter().filter(|header| !COLUMNS.contains(header)) {
            let at = source
                .find(header)
                .filter(|at| *at < first.end)
                .unwrap_or_default();
            let message = format!("unknown column `{header}`");
            let remedy = format!("columns are {}", COLUMNS.join(", "));
            found.push(Diagnostic::new(at..at + header.len(), message, remedy));
        }
        let column = |name: &str| headers.iter().position(|header| header == name);
        for missing in ["id", "path"].iter().filter(|name| column(name).is_none()) {
            let message = format!("the column `{missing}` is missing");
            found.push(Diagnostic::new(
                first.clone(),
                message,
                "the first line names the columns: id,name,path",
            ));
        }
        if !found.is_empty() {
            return Err(found);
        }
        let places = COLUMNS.map(column);
        let mut table = Table {
            rows: Vec::new(),
            spans: Vec::new(),
        };
        let mut record = StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => return Ok(table),
                Err(error) => return Err(vec![syntax(source, &error)]),
                Ok(true) => {}
            }
            let start = record
                .position()
                .map_or(0, |position| position.byte() as usize);
            // A position is before the line end that the reader has yet to skip.
            let blank =
                source[start..].len() - source[start..].trim_start_matches(['\r', '\n']).len();
            let end = reader.position().byte() as usize;
            let cell = |place: Option<usize>| {
                place
                    .and_then(|place| record.get(place))
                    .unwrap_or_default()
            };
            let [id, name, path, revision] = places.map(cell);
            table.rows.push(Row {
                id: id.to_owned(),
                name: name.to_owned(),
                path: path.to_owned(),
                revision: Some(revision.to_owned()).filter(|revision| !revision.is_empty()),
            });
            table.spans.push(start + blank..end.max(start + blank));
        }
    }

    /// Where a cell is written; its row where it is written with quotes in it, or not at all.
    fn span(&self, source: &str, cell: Cell) -> Range<usize> {
        let row = self.spans[cell.row].clone();
        let line = source.get(row.clone()).unwrap_or_default().trim_end();
        let values = &self.rows[cell.row];
        let text = match cell.column {
            "id" => values.id.as_str(),
            "name" => &values.name,
            "path" => &values.path,
            _ => values.revision.as_deref().unwrap_or_default(),
        };
        match line.find(text).filter(|_| !text.is_empty()) {
            Some(at) => row.start + at..row.start + at + text.len(),
            None => row.start..row.start + line.len(),
        }
    }
}

fn syntax(source: &str, error: &csv::Error) -> Diagnostic {
    let at = error
        .position()
        .map_or(0, |position| position.byte() as usize);
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("this line has {len} columns, the first has {expected_len}")
        }
        _ => format!("this line cannot be read: {error}"),
    };
    let start = source.get(at..).map_or(at, |rest| {
        at + (rest.len() - rest.trim_start_matches(['\r', '\n']).len())
    });
    let remedy = "put quotes around what holds a comma, and two around a quote within";
    Diagnostic::new(start..source.len(), message, remedy)
}
