//! Relations between a table and what a level file, or another table, says of it.
//!
//! | relation | holds when |
//! | --- | --- |
//! | `has` | each row asked for is matched by some row (each row of the other table is among ours) |
//! | `lacks` | none is |
//! | `only` | every row is matched by one of those listed (is among the other table's) |
//! | `same-as`, `differs-from` | the rows are, or are not, the same, order aside; `except` leaves rows out on both sides |
//!
//! Words, and the lines of an output, are tables of one column. Compared with a table of the kernel's they compare
//! with its `line` cells, the kernel's own text for each row.

mod compared;
#[cfg(test)]
mod tests;

use crate::comparison::Comparison;
use crate::fact::Value;
use crate::level::{Reference, RowPattern, Rows, TableRelation};
use crate::reference::{Part, Slot};
use crate::relation::{Failure, check};
use crate::{diff, wording};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use compared::Compared;

/// Every part of `relation` that does not hold for the table `value`. `paths` restricts a table of files to those
/// that the expectation speaks of, since a fact may have been taken for several expectations at once.
pub(crate) fn check_table(
    value: &Value,
    relation: &TableRelation,
    slot: Slot<'_>,
    paths: Option<&[String]>,
    with: &mut Comparison<'_>,
) -> Vec<Failure> {
    let mut rows = rows(value);
    let prepare = |rows: &mut Vec<Value>, with: &mut Comparison<'_>| {
        restrict(rows, paths);
        rows.retain(|row| {
            !relation
                .except
                .iter()
                .any(|left_out| fits(row, left_out, slot, with))
        });
    };
    prepare(&mut rows, with);
    let other =
        |reference: &Reference, with: &mut Comparison<'_>| -> Option<(Vec<Value>, String)> {
            let mut other = self::rows(&with.resolve(reference, slot)?);
            prepare(&mut other, with);
            Some((other, with.fill(&wording::reference(reference))))
        };
    let mut failures = Vec::new();
    match &relation.has {
        Some(Rows::Listed(patterns)) => failures.extend(has(&rows, patterns, slot, with)),
        Some(Rows::Of(reference)) => {
            if let Some((other, name)) = other(reference, with) {
                let lacking = Compared::new(&rows, &other).only_other();
                failures.extend(lack(&lacking, &name));
            }
        }
        None => {}
    }
    match &relation.lacks {
        Some(Rows::Listed(patterns)) => failures.extend(lacks(&rows, patterns, slot, with)),
        Some(Rows::Of(reference)) => {
            if let Some((other, name)) = other(reference, with) {
                let shared = Compared::new(&rows, &other).shared();
                failures.extend(hold(&shared, &format!("nothing of {name}")));
            }
        }
        None => {}
    }
    match &relation.only {
        Some(Rows::Listed(patterns)) => {
            let surplus: Vec<String> = rows
                .iter()
                .filter(|row| {
                    !patterns
                        .iter()
                        .any(|pattern| fits(row, pattern, slot, with))
                })
                .map(show)
                .collect();
            let allowed: Vec<String> = patterns
                .iter()
                .map(|row| with.fill(&wording::row_pattern(row)))
                .collect();
            let allowed = if allowed.is_empty() {
                String::from("none")
            } else {
                allowed.join("\n")
            };
            failures.extend(hold(&surplus, &allowed));
        }
        Some(Rows::Of(reference)) => {
            if let Some((other, name)) = other(reference, with) {
                let surplus = Compared::new(&rows, &other).only_own();
                failures.extend(hold(&surplus, &format!("nothing that is not in {name}")));
            }
        }
        None => {}
    }
    if let Some(reference) = &relation.same_as
        && let Some((other, name)) = other(reference, with)
    {
        let compared = Compared::new(&rows, &other);
        let gone = compared
            .only_other()
            .into_iter()
            .map(|row| format!("- {row}"));
        let come = compared
            .only_own()
            .into_iter()
            .map(|row| format!("+ {row}"));
        let changes: Vec<String> = gone.chain(come).collect();
        if !changes.is_empty() {
            failures.push(Failure {
                says: format!("are not the same as {name}"),
                expected: format!("the same as {name}"),
                actual: join(&changes),
            });
        }
    }
    if let Some(reference) = &relation.differs_from
        && let Some((other, name)) = other(reference, with)
    {
        let compared = Compared::new(&rows, &other);
        if compared.only_own().is_empty() && compared.only_other().is_empty() {
            failures.push(Failure {
                says: format!("are the same as {name}"),
                expected: format!("not the same as {name}"),
                actual: join(&rows.iter().map(show).collect::<Vec<_>>()),
            });
        }
    }
    failures
}

