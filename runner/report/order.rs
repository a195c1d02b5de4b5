//! Submissions in the order of the command line, whichever was graded first.

use crate::event::SubmissionReport;
use std::collections::BTreeMap;

/// Holds reports back until all before them have come.
#[derive(Debug, Default)]
pub struct InOrder {
    next: usize,
    waiting: BTreeMap<usize, SubmissionReport>,
}

impl InOrder {
    /// Takes the report of submission `index`, and returns those whose turn it is now.
    pub fn push(&mut self, index: usize, report: SubmissionReport) -> Vec<SubmissionReport> {
        self.waiting.insert(index, report);
        let mut ready = Vec::new();
        while let Some(report) = self.waiting.remove(&self.next) {
            self.next += 1;
            ready.push(report);
        }
        ready
    }

    /// Returns what still waits for one that will not come, since the run has ended.
    pub fn rest(&mut self) -> Vec<SubmissionReport> {
        std::mem::take(&mut self.waiting).into_values().collect()
    }
}
