//! What several formats tell of a check, in words.

use super::human::{failure, prompt};
use super::{Detail, Look};
use crate::event::SubmissionReport;
use crate::terminal::expand_tabs;
use checks::report::{CheckResult, LevelResult, Status};

/// Columns that explanations are wrapped at, whatever the terminal is that rdgrade was started from.
const WIDTH: usize = 100;

/// A check with its surroundings.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// The submission's report.
    pub report: &'a SubmissionReport,
    /// The level.
    pub level: &'a LevelResult,
    /// The check.
    pub check: &'a CheckResult,
}

/// Every check of a report.
pub fn each(report: &SubmissionReport) -> impl Iterator<Item = Told<'_>> {
    report.levels.iter().flat_map(move |level| {
        level.checks.iter().map(move |check| Told {
            report,
            level,
            check,
        })
    })
}

/// Whether a failure is the submission's and counts.
pub fn failed(check: &CheckResult) -> bool {
    matches!(check.status, Status::Fail | Status::Blocked)
}

impl Told<'_> {
    /// `level01/sees-the-image`: what a check is called everywhere.
    pub fn name(self) -> String {
        format!("{}/{}", self.level.level, self.check.id)
    }

    /// All that the report for people tells of a check that did not pass: for others, what there is to say.
    pub fn explained(self, look: &Look) -> String {
        let Told {
            report,
            level,
            check,
        } = self;
        match check.status {
            Status::Pass => String::new(),
            Status::Fail | Status::Blocked => {
                let look = Look {
                    width: WIDTH,
                    detail: Detail::Failures,
                    ..look.clone()
                };
                let mut text = failure(report, level, check, &look);
                text.truncate(text.trim_end().len());
                text + "\n"
            }
            Status::Ungradable | Status::Error => {
                let lines = [&check.reason].into_iter().chain(&check.evidence);
                lines.map(|line| format!("{line}\n")).collect()
            }
        }
    }

    /// All that was typed and printed.
    pub fn transcript(self) -> String {
        let mut text = String::new();
        for entry in &self.check.transcript {
            text.push_str(&format!("{} {}\n", prompt(entry.side).sign, entry.input));
            if !entry.output.is_empty() {
                // Some readers of XML drop tabs.
                text.push_str(&expand_tabs(entry.output.trim_end()));
                text.push('\n');
            }
            if let Some(exit) = entry.exit.as_deref().filter(|exit| *exit != "0") {
                text.push_str(&format!("({exit})\n"));
            }
        }
        text
    }

    /// What earns nothing and costs nothing, in the words of a format that has none for it.
    pub fn uncounted(self) -> Option<String> {
        let why = match self.check.status {
            Status::Ungradable => "not gradable on this host",
            Status::Error => "not graded, rdgrade's own fault",
            Status::Pass | Status::Fail | Status::Blocked => return None,
        };
        Some(format!("{why}: {}", self.check.reason))
    }

    /// The points in the maximum: none for a bonus and for what could not be graded.
    pub fn counted_points(self) -> u32 {
        match self.uncounted() {
            None if !self.check.bonus => self.check.max_points,
            _ => 0,
        }
    }

    /// The points earned: none where nothing could be graded.
    pub fn earned_points(self) -> u32 {
        match self.uncounted() {
            None => self.check.points,
            Some(_) => 0,
        }
    }
}

/// Why there is no mark for this submission, one reason a line: it could not be graded, or a check could not by our
/// own fault. What this host cannot show is no reason, unless there is nothing else.
pub fn no_mark(report: &SubmissionReport) -> Option<String> {
    if let Some(why) = &report.not_graded {
        return Some(format!("{}\n{}\n", why.reason, why.remedy));
    }
    let errors = each(report).filter(|told| told.check.status == Status::Error);
    let mut reasons: String = errors
        .map(|told| format!("{}: {}\n", told.name(), told.check.reason))
        .collect();
    if reasons.is_empty() && report.max_score == 0 {
        let all = each(report).filter_map(|told| Some(format!("{}\n", told.uncounted()?)));
        reasons = "nothing could be graded\n".to_owned() + &all.collect::<String>();
    }
    (!reasons.is_empty()).then_some(reasons)
}

/// `18 of 20 points`; `no score` where nothing could be graded.
pub fn score(report: &SubmissionReport) -> String {
    match report.max_score {
        0 => "no score".to_owned(),
        maximum => format!("{} of {maximum} points", report.score),
    }
}

/// As many characters of `text` as fit, the cut said.
pub fn capped(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((at, _)) => {
            let more = text[at..].chars().count();
            format!("{}\n… {more} more characters …\n", &text[..at])
        }
    }
}
