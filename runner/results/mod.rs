//! The results of a run, as they are kept: one JSON document on a line, appended as they come.
//!
//! The first line is the [`Header`]. While a run goes on each check is a line; a submission that is complete is a line with
//! its whole report. A run that comes to its end leaves the header and one report for each submission, in their order.
//!
//! Lines and not a database: a torn last line is the only damage a crash can do, and it is seen; text tools read it; it can be
//! joined, moved and compared without rdgrade; and results are only ever appended, never searched while a run goes on.

mod error;
mod index;
mod journal;
mod known;
mod latest;
mod line;
mod merge;
mod replay;
mod session;

pub use error::ResultsError;
pub use index::{Expected, Results};
pub use journal::Journal;
pub use known::{Asked, Known, Place};
pub use merge::{MergeError, Merged, merge};
pub use replay::replay;
pub use session::{Begin, Session, older};

use crate::event::{Digests, SubmissionReport};
use checks::cohort::{Inputs, Marks};
use checks::report::CheckResult;
use serde::{Deserialize, Serialize};

/// The schema every [`Header`] names.
pub const SCHEMA: &str = "rdgrade/results/v1";

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// The first one: what the run is about.
    Run(Box<Header>),
    /// A check was played. Its status is provisional: `needs` are settled in the report.
    Check(Box<CheckRecord>),
    /// A submission is complete.
    Report(Box<SubmissionReport>),
}

/// What a run is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// `rdgrade 0.1.0`.
    pub tool: String,
    /// What nonces are made from.
    pub seed: u64,
    /// How submissions are isolated.
    pub isolation: String,
    /// Longest time for a step, in milliseconds: a verdict may depend on it.
    pub timeout_ms: u64,
    /// Limits that were set for this run, as `NAME=VALUE`: so may a verdict on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
    /// The levels and which of their checks.
    pub levels: Vec<HeaderLevel>,
    /// The whole roster, in its order, whichever part of it is graded.
    pub submissions: Vec<Entry>,
    /// The parts of the roster that are graded here; all of it if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partitions: Vec<String>,
    /// Whether everything is graded anew, whatever was known before. It still holds when the run is resumed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub anew: bool,
}

/// A level of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderLevel {
    /// `level01`.
    pub level: String,
    /// Of its file.
    pub digest: String,
    /// The checks that are played.
    pub checks: Vec<String>,
}

/// A submission of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is known by: the student's id, or the path where there is no roster.
    pub id: String,
    /// The student's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its name on reports.
    pub submission: String,
}

/// One check of a submission that is not complete yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckRecord {
    /// Whose.
    pub id: String,
    /// Level id.
    pub level: String,
    /// What the result depends on; of the levels, this one alone.
    pub digests: Digests,
    /// `rdgrade 0.1.0`.
    pub tool: String,
    /// The seed its nonce was made from.
    pub seed: u64,
    /// The result.
    pub result: CheckResult,
}

impl Digests {
    /// The same for the judge of sameness.
    pub fn inputs(&self, tool: &str) -> Inputs {
        Inputs {
            submission: self.submission.clone(),
            levels: self.levels.clone(),
            tool: tool.to_owned(),
            host: self.host.clone(),
        }
    }
}

impl SubmissionReport {
    /// What it is known by: the student's id, or its name where there is no roster.
    pub fn id(&self) -> &str {
        match &self.student {
            Some(student) => &student.id,
            None => &self.submission,
        }
    }

    /// What of it counts.
    pub fn marks(&self) -> Marks {
        let not_graded = self.not_graded.as_ref().map(|why| why.reason.clone());
        Marks::of(self.digests.inputs(&self.tool), not_graded, &self.levels)
    }
}
