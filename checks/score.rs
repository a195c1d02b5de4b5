//! From the checks of a level to its score.

use crate::level::{Check, Level};
use crate::lint::{has_positive_evidence, needed};
use crate::report::{CheckResult, LevelResult, Status};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

/// Points earned and the maximum they are out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Score {
    /// Points earned, bonus included.
    pub points: u32,
    /// The maximum; 0 means that nothing could be graded, and there is no score.
    pub maximum: u32,
}

impl Score {
    /// Whole percent, rounded down; `None` where nothing could be graded. Above 100 with a bonus.
    pub fn percent(self) -> Option<u32> {
        let percent = u64::from(self.points) * 100;
        percent
            .checked_div(u64::from(self.maximum))
            .map(|percent| u32::try_from(percent).unwrap_or(u32::MAX))
    }
}

/// The score over several levels.
pub fn total<'l>(levels: impl IntoIterator<Item = &'l LevelResult>) -> Score {
    levels
        .into_iter()
        .fold(Score::default(), |total, level| Score {
            points: total.points.saturating_add(level.score),
            maximum: total.maximum.saturating_add(level.max_score),
        })
}

/// Considers `needs` and adds up.
///
/// - A check that failed, and of whose needs, direct or not, one failed too, is `blocked`. It keeps what its steps earned.
/// - A check without positive evidence of its own ([`has_positive_evidence`]) holds on the strength of its needs:
///   if one of them failed it is `blocked`, with nothing earned, though what it expects holds. If one could not be
///   graded, neither can it.
/// - A need that was not played decides nothing.
/// - `ungradable` and `error` leave the maximum, bonus was never in it.
pub fn settle(level: &Level, results: Vec<CheckResult>) -> LevelResult {
    let mut results = results;
    // Each round can settle those whose needs were settled in the one before.
    for _ in 0..=results.len() {
        let statuses: BTreeMap<String, Status> = results
            .iter()
            .map(|result| (result.id.clone(), result.status))
            .collect();
        for result in &mut results {
            if let Some(check) = level.checks.iter().find(|check| check.id == result.id) {
                consider_needs(level, check, &statuses, result);
            }
        }
    }
    let mut score = Score::default();
    for result in &results {
        if matches!(result.status, Status::Ungradable | Status::Error) {
            continue;
        }
        score.points = score.points.saturating_add(result.points);
        if !result.bonus {
            score.maximum = score.maximum.saturating_add(result.max_points);
        }
    }
    LevelResult {
        level: level.level.clone(),
        title: level.title.clone(),
        score: score.points,
        max_score: score.maximum,
        checks: results,
    }
}

fn consider_needs(
    level: &Level,
    check: &Check,
    statuses: &BTreeMap<String, Status>,
    result: &mut CheckResult,
) {
    let ended = |id: &str, among: &[Status]| {
        statuses
            .get(id)
            .is_some_and(|status| among.contains(status))
    };
    let failed = [Status::Fail, Status::Blocked];
    match result.status {
        Status::Fail | Status::Blocked => {
            let all = needed(level, &check.id);
            let blockers: Vec<String> = level
                .checks
                .iter()
                .map(|check| check.id.as_str())
                .filter(|id| *id != check.id && all.contains(id) && ended(id, &failed))
                .map(String::from)
                .collect();
            if !blockers.is_empty() {
                result.status = Status::Blocked;
                result.blocked_by = blockers;
            }
        }
        Status::Pass if !has_positive_evidence(check) => {
            let first = |among: &[Status]| check.needs.iter().find(|need| ended(need, among));
            let (need, status, why) = if let Some(need) = first(&failed) {
                (
                    need,
                    Status::Blocked,
                    "an absence earns nothing while its need fails",
                )
            } else if let Some(need) = first(&[Status::Error]) {
                (need, Status::Error, "what it rests on could not be judged")
            } else if let Some(need) = first(&[Status::Ungradable]) {
                (
                    need,
                    Status::Ungradable,
                    "what it rests on cannot be shown on this host",
                )
            } else {
                return;
            };
            result.status = status;
            result.points = 0;
            result.blocked_by = Vec::from([need.clone()]);
            result.reason = format!("{why}: {need}");
        }
        Status::Pass | Status::Ungradable | Status::Error => {}
    }
}

#[cfg(test)]
mod tests;
