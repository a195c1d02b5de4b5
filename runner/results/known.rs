//! What was graded before and need not be graded again.

use super::{CheckRecord, Results, ResultsError};
use crate::event::SubmissionReport;
use checks::cohort::{Found, Inputs, Next, Wish, plan};
use checks::report::{LevelResult, Status};

/// Older results. The latest are asked first.
#[derive(Debug)]
pub struct Known {
    pub(super) sources: Vec<Source>,
    pub(super) wish: Wish,
    /// Only results of this seed serve, where the user named one.
    pub(super) seed: Option<u64>,
}

/// One file of them.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) results: Results,
    pub(super) place: Place,
}

/// Where a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the file that this run appends to.
    Here,
    /// In that of an earlier run.
    Elsewhere,
}

/// What is asked for: a submission, as it is now.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The submission's id.
    pub id: &'a str,
    /// What its results depend on now. Of the levels, the one that is asked for.
    pub inputs: &'a Inputs,
}

impl Known {
    /// Nothing is known.
    pub fn nothing() -> Known {
        Known {
            sources: Vec::new(),
            wish: Wish::Anew,
            seed: None,
        }
    }

    /// Whether nothing is, or nothing is asked for.
    pub fn is_nothing(&self) -> bool {
        self.wish == Wish::Anew || self.sources.is_empty()
    }

    /// The reports there are of a submission.
    ///
    /// # Errors
    /// When a file can no longer be read.
    pub fn reports(&self, id: &str) -> Result<Vec<(Place, SubmissionReport)>, ResultsError> {
        if self.wish == Wish::Anew {
            return Ok(Vec::new());
        }
        let mut reports = Vec::new();
        for source in &self.sources {
            let report = source.results.report(id)?;
            reports.extend(report.map(|report| (source.place, report)));
        }
        reports.retain(|(_, report)| self.serves(report.seed) && report.not_graded.is_none());
        Ok(reports)
    }

    /// The settled result of a level, out of a report, if it answers what is asked and has just these `checks`.
    pub fn level(
        &self,
        report: &SubmissionReport,
        level: &str,
        checks: &[&str],
        asked: Asked,
    ) -> Option<LevelResult> {
        let result = report.levels.iter().find(|result| result.level == level)?;
        let whole = result.checks.iter().map(|check| check.id.as_str());
        if !whole.eq(checks.iter().copied()) {
            return None;
        }
        let mut then = report.digests.inputs(&report.tool);
        then.levels.retain(|known, _| known == level);
        let broken = result
            .checks
            .iter()
            .any(|check| check.status == Status::Error);
        let found = if broken {
            Found::NoVerdict
        } else {
            Found::Verdict(&then)
        };
        (plan(self.wish, found, asked.inputs) == Next::Take).then(|| result.clone())
    }

    /// The result of one check of a submission that was not completed.
    ///
    /// # Errors
    /// When a file can no longer be read.
    pub fn check(
        &self,
        level: &str,
        check: &str,
        asked: Asked,
    ) -> Result<Option<CheckRecord>, ResultsError> {
        for source in &self.sources {
            let Some(record) = source.results.check(asked.id, level, check)? else {
                continue;
            };
            let then = record.digests.inputs(&record.tool);
            let found = match record.result.status {
                Status::Error => Found::NoVerdict,
                _ => Found::Verdict(&then),
            };
            let taken = plan(self.wish, found, asked.inputs) == Next::Take;
            if taken && self.serves(record.seed) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    fn serves(&self, seed: u64) -> bool {
        self.seed.is_none_or(|wanted| wanted == seed)
    }
}
