//! What was typed and printed, on both sides of the wall, in the order in which it happened.

use super::failure::LABEL;
use crate::event::SubmissionReport;
use crate::page::{Lead, Page, Tone};
use crate::terminal::{Limits, clip, one_line};
use checks::played::Side;
use checks::report::{CheckResult, TranscriptEntry};

/// Columns of the prompts, the gap included.
const PROMPT: usize = 9;
/// What a command that is not itself at fault printed, without `-v`.
const PASSING_BY: Limits = Limits {
    head: 3,
    tail: 2,
    columns: 240,
};
/// What a command that is at fault printed, without `-v`.
const AT_FAULT: Limits = Limits {
    head: 10,
    tail: 10,
    columns: 320,
};
/// With `-v`: all, but for lines no one would read.
const WHOLE: Limits = Limits {
    head: 2000,
    tail: 2000,
    columns: 4000,
};

/// A sign that tells where something was typed.
#[derive(Debug, Clone, Copy)]
pub struct Prompt {
    /// `host$`, `inside#`, `kernel`.
    pub sign: &'static str,
    /// How it looks.
    pub tone: Tone,
}

/// The sign of a side. The submission is started on the host, hence has the host's.
pub fn prompt(side: Side) -> Prompt {
    match side {
        Side::Submission | Side::Outside => Prompt {
            sign: "host$",
            tone: Tone::Dim,
        },
        Side::Inside => Prompt {
            sign: "inside#",
            tone: Tone::Warn,
        },
        Side::Kernel => Prompt {
            sign: "kernel",
            tone: Tone::Dim,
        },
    }
}

/// The whole transcript.
pub fn whole(page: &mut Page, report: &SubmissionReport, check: &CheckResult) {
    if check.transcript.is_empty() {
        ran(page, report);
    }
    for (index, entry) in check.transcript.iter().enumerate() {
        typed(page, label(index), entry);
        printed(page, entry, WHOLE);
    }
}

/// What was typed up to the last step that went wrong. Looks from the kernel's side typed nothing.
pub fn until_it_failed(page: &mut Page, report: &SubmissionReport, check: &CheckResult) {
    let last = check
        .findings
        .iter()
        .map(|finding| finding.step)
        .max()
        .unwrap_or(usize::MAX);
    let shown: Vec<&TranscriptEntry> = check
        .transcript
        .iter()
        .filter(|entry| entry.step <= last && entry.side != Side::Kernel)
        .collect();
    if shown.is_empty() {
        ran(page, report);
    }
    for (index, entry) in shown.into_iter().enumerate() {
        let at_fault = check
            .findings
            .iter()
            .any(|finding| finding.step == entry.step);
        typed(page, label(index), entry);
        printed(page, entry, if at_fault { AT_FAULT } else { PASSING_BY });
    }
}

fn label(index: usize) -> &'static str {
    if index == 0 { "ran" } else { "" }
}

fn ran(page: &mut Page, report: &SubmissionReport) {
    if !report.command.is_empty() {
        page.block(
            Lead::label(2, "ran", LABEL),
            &one_line(&report.command),
            Tone::Plain,
        );
    }
}

fn typed(page: &mut Page, label: &str, entry: &TranscriptEntry) {
    let prompt = prompt(entry.side);
    page.block(
        Lead::label(2, label, LABEL).then(prompt.sign, prompt.tone, PROMPT),
        &entry.input,
        Tone::Strong,
    );
}

fn printed(page: &mut Page, entry: &TranscriptEntry, limits: Limits) {
    let indent = 2 + LABEL + PROMPT;
    if !entry.output.trim().is_empty() {
        page.block(
            Lead::blank(indent),
            &clip(entry.output.trim_end(), limits),
            Tone::Plain,
        );
    }
    let exit = entry.exit.as_deref().unwrap_or("0");
    if exit != "0" {
        let ended = if exit.starts_with("SIG") {
            format!("killed by {exit}")
        } else {
            format!("exit status {exit}")
        };
        page.block(
            Lead::blank(indent),
            &format!("({})", one_line(&ended)),
            Tone::Dim,
        );
    }
}
