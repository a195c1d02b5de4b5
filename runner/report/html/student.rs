//! A student's page: every check with all that is known of it.

use super::class::{Class, shown};
use super::folder::stem;
use super::hints;
use super::timeline::Timeline;
use crate::event::{NotGraded, SubmissionReport};
use crate::page::Tone;
use crate::report::Look;
use crate::report::human::{diff_lines, points, prompt, sign, tally};
use checks::played::Side;
use checks::report::{CheckResult, Credit, Finding, LevelResult, Status, TranscriptEntry};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a student's page is made with, besides their report.
pub struct Surroundings<'a> {
    /// The submission's index.
    pub index: usize,
    /// How many there are.
    pub submissions: usize,
    /// How to play a check again.
    pub look: &'a Look,
    /// The class up to now, this student included.
    pub class: &'a Class,
    /// Recordings, by level and check.
    pub recordings: &'a BTreeMap<(&'a str, &'a str), Timeline>,
}

/// What the template is given.
#[derive(Debug, Serialize)]
pub struct StudentView<'a> {
    name: String,
    id: &'a str,
    submission: &'a str,
    position: usize,
    of: usize,
    previous: Option<String>,
    next: Option<String>,
    score: u32,
    max_score: u32,
    tool: &'a str,
    seed: u64,
    isolation: &'a str,
    not_graded: Option<&'a NotGraded>,
    levels: Vec<LevelView<'a>>,
}

#[derive(Debug, Serialize)]
struct LevelView<'a> {
    id: &'a str,
    title: &'a str,
    score: u32,
    max_score: u32,
    tally: String,
    checks: Vec<CheckView<'a>>,
}

#[derive(Debug, Serialize)]
struct CheckView<'a> {
    /// The same on the page of every student, and in the class's columns.
    anchor: String,
    id: &'a str,
    title: &'a str,
    class: &'static str,
    status: &'static str,
    sign: &'static str,
    open: bool,
    points: String,
    reason: &'a str,
    findings: Vec<FindingView<'a>>,
    credits: &'a [Credit],
    evidence: Vec<&'a str>,
    blocked_by: Vec<Blocker<'a>>,
    hints: Vec<&'a str>,
    link: &'a str,
    linked: bool,
    again: String,
    milliseconds: u64,
    transcript: Vec<StepView<'a>>,
    recording: Option<&'a Timeline>,
}

#[derive(Debug, Serialize)]
struct Blocker<'a> {
    id: &'a str,
    anchor: Option<String>,
}

#[derive(Debug, Serialize)]
struct FindingView<'a> {
    step: usize,
    line: usize,
    /// Empty where the check's reason says the same.
    reason: &'a str,
    expected: &'a str,
    actual: &'a str,
    diff: Option<Vec<DiffLine>>,
    evidence: &'a [String],
}

#[derive(Debug, Serialize)]
struct DiffLine {
    class: &'static str,
    text: String,
}

#[derive(Debug, Serialize)]
struct StepView<'a> {
    sign: &'static str,
    side: &'static str,
    input: &'a str,
    output: &'a str,
    exit: Option<String>,
    at_fault: bool,
}

/// The letter a verdict has in style sheets.
pub fn letter(status: Status) -> &'static str {
    match status {
        Status::Pass => "p",
        Status::Fail => "f",
        Status::Blocked => "b",
        Status::Ungradable => "u",
        Status::Error => "e",
    }
}