fn has(
    rows: &[Value],
    patterns: &[RowPattern],
    slot: Slot<'_>,
    with: &mut Comparison<'_>,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    for pattern in patterns {
        let misses = with.misses;
        if rows.iter().any(|row| fits(row, pattern, slot, with)) || with.misses != misses {
            continue;
        }
        let wanted = with.fill(&wording::row_pattern(pattern));
        // Rows that agree in some column say more than all of them: `/dev/null` is there, as a file.
        let mut near: Vec<&Value> = rows
            .iter()
            .filter(|row| {
                pattern.iter().any(|(column, relation)| {
                    let alone = BTreeMap::from([(column.clone(), relation.clone())]);
                    relation.is.is_some() && fits(row, &alone, slot, with)
                })
            })
            .collect();
        if near.is_empty() {
            near = rows.iter().collect();
        }
        let seen: Vec<String> = near
            .into_iter()
            .map(|row| match row {
                Value::Row(cells) => wording::named_cells(cells, pattern),
                cell => wording::plain(cell),
            })
            .collect();
        failures.push(Failure {
            says: format!("lack {wanted}"),
            expected: wanted,
            actual: join(&seen),
        });
    }
    failures
}

fn lacks(
    rows: &[Value],
    patterns: &[RowPattern],
    slot: Slot<'_>,
    with: &mut Comparison<'_>,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    for pattern in patterns {
        let found: Vec<String> = rows
            .iter()
            .filter(|row| fits(row, pattern, slot, with))
            .map(show)
            .collect();
        let unwanted = with.fill(&wording::row_pattern(pattern));
        failures.extend(hold(&found, &format!("none with {unwanted}")));
    }
    failures
}

fn lack(lacking: &[String], name: &str) -> Option<Failure> {
    let first = lacking.first()?;
    let more = more(lacking.len());
    Some(Failure {
        says: format!("lack {first}{more}"),
        expected: format!("everything in {name}"),
        actual: join(
            &lacking
                .iter()
                .map(|row| format!("- {row}"))
                .collect::<Vec<_>>(),
        ),
    })
}

fn hold(found: &[String], expected: &str) -> Option<Failure> {
    let first = found.first()?;
    Some(Failure {
        says: format!("hold {first}{}", more(found.len())),
        expected: String::from(expected),
        actual: join(
            &found
                .iter()
                .map(|row| format!("+ {row}"))
                .collect::<Vec<_>>(),
        ),
    })
}

fn more(count: usize) -> String {
    if count > 1 {
        format!(" and {} more", count - 1)
    } else {
        String::new()
    }
}

/// Whether every field that `pattern` names holds for `row`. Captures are bound only by a row that fits.
fn fits(row: &Value, pattern: &RowPattern, slot: Slot<'_>, with: &mut Comparison<'_>) -> bool {
    let before = with.captures.clone();
    let fits = pattern.iter().all(|(column, relation)| {
        let slot = Slot {
            part: Part::Column(column),
            ..slot
        };
        cell(row, column).is_some_and(|cell| {
            let misses = with.misses;
            check(cell, relation, slot, with).is_empty() && with.misses == misses
        })
    });
    if !fits {
        *with.captures = before;
    }
    fits
}

fn cell<'r>(row: &'r Value, column: &str) -> Option<&'r Value> {
    match row {
        Value::Row(cells) => cells.get(column),
        cell => column.is_empty().then_some(cell),
    }
}

/// A value as rows: a table's own, words and lines one cell each.
fn rows(value: &Value) -> Vec<Value> {
    match value {
        Value::Table(rows) => rows.iter().cloned().map(Value::Row).collect(),
        Value::Words(words) => words.iter().cloned().map(Value::Text).collect(),
        other => alloc::vec![other.clone()],
    }
}

fn restrict(rows: &mut Vec<Value>, paths: Option<&[String]>) {
    if let Some(paths) = paths {
        rows.retain(|row| match cell(row, "path") {
            Some(Value::Text(path)) => paths.contains(path),
            _ => true,
        });
    }
}

fn show(row: &Value) -> String {
    wording::plain(row)
}

fn join(rows: &[String]) -> String {
    if rows.is_empty() {
        return String::from("none");
    }
    diff::excerpt(rows.iter().map(String::as_str)).join("\n")
}
