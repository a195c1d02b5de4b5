//! Events: the whole interface between grading and reporting.

use checks::report::{CheckResult, LevelResult};
use serde::Serialize;

/// What reporters see, in order. Nothing else reaches them.
#[derive(Debug, Clone)]
pub enum Event {
    /// Grading begins.
    RunStarted {
        /// The seed nonces are derived from; `--seed` replays it.
        seed: u64,
        /// How submissions are isolated, for people: `user namespace, 65536 ids`.
        isolation: String,
        /// How many submissions will be graded.
        submissions: usize,
        /// How many checks will be played for each.
        checks: usize,
    },
    /// A submission's turn.
    SubmissionStarted {
        /// Its index, 0-based.
        submission: usize,
        /// Its name, as given on the command line.
        name: String,
    },
    /// A check was played. Its status is provisional: `needs` are settled when the level is complete.
    CheckFinished {
        /// Index of the submission.
        submission: usize,
        /// Level id.
        level: String,
        /// The result.
        result: Box<CheckResult>,
    },
    /// All that was asked for was graded, or the submission could not be graded at all (`not_graded`).
    SubmissionFinished {
        /// Index of the submission.
        submission: usize,
        /// The report.
        report: Box<SubmissionReport>,
    },
    /// The last event.
    RunFinished,
}

/// Why a submission could not be graded, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotGraded {
    /// One sentence.
    pub reason: String,
    /// What to install, set or run.
    pub remedy: String,
}

/// The report of one submission: the JSON contract `rdgrade/report/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubmissionReport {
    /// Always `rdgrade/report/v1`.
    pub schema: &'static str,
    /// `rdgrade 0.1.0`.
    pub tool: String,
    /// The seed.
    pub seed: u64,
    /// How it was isolated.
    pub isolation: String,
    /// The submission's name.
    pub submission: String,
    /// Present when the submission could not be graded; then `levels` is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_graded: Option<NotGraded>,
    /// The levels.
    pub levels: Vec<LevelResult>,
    /// Points earned.
    pub score: u32,
    /// The maximum.
    pub max_score: u32,
    /// The command that was graded, as a person would type it: `rd.py run -i ubuntu /bin/bash`. Not part of the score.
    pub command: String,
}
