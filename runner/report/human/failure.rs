//! One failed check, in full.

use super::level::{Told, blocker};
use super::{diff, transcript, words};
use crate::page::{Lead, Page, Tone};
use crate::report::{Detail, Look};
use crate::terminal::{Limits, clip, one_line};
use checks::report::{CheckResult, Credit, Finding, Status};

/// Columns of the labels at the left, the gap included.
pub const LABEL: usize = 10;

/// How much of an expectation or of what was seen is shown without `-v`.
const SHOWN: Limits = Limits {
    head: 14,
    tail: 6,
    columns: 320,
};

/// Lays out everything a student needs to go on from a failure.
pub fn failure(page: &mut Page, told: &Told<'_>, look: &Look) {
    let check = told.check;
    let (sign, tone) = words::sign(check.status);
    page.gap();
    page.entry(
        Lead::sign(0, sign, tone),
        &one_line(&check.id),
        tone,
        &words::points(check),
    );
    let told_below = in_parts(check)
        && check
            .findings
            .first()
            .is_some_and(|first| first.reason == check.reason);
    if told_below {
        page.block(Lead::blank(2), &one_line(&check.title), Tone::Strong);
        page.gap();
    } else {
        page.block(Lead::blank(2), &one_line(&check.reason), Tone::Strong);
        page.gap();
        page.block(
            Lead::label(2, "wanted", LABEL),
            &one_line(&check.title),
            Tone::Plain,
        );
    }
    match look.detail {
        Detail::Everything => transcript::whole(page, told.report, check),
        Detail::Failures | Detail::Summary => transcript::until_it_failed(page, told.report, check),
    }
    findings(page, told, look);
    advice(page, told, look);
    page.gap();
}

/// Whether there is more than one thing to tell: several findings, or steps with points of their own.
fn in_parts(check: &CheckResult) -> bool {
    check.findings.len() > 1 || (check.findings.len() == 1 && !check.credits.is_empty())
}

fn findings(page: &mut Page, told: &Told<'_>, look: &Look) {
    let check = told.check;
    match check.findings.as_slice() {
        [] => {
            compared(page, 2, &check.expected, &check.actual, look);
            evidence(page, 2, &check.evidence);
        }
        [only] if !in_parts(check) => {
            // The check's reason is this finding's, unless the judge had more to say.
            if only.reason != check.reason {
                page.block(Lead::label(2, "so", LABEL), &only.reason, Tone::Plain);
            }
            finding(page, 2, told, only, look);
        }
        several => by_step(page, told, several, look),
    }
    let told_already = |line: &&String| {
        !check
            .findings
            .iter()
            .any(|finding| finding.evidence.contains(line))
    };
    let rest: Vec<String> = check
        .evidence
        .iter()
        .filter(told_already)
        .cloned()
        .collect();
    if !check.findings.is_empty() {
        evidence(page, 2, &rest);
    }
}

/// Steps that carry points, passed or not, and every finding under its step.
fn by_step(page: &mut Page, told: &Told<'_>, findings: &[Finding], look: &Look) {
    let credits = &told.check.credits;
    let mut steps: Vec<usize> = credits.iter().map(|credit| credit.step).collect();
    steps.extend(findings.iter().map(|finding| finding.step));
    steps.sort_unstable();
    steps.dedup();
    for step in steps {
        let credit = credits.iter().find(|credit| credit.step == step);
        let mut points = credit.map_or(String::new(), share);
        let mut here = findings
            .iter()
            .filter(|finding| finding.step == step)
            .peekable();
        if here.peek().is_none() {
            let earned = credit.filter(|credit| credit.points > 0);
            let what = credit.map_or("", |credit| credit.what.as_str());
            // Not at fault and yet unpaid: what it stands on is missing.
            let (sign, tone) = words::sign(earned.map_or(Status::Blocked, |_| Status::Pass));
            page.gap();
            page.entry(
                Lead::sign(2, sign, tone),
                &one_line(what),
                Tone::Plain,
                &points,
            );
        }
        for one in here {
            let (sign, tone) = words::sign(Status::Fail);
            page.gap();
            page.entry(Lead::sign(2, sign, tone), &one.reason, Tone::Plain, &points);
            finding(page, 4, told, one, look);
            points.clear();
        }
    }
    page.gap();
}