impl Surroundings<'_> {
    /// The view of a report whose texts are tame.
    pub fn student<'a>(&'a self, report: &'a SubmissionReport) -> StudentView<'a> {
        let (name, id, submission) = match &report.student {
            Some(student) => (
                &student.name,
                student.id.as_str(),
                report.submission.as_str(),
            ),
            None => (&report.submission, "", ""),
        };
        let page = |index: usize| format!("{}.html", stem(index));
        StudentView {
            name: shown(name),
            id,
            submission,
            position: self.index + 1,
            of: self.submissions,
            previous: self.index.checked_sub(1).map(page),
            next: Some(self.index + 1)
                .filter(|next| *next < self.submissions)
                .map(page),
            score: report.score,
            max_score: report.max_score,
            tool: &report.tool,
            seed: report.seed,
            isolation: &report.isolation,
            not_graded: report.not_graded.as_ref(),
            levels: report
                .levels
                .iter()
                .map(|level| self.level(report, level))
                .collect(),
        }
    }

    fn level<'a>(&'a self, report: &'a SubmissionReport, level: &'a LevelResult) -> LevelView<'a> {
        LevelView {
            id: &level.level,
            title: &level.title,
            score: level.score,
            max_score: level.max_score,
            tally: tally(level),
            checks: level
                .checks
                .iter()
                .map(|check| self.check(report, level, check))
                .collect(),
        }
    }

    fn check<'a>(
        &'a self,
        report: &'a SubmissionReport,
        level: &'a LevelResult,
        check: &'a CheckResult,
    ) -> CheckView<'a> {
        let anchor = |id: &str| {
            let number = self.class.number(&level.level, id)?;
            Some(format!("c{number}"))
        };
        let failed = matches!(check.status, Status::Fail | Status::Blocked);
        let name = format!("{}/{}", level.level, check.id);
        CheckView {
            anchor: anchor(&check.id).unwrap_or_default(),
            id: &check.id,
            title: &check.title,
            class: letter(check.status),
            status: status(check.status),
            sign: sign(check.status).0,
            open: check.status != Status::Pass,
            points: points(check),
            reason: &check.reason,
            findings: findings(check),
            credits: &check.credits,
            evidence: rest_of_the_evidence(check),
            blocked_by: check
                .blocked_by
                .iter()
                .map(|id| Blocker {
                    id,
                    anchor: anchor(id),
                })
                .collect(),
            hints: if failed {
                hints::of(check).into_iter().collect()
            } else {
                Vec::new()
            },
            link: if failed { &check.link } else { "" },
            // Nothing else becomes a link, `javascript:` least of all.
            linked: check.link.starts_with("https://"),
            again: self.look.again.command(&name, &report.submission),
            milliseconds: check.duration_ms,
            transcript: check
                .transcript
                .iter()
                .map(|entry| step(check, entry))
                .collect(),
            recording: self
                .recordings
                .get(&(level.level.as_str(), check.id.as_str())),
        }
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Pass => "passed",
        Status::Fail => "failed",
        Status::Blocked => "blocked",
        Status::Ungradable => "not gradable on this host",
        Status::Error => "not graded, rdgrade's own fault",
    }
}

fn findings(check: &CheckResult) -> Vec<FindingView<'_>> {
    let one = |finding| view_of(finding, &check.reason);
    if !check.findings.is_empty() {
        return check.findings.iter().map(one).collect();
    }
    if check.expected.trim().is_empty() && check.actual.trim().is_empty() {
        return Vec::new();
    }
    vec![FindingView {
        step: 0,
        line: 0,
        reason: "",
        expected: &check.expected,
        actual: &check.actual,
        diff: diff(&check.expected, &check.actual),
        evidence: &[],
    }]
}

fn view_of<'a>(finding: &'a Finding, reason: &str) -> FindingView<'a> {
    FindingView {
        step: finding.step + 1,
        line: finding.line,
        reason: if finding.reason == reason {
            ""
        } else {
            &finding.reason
        },
        expected: finding.expected.trim_end(),
        actual: finding.actual.trim_end(),
        diff: diff(&finding.expected, &finding.actual),
        evidence: &finding.evidence,
    }
}

fn diff(expected: &str, actual: &str) -> Option<Vec<DiffLine>> {
    let lines = diff_lines(expected, actual)?;
    let class = |tone| match tone {
        Tone::Good => "missing",
        Tone::Bad => "extra",
        _ => "same",
    };
    let line = |(tone, text)| DiffLine {
        class: class(tone),
        text,
    };
    Some(lines.into_iter().map(line).collect())
}

/// What is not told with a finding already.
fn rest_of_the_evidence(check: &CheckResult) -> Vec<&str> {
    let told = |line: &&String| {
        let mut findings = check.findings.iter();
        !findings.any(|finding| finding.evidence.contains(line))
    };
    let rest = check.evidence.iter().filter(told);
    rest.map(String::as_str).collect()
}

fn step<'a>(check: &CheckResult, entry: &'a TranscriptEntry) -> StepView<'a> {
    let exit = entry.exit.as_deref().filter(|exit| *exit != "0");
    StepView {
        sign: prompt(entry.side).sign,
        side: match entry.side {
            Side::Submission | Side::Outside => "host",
            Side::Inside => "inside",
            Side::Kernel => "kernel",
        },
        input: &entry.input,
        output: entry.output.trim_end(),
        exit: exit.map(|exit| {
            if exit.starts_with("SIG") {
                format!("killed by {exit}")
            } else {
                format!("exit status {exit}")
            }
        }),
        at_fault: check.status != Status::Pass
            && check
                .findings
                .iter()
                .any(|finding| finding.step == entry.step),
    }
}
