//! A regression suite judged: do the programs of a level end as their fixtures say?
//!
//! A grader is only as good as what it catches. Every fault must be caught by exactly the checks it names, every check must
//! catch some fault, nothing that is right may fail, and nothing that only pretends may earn.

use crate::level::Level;
use crate::report::{LevelResult, Status};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::{format, string::String, string::ToString, vec::Vec};

/// What a program of the suite is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Right: every check passes.
    Right,
    /// Wrong in one way: these checks fail, these are blocked, the others pass.
    Fault {
        /// Ids of the checks that fail.
        fails: BTreeSet<String>,
        /// Ids of the checks that are blocked.
        blocked: BTreeSet<String>,
    },
    /// Pretends: it earns no points, except for these checks.
    Forger {
        /// Ids of checks it may pass.
        earns: BTreeSet<String>,
    },
}

/// A program of the suite and how it was graded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name: `no-chroot`, `solved.py`, `--reference`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// How it was graded.
    pub result: LevelResult,
}

/// Everything that is wrong with a level's suite, one sentence each; empty when it proves itself.
pub fn problems(level: &Level, entries: &[Entry]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in entries {
        let statuses = statuses(&entry.result);
        match &entry.kind {
            Kind::Right => right(level, entry, &statuses, &mut found),
            Kind::Fault { fails, blocked } => {
                fault(level, entry, &statuses, (fails, blocked), &mut found)
            }
            Kind::Forger { earns } => forger(level, entry, earns, &mut found),
        }
    }
    let faults = || {
        entries
            .iter()
            .filter(|entry| matches!(entry.kind, Kind::Fault { .. }))
    };
    let failing = |entry: &Entry, status: Status| -> BTreeSet<String> {
        entry
            .result
            .checks
            .iter()
            .filter(|check| check.status == status)
            .map(|check| check.id.clone())
            .collect()
    };
    let caught: BTreeSet<String> = faults()
        .flat_map(|entry| {
            failing(entry, Status::Fail)
                .into_iter()
                .chain(failing(entry, Status::Blocked))
        })
        .collect();
    for check in &level.checks {
        if !caught.contains(&check.id) {
            found.push(format!(
                "{}/{}: no fault ever fails it, so it may be vacuous; add the mistake that it is there to notice",
                level.level, check.id
            ));
        }
        if check.hint.trim().is_empty() {
            found.push(format!("{}/{}: its hint is empty", level.level, check.id));
        }
    }
    found
}

/// How many of the level's checks have a fault that fails them and nothing else.
pub fn caught_alone(level: &Level, entries: &[Entry]) -> usize {
    let alone = |id: &str| {
        entries.iter().any(|entry| {
            let Kind::Fault { .. } = entry.kind else {
                return false;
            };
            let mut bad = entry
                .result
                .checks
                .iter()
                .filter(|check| check.status != Status::Pass);
            bad.next().is_some_and(|check| check.id == id) && bad.next().is_none()
        })
    };
    level.checks.iter().filter(|check| alone(&check.id)).count()
}

fn statuses(result: &LevelResult) -> BTreeMap<&str, Status> {
    result
        .checks
        .iter()
        .map(|check| (check.id.as_str(), check.status))
        .collect()
}

fn right(level: &Level, entry: &Entry, statuses: &BTreeMap<&str, Status>, found: &mut Vec<String>) {
    for check in &level.checks {
        let status = statuses.get(check.id.as_str()).copied();
        // What this host cannot show proves nothing either way.
        if !matches!(status, Some(Status::Pass | Status::Ungradable)) {
            let (name, why) = (&entry.name, why(&entry.result, &check.id));
            found.push(format!(
                "{}: {name} is right, but {} is {}{why}",
                level.level,
                check.id,
                spell(status)
            ));
        }
    }
}

fn fault(
    level: &Level,
    entry: &Entry,
    statuses: &BTreeMap<&str, Status>,
    (fails, blocked): (&BTreeSet<String>, &BTreeSet<String>),
    found: &mut Vec<String>,
) {
    let name = &entry.name;
    if statuses.values().all(|status| *status == Status::Pass) {
        found.push(format!(
            "{}: {name}: every check passes; either its edit is no mistake, or a check is missing",
            level.level
        ));
        return;
    }
    for check in &level.checks {
        let expected = if fails.contains(&check.id) {
            Status::Fail
        } else if blocked.contains(&check.id) {
            Status::Blocked
        } else {
            Status::Pass
        };
        let status = statuses.get(check.id.as_str()).copied();
        if status != Some(expected) && status != Some(Status::Ungradable) {
            let (expected, is) = (spell(Some(expected)), spell(status));
            let why = why(&entry.result, &check.id);
            found.push(format!(
                "{}: {name}: {} should be {expected}, it is {is}{why}",
                level.level, check.id
            ));
        }
    }
}

fn forger(level: &Level, entry: &Entry, earns: &BTreeSet<String>, found: &mut Vec<String>) {
    for check in &entry.result.checks {
        if check.points > 0 && !earns.contains(&check.id) {
            found.push(format!(
                "{}: the forger {} earns {} for {}",
                level.level, entry.name, check.points, check.id
            ));
        }
        if check.status == Status::Error {
            found.push(format!(
                "{}: the forger {} made {} an error of ours",
                level.level, entry.name, check.id
            ));
        }
    }
}

/// What a result says about a check that did not pass, as the end of a sentence.
fn why(result: &LevelResult, id: &str) -> String {
    let check = result.checks.iter().find(|check| check.id == id);
    let reason = check.map_or("", |check| check.reason.as_str());
    if reason.is_empty() {
        String::new()
    } else {
        format!(": {reason}")
    }
}

fn spell(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Pass) => "pass",
        Some(Status::Fail) => "fail",
        Some(Status::Blocked) => "blocked",
        Some(Status::Ungradable) => "ungradable",
        Some(Status::Error) => "error",
        None => "missing",
    }
}

/// The matrix of programs and checks: `·` pass, `✗` fail, `○` blocked, `?` ungradable, `!` error. Columns are numbered; a legend
/// names them.
pub fn matrix(level: &Level, entries: &[Entry]) -> String {
    let mut text = format!("{} {}\n", level.level, level.title);
    for (index, check) in level.checks.iter().enumerate() {
        text.push_str(&format!("  {:>2} {}\n", index + 1, check.id));
    }
    let widest = entries
        .iter()
        .map(|entry| entry.name.chars().count())
        .max()
        .unwrap_or(0);
    let numbers: String = (1..=level.checks.len())
        .map(|number| format!("{number:>3}"))
        .collect();
    text.push_str(&format!("{:widest$}{numbers}\n", ""));
    for entry in entries {
        let statuses = statuses(&entry.result);
        let signs: String = level
            .checks
            .iter()
            .map(|check| format!("  {}", sign(statuses.get(check.id.as_str()).copied())))
            .collect();
        text.push_str(&format!("{:widest$}{signs}\n", entry.name));
    }
    text.trim_end().to_string() + "\n"
}

fn sign(status: Option<Status>) -> char {
    match status {
        Some(Status::Pass) => '·',
        Some(Status::Fail) => '✗',
        Some(Status::Blocked) => '○',
        Some(Status::Ungradable) => '?',
        Some(Status::Error) | None => '!',
    }
}
