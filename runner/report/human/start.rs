//! Where to start: the one failure to look at first.

use super::level::blocker;
use crate::event::SubmissionReport;
use checks::report::{CheckResult, LevelResult, Status};

/// The check to mend first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// `level01/sees-the-image`.
    pub name: String,
    /// Why it failed; empty when it was not played itself.
    pub reason: String,
    /// How many failures lead back to it.
    pub waiting: usize,
}

/// In the lowest level where points are missing, the first failure that others wait for, since mending it may
/// mend them; else the first. A bonus comes last. When all that failed was blocked by checks that were not
/// played, the first of those.
pub fn start_with(report: &SubmissionReport) -> Option<Start> {
    let first = |wanted: fn(&CheckResult) -> bool| {
        report.levels.iter().find_map(|level| {
            let rank = |check: &&CheckResult| usize::from(waiting(level, check) == 0);
            // min_by_key keeps the first of equals: the level's own order.
            let check = failed(level)
                .filter(|check| wanted(check))
                .min_by_key(rank)?;
            Some(Start {
                name: name(level, &check.id),
                reason: check.reason.clone(),
                waiting: waiting(level, check),
            })
        })
    };
    first(|check| !check.bonus)
        .or_else(|| not_played(report))
        .or_else(|| first(|_| true))
}

fn not_played(report: &SubmissionReport) -> Option<Start> {
    report.levels.iter().find_map(|level| {
        let blocked = level
            .checks
            .iter()
            .find(|check| check.status == Status::Blocked && blocker(level, check).is_none())?;
        let id = blocked.blocked_by.first()?;
        Some(Start {
            name: name(level, id),
            reason: String::new(),
            waiting: 1,
        })
    })
}

fn name(level: &LevelResult, check: &str) -> String {
    format!("{}/{check}", level.level)
}

fn waiting(level: &LevelResult, check: &CheckResult) -> usize {
    let blocked = level
        .checks
        .iter()
        .filter(|other| other.status == Status::Blocked);
    blocked
        .filter(|other| blocker(level, other).is_some_and(|root| root.id == check.id))
        .count()
}

/// Everything that failed by itself, not because of another.
pub fn failed(level: &LevelResult) -> impl Iterator<Item = &CheckResult> {
    level
        .checks
        .iter()
        .filter(|check| check.status == Status::Fail)
}
