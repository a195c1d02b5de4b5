//! Where to start: the one failure to look at first.

use super::level::blocker;
use crate::event::SubmissionReport;
use checks::report::{CheckResult, LevelResult, Status};

/// The failed check to mend first: in the lowest level that has any, the first that others wait for, since
/// mending it may mend them; else the first. A bonus comes last.
pub fn start_with(report: &SubmissionReport) -> Option<(&LevelResult, &CheckResult)> {
    let level = report.levels.iter().find(|level| failed(level).any(|check| !check.bonus));
    let level = level.or_else(|| report.levels.iter().find(|level| failed(level).next().is_some()))?;
    let waited_for = failed(level).find(|check| waiting(level, check) > 0);
    let check = waited_for
        .or_else(|| failed(level).find(|check| !check.bonus))
        .or_else(|| failed(level).next())?;
    Some((level, check))
}

/// How many blocked checks lead back to this one.
pub fn waiting(level: &LevelResult, check: &CheckResult) -> usize {
    let blocked = level.checks.iter().filter(|other| other.status == Status::Blocked);
    blocked.filter(|other| blocker(level, other).is_some_and(|root| root.id == check.id)).count()
}

/// Everything that failed by itself, not because of another.
pub fn failed(level: &LevelResult) -> impl Iterator<Item = &CheckResult> {
    level.checks.iter().filter(|check| check.status == Status::Fail)
}
