//! Two tables side by side, order aside.

use crate::fact::{FileId, Value};
use crate::wording;
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

/// Two tables as counted rows.
pub(super) struct Compared {
    counts: BTreeMap<String, Count>,
}

#[derive(Default)]
struct Count {
    own: usize,
    other: usize,
    shown: String,
}

impl Compared {
    pub(super) fn new(own: &[Value], other: &[Value]) -> Compared {
        let is_text = |rows: &[Value]| rows.iter().any(|row| !matches!(row, Value::Row(_)));
        let by_line = is_text(own) || is_text(other);
        let key = |row: &Value| if by_line { line(row) } else { identity(row) };
        let mut counts: BTreeMap<String, Count> = BTreeMap::new();
        let mut count = |row: &Value, add: fn(&mut Count)| {
            let key = key(row);
            let shown = if by_line {
                key.clone()
            } else {
                wording::plain(row)
            };
            let count = counts.entry(key).or_insert_with(|| Count {
                shown,
                ..Count::default()
            });
            add(count);
        };
        own.iter()
            .for_each(|row| count(row, |count| count.own += 1));
        other
            .iter()
            .for_each(|row| count(row, |count| count.other += 1));
        Compared { counts }
    }

    fn select(&self, holds: impl Fn(&Count) -> bool) -> Vec<String> {
        let chosen = self.counts.values().filter(|count| holds(count));
        chosen.map(|count| count.shown.clone()).collect()
    }

    pub(super) fn only_own(&self) -> Vec<String> {
        self.select(|count| count.own > count.other)
    }

    pub(super) fn only_other(&self) -> Vec<String> {
        self.select(|count| count.own < count.other)
    }

    pub(super) fn shared(&self) -> Vec<String> {
        self.select(|count| count.own > 0 && count.other > 0)
    }
}

fn line(row: &Value) -> String {
    let line = match row {
        Value::Row(cells) => cells
            .get("line")
            .map_or_else(|| wording::row(cells), wording::plain),
        cell => wording::plain(cell),
    };
    String::from(line.trim_end())
}

/// A row as text that two rows share exactly when they are the same: directories by device and inode.
fn identity(row: &Value) -> String {
    let Value::Row(cells) = row else {
        return line(row);
    };
    let cells: Vec<String> = cells
        .iter()
        .map(|(column, cell)| match cell {
            Value::Place(place) => {
                let FileId {
                    major,
                    minor,
                    inode,
                } = place.file;
                format!("{column} {major}:{minor}:{inode}")
            }
            cell => format!("{column} {}", wording::plain(cell)),
        })
        .collect();
    cells.join("\n")
}
