//! From what a check's steps brought to its verdict: the one place where fail, ungradable and error part ways.

use crate::level::Check;
use crate::report::{CheckResult, Finding, Status, TranscriptEntry};
use alloc::collections::BTreeSet;
use alloc::{format, string::String, vec::Vec};

/// Lines of evidence a result keeps over all its findings.
const EVIDENCE_LINES: usize = 16;
/// Dependent expectations that are named one by one.
const NAMED_DEPENDENTS: usize = 8;

/// An expectation that could not be judged because of something that went wrong before.
#[derive(Debug)]
pub(super) struct Dependent {
    pub step: usize,
    pub line: usize,
    pub topic: String,
    pub why: String,
}

/// What the steps brought.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub findings: Vec<Finding>,
    pub dependents: Vec<Dependent>,
    /// Steps of which something did not hold.
    pub failed: BTreeSet<usize>,
    /// What this host cannot show.
    pub host_cannot: Vec<String>,
    /// What went wrong on rdgrade's side.
    pub ours: Vec<String>,
    /// Reasons for a missing container that a finding has given already.
    pub gone: BTreeSet<String>,
    pub transcript: Vec<TranscriptEntry>,
    pub duration_ms: u64,
    /// Steps recorded.
    pub recorded: usize,
}

impl Tally {
    /// The result of `check`, `needs` not yet considered.
    pub fn settle(mut self, check: &Check) -> CheckResult {
        if self.recorded < check.scenario.len() {
            let line = check.scenario[self.recorded].line;
            self.ours
                .push(format!("the step in line {line} was not played"));
        }
        self.summarise_dependents();
        let (status, reason) = self.status();
        let credits = match status {
            Status::Pass | Status::Fail => self.credits(check),
            Status::Blocked | Status::Ungradable | Status::Error => Vec::new(),
        };
        let earned = match status {
            Status::Pass => check.points,
            Status::Fail => credits
                .iter()
                .map(|credit| credit.points)
                .fold(0, u32::saturating_add)
                .min(check.points),
            Status::Blocked | Status::Ungradable | Status::Error => 0,
        };
        let first = self.findings.first();
        let mut evidence: Vec<String> = Vec::new();
        for line in self.findings.iter().flat_map(|finding| &finding.evidence) {
            if evidence.len() < EVIDENCE_LINES && !evidence.contains(line) {
                evidence.push(line.clone());
            }
        }
        CheckResult {
            id: check.id.clone(),
            title: check.title.clone(),
            status,
            points: earned,
            max_points: check.points,
            bonus: check.bonus,
            reason,
            expected: first
                .map(|finding| finding.expected.clone())
                .unwrap_or_default(),
            actual: first
                .map(|finding| finding.actual.clone())
                .unwrap_or_default(),
            evidence,
            hint: first
                .and_then(|finding| finding.hint.clone())
                .unwrap_or_else(|| check.hint.clone()),
            link: check.link.clone(),
            blocked_by: Vec::new(),
            duration_ms: self.duration_ms,
            transcript: self.transcript,
            findings: self.findings,
            credits,
        }
    }

    fn status(&self) -> (Status, String) {
        if let Some(why) = self.ours.first() {
            return (
                Status::Error,
                format!("rdgrade failed to judge this: {why}"),
            );
        }
        if let Some(finding) = self.findings.first() {
            return (Status::Fail, finding.reason.clone());
        }
        // Only when nothing else failed: a submission cannot shrink what it is measured by.
        if let Some(why) = self.host_cannot.first() {
            return (
                Status::Ungradable,
                format!("this host cannot show it: {why}"),
            );
        }
        (Status::Pass, String::new())
    }

    fn summarise_dependents(&mut self) {
        let Some(first) = self.dependents.first() else {
            return;
        };
        let count = self.dependents.len();
        let reason = match (self.findings.is_empty(), count) {
            (true, _) => first.why.clone(),
            (false, 1) => String::from("one more expectation depends on what failed before it"),
            (false, count) => {
                format!("{count} more expectations depend on what failed before them")
            }
        };
        let mut expected: Vec<String> = self
            .dependents
            .iter()
            .take(NAMED_DEPENDENTS)
            .map(|dependent| format!("line {}: {}", dependent.line, dependent.topic))
            .collect();
        if count > NAMED_DEPENDENTS {
            expected.push(format!("… {} more", count - NAMED_DEPENDENTS));
        }
        let finding = Finding {
            step: first.step,
            line: first.line,
            reason,
            expected: expected.join("\n"),
            actual: format!("not judged: {}", first.why),
            evidence: Vec::new(),
            hint: None,
        };
        // With nothing but rdgrade's or the host's own limits behind them, they are no finding about the submission.
        if !self.findings.is_empty() || (self.ours.is_empty() && self.host_cannot.is_empty()) {
            self.findings.push(finding);
        }
    }
}