fn share(credit: &Credit) -> String {
    format!("{} of {}", credit.points, credit.max_points)
}

fn finding(page: &mut Page, indent: usize, told: &Told<'_>, finding: &Finding, look: &Look) {
    compared(page, indent, &finding.expected, &finding.actual, look);
    evidence(page, indent, &finding.evidence);
    if look.tells(Detail::Everything) && finding.line > 0 {
        let place = format!(
            "step {}, line {} of {}'s file",
            finding.step + 1,
            finding.line,
            told.level.level
        );
        page.block(
            Lead::label(indent, "asked by", LABEL),
            &one_line(&place),
            Tone::Dim,
        );
    }
    // What holds for the whole check is told once, below.
    if let Some(hint) = finding.hint.as_ref().filter(|_| in_parts(told.check)) {
        page.block(Lead::label(indent, "fix", LABEL), hint, Tone::Plain);
    }
}

fn compared(page: &mut Page, indent: usize, expected: &str, actual: &str, look: &Look) {
    if let Some(lines) = diff::lines(expected, actual) {
        page.block(
            Lead::label(indent, "differs", LABEL),
            "- expected  + actual",
            Tone::Dim,
        );
        for (tone, line) in lines {
            page.block(Lead::blank(indent + LABEL), &line, tone);
        }
        return;
    }
    for (label, text) in [("expected", expected), ("actual", actual)] {
        if !text.trim().is_empty() {
            let shown = match look.detail {
                Detail::Everything => text.to_owned(),
                Detail::Failures | Detail::Summary => clip(text, SHOWN),
            };
            page.block(Lead::label(indent, label, LABEL), &shown, Tone::Plain);
        }
    }
}

/// The kernel's words.
pub fn evidence(page: &mut Page, indent: usize, lines: &[String]) {
    if !lines.is_empty() {
        page.block(
            Lead::label(indent, "kernel", LABEL),
            &lines.join("\n"),
            Tone::Plain,
        );
    }
}

fn advice(page: &mut Page, told: &Told<'_>, look: &Look) {
    let Told {
        report,
        level,
        check,
    } = told;
    page.gap();
    let hints = || check.findings.iter().map(|finding| finding.hint.as_ref());
    let told_already = in_parts(check);
    if !(told_already && hints().any(|hint| hint == Some(&check.hint))) {
        let label = if told_already && hints().all(|hint| hint.is_some()) {
            "why"
        } else {
            "fix"
        };
        page.block(Lead::label(2, label, LABEL), &check.hint, Tone::Plain);
    }
    if !check.link.is_empty() {
        page.unbroken(Lead::label(2, "read", LABEL), &check.link, Tone::Plain);
    }
    if check.status == Status::Blocked && !check.blocked_by.is_empty() {
        let first = format!(
            "mend {} first: this one needs it",
            check.blocked_by.join(", ")
        );
        page.block(Lead::label(2, "but", LABEL), &one_line(&first), Tone::Plain);
    }
    also(page, told, look);
    let again = look
        .again
        .command(&format!("{}/{}", level.level, check.id), &report.submission);
    page.unbroken(Lead::label(2, "again", LABEL), &again, Tone::Strong);
}

/// The checks that failed because this one did.
fn also(page: &mut Page, told: &Told<'_>, look: &Look) {
    if look.tells(Detail::Everything) {
        return;
    }
    let waits = |check: &&CheckResult| {
        let root = blocker(told.level, check);
        check.status == Status::Blocked && root.is_some_and(|root| root.id == told.check.id)
    };
    let (sign, _) = words::sign(Status::Blocked);
    for (index, blocked) in told.level.checks.iter().filter(waits).enumerate() {
        let label = if index == 0 { "also" } else { "" };
        let by: Vec<&str> = blocked
            .blocked_by
            .iter()
            .map(|id| {
                if *id == told.check.id {
                    "this"
                } else {
                    id.as_str()
                }
            })
            .collect();
        let line = format!(
            "{sign} {} {}, blocked by {}",
            blocked.id,
            words::points(blocked),
            by.join(" and ")
        );
        page.block(Lead::label(2, label, LABEL), &one_line(&line), Tone::Warn);
    }
}
