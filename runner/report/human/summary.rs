//! The end of a report: the score, what failed once more if the list was long, and where to start.

use super::start::{failed, start_with};
use super::{SCREEN, words};
use crate::event::SubmissionReport;
use crate::page::{Lead, Page, Tone};
use crate::report::{Detail, Look};
use crate::terminal::one_line;
use checks::report::Status;

/// Closes the report of one submission.
pub fn submission(page: &mut Page, report: &SubmissionReport, look: &Look) {
    page.gap();
    let failures: usize = report
        .levels
        .iter()
        .map(|level| failed(level).count())
        .sum();
    let long = page.lines() > SCREEN || look.detail == Detail::Summary;
    let told_already = failures == 1 && look.tells(Detail::Failures);
    if failures > 0 && long && !told_already {
        again(page, report);
    }
    // With -q and one level, the headline has just said it.
    if look.tells(Detail::Failures) || report.levels.len() > 1 {
        page.block(Lead::blank(0), &verdict(report), Tone::Strong);
    }
    if let Some(start) = start_with(report) {
        let more = match start.waiting {
            0 => String::new(),
            1 => " One more waits for it.".to_owned(),
            more => format!(" {more} more wait for it."),
        };
        page.block(
            Lead::blank(0),
            &format!("Start with {}.{more}", one_line(&start.name)),
            Tone::Plain,
        );
    }
}

/// What it takes to see the same again.
pub fn replay(page: &mut Page, (seed, isolation): (u64, &str), look: &Look) {
    let mut seed = format!("seed {seed}");
    if look.tells(Detail::Everything) {
        seed = format!("{seed} · {}", one_line(isolation));
    }
    page.block(Lead::blank(0), &seed, Tone::Dim);
}

fn verdict(report: &SubmissionReport) -> String {
    let count = |status| {
        let checks = report.levels.iter().flat_map(|level| &level.checks);
        checks
            .filter(|check| check.status == status && !check.bonus)
            .count()
    };
    if report.max_score == 0 {
        return "No score: nothing could be graded here.".to_owned();
    }
    let points = if report.max_score == 1 {
        "point"
    } else {
        "points"
    };
    let score = format!("{} of {} {points}.", report.score, report.max_score);
    let ours = count(Status::Error);
    let uncounted = count(Status::Ungradable);
    if count(Status::Fail) + count(Status::Blocked) > 0 {
        score
    } else if ours > 0 {
        format!("{score} Not all was graded: {ours} by rdgrade's own fault.")
    } else if uncounted > 0 {
        format!("{score} All that this machine can show has passed.")
    } else {
        format!("{score} Everything passed.")
    }
}

fn again(page: &mut Page, report: &SubmissionReport) {
    let (sign, tone) = words::sign(Status::Fail);
    for level in &report.levels {
        for check in failed(level) {
            let name = one_line(&format!("{}/{}", level.level, check.id));
            page.entry(
                Lead::sign(0, sign, tone),
                &name,
                Tone::Plain,
                &words::points(check),
            );
            page.block(Lead::blank(2), &check.reason, Tone::Dim);
        }
    }
    page.gap();
}

/// What the closing table says of one submission: all that is kept of its report.
pub struct Line {
    status: Status,
    name: Box<str>,
    /// Points, and how many there are; `None` if it was not graded.
    score: Option<(u32, u32)>,
    /// The first check to look at, and why; or why nothing was graded.
    start: Option<Box<str>>,
}

impl Line {
    /// The line of a report.
    pub fn of(report: &SubmissionReport) -> Line {
        let errors = report
            .levels
            .iter()
            .flat_map(|level| &level.checks)
            .any(|check| check.status == Status::Error);
        let start = start_with(report);
        let graded = report.not_graded.is_none();
        let status = match &start {
            _ if errors || !graded => Status::Error,
            Some(_) => Status::Fail,
            None => Status::Pass,
        };
        let start = start.map(|start| one_line(&format!("{}: {}", start.name, start.reason)));
        let why = report.not_graded.as_ref();
        let why = why.map(|why| one_line(&in_short(&why.reason)));
        Line {
            status,
            name: one_line(&report.submission).into_boxed_str(),
            score: graded.then_some((report.score, report.max_score)),
            start: why.or(start).map(String::into_boxed_str),
        }
    }
}

/// A reason without the lines of a file that it shows: where they are is said before.
fn in_short(reason: &str) -> String {
    let shown = |line: &&str| line.starts_with('|');
    let said = reason
        .lines()
        .map(str::trim)
        .take_while(|line| !shown(line));
    said.collect::<Vec<_>>().join(" ")
}

/// One line for each submission of several.
pub fn cohort(page: &mut Page, lines: &[Line]) {
    let heading = format!("{} submissions", lines.len());
    page.block(Lead::blank(0), &heading, Tone::Strong);
    for line in lines {
        let (sign, tone) = words::sign(line.status);
        let right = match line.score {
            Some((score, most)) => words::score(score, most),
            None => "not graded".to_owned(),
        };
        page.entry(Lead::sign(0, sign, tone), &line.name, Tone::Plain, &right);
        if let Some(first) = &line.start {
            page.block(Lead::blank(2), first, Tone::Dim);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::as_it_is("failed to copy rd: no such file", "failed to copy rd: no such file")]
    #[case::with_a_place(
        "its manifest has mistakes\nerror: `run` is empty\n --> a.yaml:2:1\n  |\n2 | run: []\n  | ^^^\nhelp: name it",
        "its manifest has mistakes error: `run` is empty --> a.yaml:2:1"
    )]
    #[case::without_any("", "")]
    fn a_reason_has_one_line_in_a_table(#[case] reason: &str, #[case] said: &str) {
        assert_eq!(in_short(reason), said);
    }
}
