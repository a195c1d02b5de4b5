//! Signs, counts and points in words.

use crate::page::Tone;
use checks::report::{CheckResult, LevelResult, Status};

/// The sign of a verdict, and how it looks. Signs differ in shape, for those who see no colour.
pub fn sign(status: Status) -> (&'static str, Tone) {
    match status {
        Status::Pass => ("✓", Tone::Good),
        Status::Fail => ("✗", Tone::Bad),
        Status::Blocked => ("○", Tone::Warn),
        Status::Ungradable => ("–", Tone::Warn),
        Status::Error => ("!", Tone::Fault),
    }
}

/// `2 of 4`, `+1 bonus`, `not counted`.
pub fn points(check: &CheckResult) -> String {
    match (check.status, check.bonus) {
        (Status::Ungradable | Status::Error, _) => "not counted".to_owned(),
        (_, true) => format!("+{} bonus of {}", check.points, check.max_points),
        (_, false) => format!("{} of {}", check.points, check.max_points),
    }
}

/// `18 of 20`; without anything that could be graded, `no score`.
pub fn score(score: u32, max_score: u32) -> String {
    match max_score {
        0 => "no score".to_owned(),
        _ => format!("{score} of {max_score}"),
    }
}

/// `9 passed, 1 failed`: what occurs, in this order.
pub fn tally(level: &LevelResult) -> String {
    [
        (Status::Pass, "passed"),
        (Status::Fail, "failed"),
        (Status::Blocked, "blocked"),
        (Status::Ungradable, "not gradable here"),
        (Status::Error, "not graded"),
    ]
    .into_iter()
    .map(|(status, word)| {
        (
            level
                .checks
                .iter()
                .filter(|check| check.status == status)
                .count(),
            word,
        )
    })
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect::<Vec<_>>()
    .join(", ")
}
