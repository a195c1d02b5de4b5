//! How rdgrade ends: one number for scripts, named here and nowhere else.

use crate::event::SubmissionReport;
use checks::report::{CheckResult, Status};
use std::process::{ExitCode, Termination};

/// The exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Everything passed, or `--min-score` was reached; or what was asked for was done.
    Passed = 0,
    /// Graded, and something failed.
    Failed = 1,
    /// The command line, a level file, a manifest or a roster is wrong.
    Usage = 2,
    /// This host or rdgrade itself could not grade.
    NotGraded = 3,
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

impl Exit {
    /// What one submission's report comes to. A bonus that was missed is no failure; what this host cannot show
    /// is none either, as long as something could be graded.
    pub fn of_report(report: &SubmissionReport, min_score: Option<u32>) -> Exit {
        if report.not_graded.is_some() || report.max_score == 0 {
            return Exit::NotGraded;
        }
        if let Some(least) = min_score {
            let reached = report.score >= least;
            return if reached {
                Exit::Passed
            } else {
                Exit::Failed.or_ours(report)
            };
        }
        let failed = |check: &CheckResult| {
            !check.bonus && matches!(check.status, Status::Fail | Status::Blocked)
        };
        let any = checks(report).any(failed);
        if any {
            Exit::Failed.or_ours(report)
        } else {
            Exit::Passed.or_ours(report)
        }
    }

    /// An error of ours leaves open what the submission would have earned.
    fn or_ours(self, report: &SubmissionReport) -> Exit {
        let ours = checks(report).any(|check| check.status == Status::Error);
        if ours { Exit::NotGraded } else { self }
    }

    /// What ended the run: a mistake of the user's that was marked as [`BadInput`], or anything else.
    pub fn of_error(error: &anyhow::Error) -> Exit {
        let marked = error.chain().any(|cause| cause.is::<BadInput>());
        if marked { Exit::Usage } else { Exit::NotGraded }
    }
}

fn checks(report: &SubmissionReport) -> impl Iterator<Item = &CheckResult> {
    report.levels.iter().flat_map(|level| &level.checks)
}

/// An error whose cause is what the user gave us: [`Exit::Usage`].
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct BadInput(#[from] Box<dyn std::error::Error + Send + Sync>);

impl BadInput {
    /// Marks `error`.
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        BadInput(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_mark_survives_context() {
        let error = Err::<(), _>(BadInput::new("no level there"))
            .context("failed to read the levels")
            .unwrap_err();
        assert_eq!(Exit::of_error(&error), Exit::Usage);
        assert_eq!(
            format!("{error:#}"),
            "failed to read the levels: no level there"
        );
        assert_eq!(
            Exit::of_error(&anyhow::anyhow!("the disk is full")),
            Exit::NotGraded
        );
    }
}
