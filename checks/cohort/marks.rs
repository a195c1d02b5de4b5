//! What of a result counts: what it depends on, and every verdict with its points. Durations, nonces and transcripts differ
//! between two runs of the same thing and are none of it.

use crate::report::{LevelResult, Status};
use alloc::{collections::BTreeMap, string::String};

/// What a result depends on, as digests; empty where nobody took one.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inputs {
    /// Of the submission.
    pub submission: String,
    /// Of each level's file, by the level's id.
    pub levels: BTreeMap<String, String>,
    /// `rdgrade 0.1.0`.
    pub tool: String,
    /// Of the host.
    pub host: String,
}

/// How a check ended and what it earned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verdict {
    /// How.
    pub status: Status,
    /// Points earned.
    pub points: u32,
    /// Points it is worth.
    pub max_points: u32,
}

/// The marks of one submission.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marks {
    /// What they depend on.
    pub inputs: Inputs,
    /// Why there are none, if it could not be graded.
    pub not_graded: Option<String>,
    /// By level and check.
    pub verdicts: BTreeMap<(String, String), Verdict>,
    /// Points earned.
    pub score: u32,
    /// The maximum.
    pub max_score: u32,
}

impl Marks {
    /// The marks in `levels`.
    pub fn of(inputs: Inputs, not_graded: Option<String>, levels: &[LevelResult]) -> Marks {
        let total = crate::score::total(levels);
        let verdicts = levels.iter().flat_map(|level| {
            level.checks.iter().map(|check| {
                let verdict = Verdict {
                    status: check.status,
                    points: check.points,
                    max_points: check.max_points,
                };
                ((level.level.clone(), check.id.clone()), verdict)
            })
        });
        Marks {
            inputs,
            not_graded,
            verdicts: verdicts.collect(),
            score: total.points,
            max_score: total.maximum,
        }
    }

    /// How many checks ended by rdgrade's own fault.
    pub fn errors(&self) -> usize {
        let errors = self
            .verdicts
            .values()
            .filter(|verdict| verdict.status == Status::Error);
        errors.count()
    }
}
