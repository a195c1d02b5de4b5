//! Events: the whole interface between grading and reporting.

use crate::jail::JailError;
use crate::play::Timings;
use crate::recording::Recording;
use checks::report::{CheckResult, LevelResult};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema every [`SubmissionReport`] names.
pub const SCHEMA: &str = "rdgrade/report/v1";

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
        /// What the terminal showed, where that was asked for.
        recording: Option<Box<Recording>>,
    },
    /// Where the time of a check went, if that was asked for; comes before its result.
    CheckTimed {
        /// Index of the submission.
        submission: usize,
        /// The check, as it is asked for: `level01/sees-the-image`.
        check: String,
        /// The times.
        timings: Timings,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotGraded {
    /// One sentence.
    pub reason: String,
    /// What to install, set or run.
    pub remedy: String,
}

impl From<JailError> for NotGraded {
    fn from(error: JailError) -> Self {
        NotGraded {
            reason: error.to_string(),
            remedy: error.remedy,
        }
    }
}

/// Whose submission it is, as the roster has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Student {
    /// The id: unique in a roster, and what gradebooks are joined by.
    pub id: String,
    /// The name, for people.
    pub name: String,
}

/// What a result depends on. Two results with the same digests are results of the same thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    /// Of the submission's files, as they were copied into the jail.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub submission: String,
    /// Of each level's file, by the level's id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, String>,
    /// Of what of the host may change a verdict: kernel, abilities, images.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
}

impl Digests {
    /// Whether none was taken.
    pub fn is_empty(&self) -> bool {
        *self == Digests::default()
    }
}

/// The report of one submission: the JSON contract `rdgrade/report/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionReport {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// `rdgrade 0.1.0`.
    pub tool: String,
    /// The seed.
    pub seed: u64,
    /// How it was isolated.
    pub isolation: String,
    /// The submission's name.
    pub submission: String,
    /// Whose it is; absent where no roster says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub student: Option<Student>,
    /// What the results depend on; absent where nobody took them.
    #[serde(default, skip_serializing_if = "Digests::is_empty")]
    pub digests: Digests,
    /// Present when the submission could not be graded; then `levels` is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
