//! Ids, needs, texts and points.

use super::{Report, has_positive_evidence};
use crate::level::{Check, Level};
use alloc::collections::BTreeSet;
use alloc::{format, vec, vec::Vec};

pub(super) fn level(level: &Level, report: &mut Report<'_>) {
    for (name, text) in [
        ("level", &level.level),
        ("title", &level.title),
        ("goal", &level.goal),
    ] {
        if text.trim().is_empty() {
            report
                .key(name)
                .add(format!("the level has no {name}"), "say it in a few words");
        }
    }
    if level.checks.is_empty() {
        report.key("checks").add(
            format!("{} has no checks", level.level),
            "write at least one",
        );
    }
}

pub(super) fn check(level: &Level, index: usize, report: &mut Report<'_>) {
    let check = &level.checks[index];
    let id = &check.id;
    if !is_id(id) {
        report.key("id").add(
            format!("`{id}` is no id"),
            "use small letters, digits and hyphens, a letter first: isolated-test-file",
        );
    }
    if level.checks[..index]
        .iter()
        .any(|earlier| earlier.id == *id)
    {
        report.key("id").add(
            format!("a second check is called {id}"),
            "ids are unique within a level",
        );
    }
    for (name, text, remedy) in [
        (
            "title",
            &check.title,
            "say what holds when the check passes",
        ),
        (
            "hint",
            &check.hint,
            "say what the kernel did and where to look, not the finished line",
        ),
        (
            "link",
            &check.link,
            "link to a manual page or the kernel's documentation",
        ),
    ] {
        if text.trim().is_empty() {
            report.key(name).add(format!("{id} has no {name}"), remedy);
        }
    }
    let link = check.link.trim();
    if !link.is_empty() && !link.starts_with("https://") && !link.starts_with("http://") {
        report
            .key("link")
            .add(format!("`{link}` is no link"), "begin it with https://");
    }
    points(check, report);
    needs(level, check, report);
}

fn points(check: &Check, report: &mut Report<'_>) {
    let id = &check.id;
    if check.points == 0 {
        report.key("points").add(
            format!("{id} is worth nothing"),
            "give it at least one point",
        );
    }
    let paid: Vec<u32> = check
        .scenario
        .iter()
        .filter_map(|step| step.points)
        .collect();
    let sum = paid
        .iter()
        .fold(0, |sum: u32, points| sum.saturating_add(*points));
    if !paid.is_empty() && sum != check.points {
        report.key("points").add(
            format!(
                "{id} is worth {}, but its steps' points sum to {sum}",
                check.points
            ),
            "make the two equal, or leave points out of the steps",
        );
    }
}

fn needs(level: &Level, check: &Check, report: &mut Report<'_>) {
    let id = &check.id;
    for (index, need) in check.needs.iter().enumerate() {
        let mut report = report.item("needs", index);
        if level.checks.iter().all(|other| other.id != *need) {
            let known: Vec<&str> = level.checks.iter().map(|check| check.id.as_str()).collect();
            let remedy = format!("this level's checks are {}", known.join(", "));
            report.add(format!("{id} needs {need}, which does not exist"), &remedy);
        } else if need == id {
            report.add(format!("{id} needs itself"), "leave it out");
        } else if needed(level, need).contains(id.as_str()) {
            report.add(
                format!("{id} needs {need}, and {need} needs {id}: a cycle"),
                "leave one of them out: a need is what has to work first",
            );
        }
    }
    let all = needed(level, id);
    let based = |other: &&Check| all.contains(other.id.as_str()) && has_positive_evidence(other);
    if !has_positive_evidence(check) && !level.checks.iter().any(|other| based(&other)) {
        // A program that contains nothing leaves nothing behind either.
        report.add(
            format!("{id} pays for an absence alone: a program that does nothing passes it"),
            "expect a fact of the container (a row, a value, a difference from the host), or need a check that does",
        );
    }
}

/// The ids `id` needs, directly or not; `id` itself only if it is in a cycle.
pub(crate) fn needed<'l>(level: &'l Level, id: &str) -> BTreeSet<&'l str> {
    let needs = |id: &str| {
        let check = level.checks.iter().find(|check| check.id == id);
        check
            .map(|check| check.needs.as_slice())
            .unwrap_or_default()
    };
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut open = vec![needs(id)];
    while let Some(next) = open.pop() {
        for need in next {
            if found.insert(need) {
                open.push(needs(need));
            }
        }
    }
    found
}

fn is_id(id: &str) -> bool {
    id.starts_with(|first: char| first.is_ascii_lowercase())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
