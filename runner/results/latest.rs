//! What was recorded last, and how much of it stands when the run is interrupted.
//!
//! Whoever ends rdgrade may end what it plays as well: batch systems send their signal to every process of a job, in no order that
//! one could rely on. A program that was ended first fails its check before anybody here knows why. So what was failed shortly
//! before an interruption is not taken for a verdict. What passed has passed.

use super::Record;
use checks::report::{CheckResult, Status};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long it may take from a signal's first receiver to rdgrade, on a busy machine, with a verdict in between. At most this much
/// work is done again.
const SHORTLY: Duration = Duration::from_secs(5);

/// The lines that were appended shortly before now.
#[derive(Debug, Default)]
pub(super) struct Latest(VecDeque<Line>);

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    written: Instant,
    /// Where it begins in the file.
    pub begins: u64,
    /// With its end.
    pub length: u64,
    /// Whether it still holds when the run is interrupted.
    pub stands: bool,
}

impl Latest {
    /// Remembers a line, and forgets those that have become old.
    pub fn push(&mut self, record: &Record, begins: u64, length: u64, now: Instant) {
        self.forget(now);
        self.0.push_back(Line {
            written: now,
            begins,
            length,
            stands: stands(record),
        });
    }

    /// Takes the lines that were written shortly before `now`, in order.
    pub fn take(&mut self, now: Instant) -> Vec<Line> {
        self.forget(now);
        self.0.drain(..).collect()
    }

    fn forget(&mut self, now: Instant) {
        let old = |line: &Line| now.saturating_duration_since(line.written) > SHORTLY;
        while self.0.front().is_some_and(old) {
            self.0.pop_front();
        }
    }
}

fn stands(record: &Record) -> bool {
    let passed = |check: &CheckResult| matches!(check.status, Status::Pass | Status::Ungradable);
    match record {
        Record::Run(_) => true,
        Record::Check(check) => passed(&check.result),
        Record::Report(report) => {
            let mut checks = report.levels.iter().flat_map(|level| &level.checks);
            report.not_graded.is_none() && checks.all(passed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recorded_long_before_is_not_doubted() {
        let record = Record::Run(Box::default());
        let begun = Instant::now();
        let mut latest = Latest::default();
        latest.push(&record, 0, 10, begun);
        latest.push(&record, 10, 10, begun + SHORTLY);
        let begins: Vec<u64> = latest
            .take(begun + SHORTLY + Duration::from_millis(1))
            .iter()
            .map(|line| line.begins)
            .collect();
        assert_eq!(begins, [10]);
        assert!(latest.take(begun).is_empty());
    }
}
