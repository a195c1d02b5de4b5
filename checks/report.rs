//! Results as reporters and the JSON contract see them (`rdgrade/report/v1`).

use crate::played::Side;
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everything expected was seen.
    Pass,
    /// Something was not.
    Fail,
    /// Failed, and something it needs failed too.
    Blocked,
    /// This host cannot show it; known before the submission ran.
    Ungradable,
    /// rdgrade's own fault; costs nobody.
    Error,
}

/// One expectation that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Index of the step in the scenario, 0-based.
    pub step: usize,
    /// Line of the step in the level file, 1-based.
    pub line: usize,
    /// One sentence for people: what did not hold.
    pub reason: String,
    /// What was expected, one or several lines.
    pub expected: String,
    /// What was seen, one or several lines.
    pub actual: String,
    /// The kernel's words: `/proc/PID/root = 0:52:2`.
    pub evidence: Vec<String>,
    /// The step's own hint, if it has one.
    pub hint: Option<String>,
}

/// The points of one step, where a check shares its points out among its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Index of the step in the scenario, 0-based.
    pub step: usize,
    /// What earns them, a few words for people: `container: mounts has {target: /proc, type: proc}`.
    pub what: String,
    /// Points earned.
    pub points: u32,
    /// Points it is worth.
    pub max_points: u32,
}

/// One step of the transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptEntry {
    /// Index of the step, 0-based.
    pub step: usize,
    /// Where it took place.
    pub side: Side,
    /// What was typed.
    pub input: String,
    /// What came back, as printed.
    pub output: String,
    /// `0`, `3`, `SIGKILL`; absent where nothing ended.
    pub exit: Option<String>,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// Id within the level.
    pub id: String,
    /// What holds when it passes.
    pub title: String,
    /// The verdict.
    pub status: Status,
    /// Points earned.
    pub points: u32,
    /// Points it is worth.
    pub max_points: u32,
    /// Outside the maximum.
    pub bonus: bool,
    /// Why the verdict is what it is; never empty unless it passed.
    pub reason: String,
    /// What was expected (the first finding's).
    pub expected: String,
    /// What was seen (the first finding's).
    pub actual: String,
    /// The kernel's words.
    pub evidence: Vec<String>,
    /// Every expectation that did not hold.
    pub findings: Vec<Finding>,
    /// Points step by step; empty unless the check's steps carry points of their own.
    pub credits: Vec<Credit>,
    /// Checks it was blocked by.
    pub blocked_by: Vec<String>,
    /// How to go on.
    pub hint: String,
    /// What to read.
    pub link: String,
    /// Wall time in milliseconds.
    pub duration_ms: u64,
    /// All that was typed and printed.
    pub transcript: Vec<TranscriptEntry>,
}

/// The result of one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelResult {
    /// `level01`.
    pub level: String,
    /// A few words.
    pub title: String,
    /// Points earned, bonus included.
    pub score: u32,
    /// The maximum: without bonus, without what was ungradable or an error.
    pub max_score: u32,
    /// The checks, in the level's order.
    pub checks: Vec<CheckResult>,
}
