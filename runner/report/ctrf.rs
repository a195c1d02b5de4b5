//! CTRF, the common test report format: JSON, with a schema.
//!
//! It knows no points: they are in `extra`, and `rawStatus` has our own word for how a check ended.

use super::json::write_harmless;
use super::one_by_one::{InTurn, OneByOne};
use super::told::{Told, capped, each};
use super::{Holds, Kind, Look, Output};
use crate::event::{NotGraded, SubmissionReport};
use checks::report::Status;
use serde_json::{Value, json};
use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "ctrf",
    about: "CTRF, a JSON format for test results",
    holds: Holds::Several,
    open: |opening| {
        Ok(InTurn::boxed(Ctrf {
            output: opening.output,
            look: opening.look,
            began: 0,
            counts: Counts::default(),
        }))
    },
};

/// Characters of an explanation or a transcript.
const TEXT: usize = 20_000;

struct Ctrf {
    output: Output,
    look: Look,
    began: u64,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
    other: usize,
}

impl OneByOne for Ctrf {
    fn begin(&mut self) -> io::Result<()> {
        self.began = now();
        let tool = json!({"name": "rdgrade", "version": env!("CARGO_PKG_VERSION")});
        write!(
            self.output,
            "{{\"reportFormat\":\"CTRF\",\"specVersion\":\"1.0.0\",\"results\":{{\"tool\":{tool},\"tests\":["
        )
    }

    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()> {
        if let Some(why) = &report.not_graded {
            return self.test("other", not_graded(report, why));
        }
        for told in each(report) {
            let status = status(told);
            self.test(status, test(told, status, &self.look))?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let Counts {
            passed,
            failed,
            skipped,
            other,
        } = self.counts;
        let summary = json!({
            "tests": passed + failed + skipped + other,
            "passed": passed,
            "failed": failed,
            "skipped": skipped,
            "pending": 0,
            "other": other,
            "start": self.began,
            "stop": now(),
        });
        writeln!(self.output, "],\"summary\":{summary}}}}}")?;
        self.output.flush()
    }
}

impl Ctrf {
    fn test(&mut self, status: &str, test: Value) -> io::Result<()> {
        let Counts {
            passed,
            failed,
            skipped,
            other,
        } = &mut self.counts;
        if *passed + *failed + *skipped + *other > 0 {
            write!(self.output, ",")?;
        }
        match status {
            "passed" => *passed += 1,
            "failed" => *failed += 1,
            "skipped" => *skipped += 1,
            _ => *other += 1,
        }
        writeln!(self.output)?;
        write_harmless(&mut self.output, &test)
    }
}

fn status(told: Told<'_>) -> &'static str {
    match told.check.status {
        Status::Pass => "passed",
        Status::Fail if told.check.bonus => "other",
        Status::Fail => "failed",
        Status::Blocked | Status::Ungradable => "skipped",
        Status::Error => "other",
    }
}

fn test(told: Told<'_>, status: &str, look: &Look) -> Value {
    let check = told.check;
    let mut test = json!({
        "name": told.name(),
        "status": status,
        "rawStatus": check.status,
        "duration": check.duration_ms,
        "suite": [told.report.submission, told.level.level],
        "tags": [told.level.level],
        "extra": {
            "title": check.title,
            "points": told.earned_points(),
            "maxPoints": told.counted_points(),
            "bonus": check.bonus,
            "student": told.report.student,
            "blockedBy": check.blocked_by,
        },
    });
    if check.status != Status::Pass {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        test["message"] = json!(check.reason);
        test["trace"] = json!(capped(&told.explained(look), TEXT));
        test["stdout"] = json!(lines(&capped(&told.transcript(), TEXT)));
    }
    test
}

fn not_graded(report: &SubmissionReport, why: &NotGraded) -> Value {
    json!({
        "name": "grading",
        "status": "other",
        "rawStatus": "not graded",
        "duration": 0,
        "suite": [report.submission],
        "message": why.reason,
        "trace": why.remedy,
        "extra": {"student": report.student},
    })
}

/// Milliseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}
