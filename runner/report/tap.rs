//! TAP 14: a subtest for each submission, in it one for each level, in it a line for each check.
//!
//! Every value of a diagnostic is a JSON string, which YAML reads as it stands: nothing in it can end the block.
//! What could not be graded is skipped, and the stream bails out at its end, so that no harness takes it for success.

use super::json::write_harmless;
use super::one_by_one::{InTurn, OneByOne};
use super::told::{Told, capped, no_mark};
use super::{Holds, Kind, Look, Output};
use crate::event::SubmissionReport;
use checks::report::{LevelResult, Status};
use serde::Serialize;
use std::io;

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "tap",
    about: "TAP 14",
    holds: Holds::Several,
    open: |opening| {
        Ok(InTurn::boxed(Tap {
            output: opening.output,
            look: opening.look,
            submissions: 0,
            without_mark: 0,
        }))
    },
};

/// Characters of an explanation.
const TEXT: usize = 20_000;

struct Tap {
    output: Output,
    look: Look,
    submissions: usize,
    without_mark: usize,
}

impl OneByOne for Tap {
    fn begin(&mut self) -> io::Result<()> {
        writeln!(self.output, "TAP version 14")
    }

    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()> {
        self.submissions += 1;
        let (number, name) = (self.submissions, escaped(&report.submission));
        if no_mark(report).is_some() {
            self.without_mark += 1;
        }
        if let Some(why) = &report.not_graded {
            let why = escaped(&format!("not graded: {} {}", why.reason, why.remedy));
            return writeln!(self.output, "ok {number} - {name} # SKIP {why}");
        }
        writeln!(self.output, "# Subtest: {name}")?;
        for (index, level) in report.levels.iter().enumerate() {
            self.level(report, level, index + 1)?;
        }
        writeln!(self.output, "    1..{}", report.levels.len())?;
        let ok = ok(report.levels.iter().all(passed));
        writeln!(self.output, "{ok} {number} - {name}")
    }

    fn end(&mut self) -> io::Result<()> {
        if self.without_mark == 0 {
            writeln!(self.output, "1..{}", self.submissions)?;
        } else {
            // In the plan's place: nothing may follow a plan at the end.
            writeln!(
                self.output,
                "Bail out! rdgrade could not grade {} of {} submissions",
                self.without_mark, self.submissions
            )?;
        }
        self.output.flush()
    }
}

impl Tap {
    fn level(
        &mut self,
        report: &SubmissionReport,
        level: &LevelResult,
        number: usize,
    ) -> io::Result<()> {
        let name = escaped(&format!("{} {}", level.level, level.title));
        writeln!(self.output, "    # Subtest: {name}")?;
        for (index, check) in level.checks.iter().enumerate() {
            let told = Told {
                report,
                level,
                check,
            };
            self.check(told, index + 1)?;
        }
        writeln!(self.output, "        1..{}", level.checks.len())?;
        writeln!(self.output, "    {} {number} - {name}", ok(passed(level)))
    }

    fn check(&mut self, told: Told<'_>, number: usize) -> io::Result<()> {
        let check = told.check;
        let name = escaped(&format!("{}: {}", check.id, check.title));
        let directive = match told.uncounted() {
            Some(why) => format!(" # SKIP {}", escaped(&why)),
            // A bonus that was missed fails nothing.
            None if check.bonus && check.status != Status::Pass => " # TODO bonus".to_owned(),
            None => String::new(),
        };
        let ok = ok(check.status == Status::Pass || told.uncounted().is_some());
        writeln!(self.output, "        {ok} {number} - {name}{directive}")?;
        writeln!(self.output, "          ---")?;
        self.field("status", &check.status)?;
        self.field("points", &told.earned_points())?;
        self.field("max_points", &told.counted_points())?;
        self.field("duration_ms", &check.duration_ms)?;
        if check.bonus {
            self.field("bonus_points", &check.max_points)?;
        }
        if check.status != Status::Pass {
            self.field("reason", &check.reason)?;
            self.field("blocked_by", &check.blocked_by)?;
            self.lines("told", &capped(&told.explained(&self.look), TEXT))?;
        }
        writeln!(self.output, "          ...")
    }

    fn field(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        write!(self.output, "          {name}: ")?;
        write_harmless(&mut self.output, value)?;
        writeln!(self.output)
    }

    fn lines(&mut self, name: &str, text: &str) -> io::Result<()> {
        writeln!(self.output, "          {name}:")?;
        for line in text.lines() {
            write!(self.output, "            - ")?;
            write_harmless(&mut self.output, &line)?;
            writeln!(self.output)?;
        }
        Ok(())
    }
}

fn passed(level: &LevelResult) -> bool {
    let failed = |status| matches!(status, Status::Fail | Status::Blocked);
    !level
        .checks
        .iter()
        .any(|check| failed(check.status) && !check.bonus)
}

fn ok(passed: bool) -> &'static str {
    if passed { "ok" } else { "not ok" }
}

/// A description: `#` would begin a directive, and `\` escapes (TAP 14, "Escaping").
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#")
}
