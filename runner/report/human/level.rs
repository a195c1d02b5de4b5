//! One level: a headline, then its checks in their order.

use super::{failure, transcript, words};
use crate::event::SubmissionReport;
use crate::page::{Lead, Page, Tone};
use crate::report::{Detail, Look};
use crate::terminal::one_line;
use checks::report::{CheckResult, LevelResult, Status};

/// Lays out a level's headline and, unless only a summary is wanted, its checks.
pub fn level(page: &mut Page, report: &SubmissionReport, level: &LevelResult, look: &Look) {
    let name = one_line(&format!("{} {}", level.level, level.title));
    let score = format!(
        "{} · {}",
        words::score(level.score, level.max_score),
        words::tally(level)
    );
    page.entry(Lead::blank(0), &name, Tone::Strong, &score);
    if !look.tells(Detail::Failures) {
        return;
    }
    page.gap();
    for check in &level.checks {
        let told_there = blocker(level, check).is_some() && !look.tells(Detail::Everything);
        match check.status {
            Status::Pass => passed(page, report, check, look),
            Status::Fail => failure::failure(
                page,
                &Told {
                    report,
                    level,
                    check,
                },
                look,
            ),
            Status::Blocked if told_there => {}
            Status::Blocked => failure::failure(
                page,
                &Told {
                    report,
                    level,
                    check,
                },
                look,
            ),
            Status::Ungradable => ungradable(page, check),
            Status::Error => error(page, report, check, look),
        }
    }
}

/// A check and where it belongs.
pub struct Told<'a> {
    /// The submission's report.
    pub report: &'a SubmissionReport,
    /// The check's level.
    pub level: &'a LevelResult,
    /// The check.
    pub check: &'a CheckResult,
}

/// The failed check at the root of a blocked one, if this level has it: following `blocked_by` upwards.
pub fn blocker<'a>(level: &'a LevelResult, check: &CheckResult) -> Option<&'a CheckResult> {
    let mut at = check;
    // A level's needs have no cycle, but a report may come from anywhere.
    for _ in 0..level.checks.len() {
        let up = at
            .blocked_by
            .iter()
            .find_map(|id| level.checks.iter().find(|other| other.id == *id))?;
        if up.status == Status::Fail {
            return Some(up);
        }
        at = up;
    }
    None
}

fn passed(page: &mut Page, report: &SubmissionReport, check: &CheckResult, look: &Look) {
    let (sign, tone) = words::sign(check.status);
    page.entry(
        Lead::sign(0, sign, tone),
        &one_line(&check.title),
        Tone::Plain,
        &words::points(check),
    );
    if look.tells(Detail::Everything) {
        transcript::whole(page, report, check);
        page.gap();
    }
}

fn ungradable(page: &mut Page, check: &CheckResult) {
    let (sign, tone) = words::sign(check.status);
    page.entry(
        Lead::sign(0, sign, tone),
        &one_line(&check.title),
        Tone::Plain,
        &words::points(check),
    );
    page.block(Lead::blank(2), &one_line(&check.reason), Tone::Dim);
}

fn error(page: &mut Page, report: &SubmissionReport, check: &CheckResult, look: &Look) {
    let (sign, tone) = words::sign(check.status);
    page.gap();
    page.entry(
        Lead::sign(0, sign, tone),
        &one_line(&check.id),
        Tone::Fault,
        &words::points(check),
    );
    page.block(
        Lead::blank(2),
        "rdgrade's own fault, not yours: it costs you nothing.",
        Tone::Plain,
    );
    page.block(
        Lead::label(2, "cause", failure::LABEL),
        &check.reason,
        Tone::Plain,
    );
    failure::evidence(page, 2, &check.evidence);
    if look.tells(Detail::Everything) {
        transcript::whole(page, report, check);
    }
    let please = format!("report this, with seed {} and {}", report.seed, report.tool);
    page.block(
        Lead::label(2, "please", failure::LABEL),
        &one_line(&please),
        Tone::Plain,
    );
    page.gap();
}
