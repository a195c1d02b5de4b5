//! A report in which no text can do harm, whoever wrote it.
//!
//! Formats have escapes of their own on top of this. It is one place, and before all of them, so that a new kind of
//! report cannot forget it.

use crate::event::SubmissionReport;
use crate::terminal::{Limits, clip, neutral, one_line};
use checks::report::{CheckResult, Credit, Finding, LevelResult, TranscriptEntry};

/// Characters of a name, a title or a sentence. A path may have 4096 bytes (path_resolution(7)), but no one reads that.
const LINE: usize = 400;
/// What is kept of a text of several lines.
const TEXT: Limits = Limits {
    head: 120,
    tail: 80,
    columns: 600,
};

/// The same report, its texts neutral and not too long.
pub fn tame(mut report: SubmissionReport) -> SubmissionReport {
    let student = report.student.iter_mut();
    student.for_each(|student| lines([&mut student.id, &mut student.name]));
    let not_graded = report.not_graded.iter_mut();
    not_graded.for_each(|why| lines([&mut why.reason, &mut why.remedy]));
    lines([
        &mut report.tool,
        &mut report.isolation,
        &mut report.submission,
        &mut report.command,
    ]);
    report.levels.iter_mut().for_each(level);
    report
}

fn level(level: &mut LevelResult) {
    lines([&mut level.level, &mut level.title]);
    level.checks.iter_mut().for_each(check);
}

fn check(check: &mut CheckResult) {
    lines([
        &mut check.id,
        &mut check.title,
        &mut check.reason,
        &mut check.link,
    ]);
    lines(&mut check.blocked_by);
    texts([&mut check.expected, &mut check.actual, &mut check.hint]);
    texts(&mut check.evidence);
    check.findings.iter_mut().for_each(finding);
    check.credits.iter_mut().for_each(credit);
    check.transcript.iter_mut().for_each(entry);
}

fn finding(finding: &mut Finding) {
    lines([&mut finding.reason]);
    texts([&mut finding.expected, &mut finding.actual]);
    texts(&mut finding.evidence);
    texts(&mut finding.hint);
}

fn credit(credit: &mut Credit) {
    lines([&mut credit.what]);
}

fn entry(entry: &mut TranscriptEntry) {
    texts([&mut entry.input, &mut entry.output]);
    lines(&mut entry.exit);
}

fn lines<'a>(these: impl IntoIterator<Item = &'a mut String>) {
    for text in these {
        // Cut first: neutralising what will not be shown would be work for nothing.
        let short = match text.char_indices().nth(LINE) {
            None => one_line(text),
            Some((end, _)) => one_line(&text[..end]) + "…",
        };
        *text = short;
    }
}

fn texts<'a>(these: impl IntoIterator<Item = &'a mut String>) {
    for text in these {
        let ended = text.ends_with('\n');
        *text = neutral(&clip(text, TEXT)).into_owned();
        if ended && !text.is_empty() {
            text.push('\n');
        }
    }
}
