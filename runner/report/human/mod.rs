//! The report for people. A check that passed is one line; one that failed tells what ran, what was expected
//! and seen, the kernel's evidence, how to go on, what to read, and how to play just this one again.

use super::{Detail, Holds, Kind, Look, Output, Reporter, order::InOrder};
use crate::event::{Event, NotGraded, SubmissionReport};
use crate::page::{Lead, Page, Paint, Tone};
use crate::terminal::one_line;
use checks::report::{CheckResult, LevelResult};
use std::io;

mod brief;
mod diff;
mod failure;
mod level;
mod start;
mod summary;
mod transcript;
mod words;

pub(super) use diff::lines as diff_lines;
pub use transcript::{Prompt, prompt};
pub(super) use words::{points, sign, tally};

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "human",
    about: "for people",
    holds: Holds::Several,
    open: |opening| Ok(Box::new(Human::new(opening.output, opening.look))),
};

/// Lines a terminal is expected to show at once: beyond them, failures are listed again at the end.
const SCREEN: usize = 40;

/// Writes the report for people.
pub struct Human {
    output: Output,
    look: Look,
    order: InOrder,
    submissions: usize,
    /// Of a whole class a line each is kept, and of all reports the first one's seed and isolation.
    written: Vec<summary::Line>,
    replay: Option<(u64, String)>,
}

impl Human {
    /// A reporter that writes to `output`.
    pub fn new(output: Output, look: Look) -> Self {
        Human {
            output,
            look,
            order: InOrder::default(),
            submissions: 1,
            written: Vec::new(),
            replay: None,
        }
    }

    fn write(&mut self, reports: Vec<SubmissionReport>) -> io::Result<()> {
        for report in reports {
            let report = if self.look.tells(Detail::Everything) {
                report
            } else {
                brief::brief(report)
            };
            // With -q, several submissions are the lines of one table, which comes last.
            if self.submissions == 1 || self.look.tells(Detail::Failures) {
                let mut page = Page::new(self.look.width, self.look.paint);
                self.submission(&mut page, &report);
                let gap = if self.written.is_empty() { "" } else { "\n" };
                write!(self.output, "{gap}{}", page.into_text())?;
            }
            self.replay
                .get_or_insert((report.seed, report.isolation.clone()));
            self.written.push(summary::Line::of(&report));
        }
        self.output.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        let rest = self.order.rest();
        self.write(rest)?;
        if self.submissions > 1 && !self.written.is_empty() {
            let mut page = Page::new(self.look.width, self.look.paint);
            summary::cohort(&mut page, &self.written);
            if let Some((seed, isolation)) = &self.replay {
                page.gap();
                summary::replay(&mut page, (*seed, isolation), &self.look);
            }
            let gap = if self.look.tells(Detail::Failures) {
                "\n"
            } else {
                ""
            };
            write!(self.output, "{gap}{}", page.into_text())?;
        }
        self.output.flush()
    }
}

impl Reporter for Human {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted { submissions, .. } => {
                self.submissions = *submissions;
                Ok(())
            }
            Event::SubmissionFinished { submission, report } => {
                let ready = self.order.push(*submission, (**report).clone());
                self.write(ready)
            }
            Event::RunFinished => self.finish(),
            // A check's status may still change: what it needs is settled when its level is complete.
            Event::SubmissionStarted { .. }
            | Event::CheckTimed { .. }
            | Event::CheckFinished { .. } => Ok(()),
        }
    }
}

/// One check that did not pass, as this report tells it: for other reports, without colour.
pub fn failure(
    report: &SubmissionReport,
    level: &LevelResult,
    check: &CheckResult,
    look: &Look,
) -> String {
    let mut page = Page::new(look.width, Paint::Plain);
    let told = level::Told {
        report,
        level,
        check,
    };
    failure::failure(&mut page, &told, look);
    page.into_text()
}

impl Human {
    fn submission(&self, page: &mut Page, report: &SubmissionReport) {
        if let Some(why) = &report.not_graded {
            return not_graded(page, report, why);
        }
        if self.submissions > 1 {
            title(page, report);
        }
        for level in &report.levels {
            page.gap();
            level::level(page, report, level, &self.look);
        }
        summary::submission(page, report, &self.look);
        if self.submissions == 1 {
            summary::replay(page, (report.seed, &report.isolation), &self.look);
        }
    }
}

fn title(page: &mut Page, report: &SubmissionReport) {
    let name = one_line(&report.submission);
    page.block(Lead::label(0, "==", 3), &name, Tone::Strong);
}

fn not_graded(page: &mut Page, report: &SubmissionReport, why: &NotGraded) {
    let name = one_line(&report.submission);
    page.entry(
        Lead::sign(0, "!", Tone::Fault),
        &name,
        Tone::Strong,
        "not graded",
    );
    page.block(Lead::blank(2), &why.reason, Tone::Plain);
    page.block(
        Lead::label(2, "fix", failure::LABEL),
        &why.remedy,
        Tone::Plain,
    );
    page.block(
        Lead::blank(2),
        "This is no score: nothing was judged.",
        Tone::Dim,
    );
}

impl Look {
    fn tells(&self, detail: Detail) -> bool {
        match detail {
            Detail::Summary => true,
            Detail::Failures => self.detail != Detail::Summary,
            Detail::Everything => self.detail == Detail::Everything,
        }
    }
}
