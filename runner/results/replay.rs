//! Results as the events of the run that wrote them.

use super::{Results, ResultsError};
use crate::event::{Digests, Event, NotGraded, SCHEMA, Student, SubmissionReport};

/// Hands the events of a whole run to `sink`, one submission in memory at a time. A submission without a report is one that was
/// not graded.
///
/// # Errors
/// When the file can no longer be read.
pub fn replay(results: &Results, mut sink: impl FnMut(Event)) -> Result<(), ResultsError> {
    let header = &results.header;
    sink(Event::RunStarted {
        seed: header.seed,
        isolation: header.isolation.clone(),
        submissions: results.expected().count(),
        checks: header.levels.iter().map(|level| level.checks.len()).sum(),
    });
    for (index, expected) in results.expected().enumerate() {
        let entry = expected.entry;
        sink(Event::SubmissionStarted {
            submission: index,
            name: entry.submission.clone(),
        });
        let report = match results.report(&entry.id)? {
            Some(report) => report,
            None => unfinished(results, entry),
        };
        for level in &report.levels {
            for check in &level.checks {
                sink(Event::CheckFinished {
                    submission: index,
                    level: level.level.clone(),
                    result: Box::new(check.clone()),
                    recording: None,
                });
            }
        }
        sink(Event::SubmissionFinished {
            submission: index,
            report: Box::new(report),
        });
    }
    sink(Event::RunFinished);
    Ok(())
}

fn unfinished(results: &Results, entry: &super::Entry) -> SubmissionReport {
    let header = &results.header;
    SubmissionReport {
        schema: SCHEMA.to_owned(),
        tool: header.tool.clone(),
        seed: header.seed,
        isolation: header.isolation.clone(),
        submission: entry.submission.clone(),
        student: entry.name.clone().map(|name| Student {
            id: entry.id.clone(),
            name,
        }),
        digests: Digests::default(),
        not_graded: Some(NotGraded {
            reason: "the run ended before it was graded".to_owned(),
            remedy: "go on with the same command and --resume".to_owned(),
        }),
        levels: Vec::new(),
        score: 0,
        max_score: 0,
        command: String::new(),
    }
}
