//! GitHub Classroom's own result, still read in old repositories: JSON in base64, the step output `result`.

use super::one_by_one::{InTurn, OneByOne};
use super::told::{Told, each, no_mark};
use super::{Environment, Holds, Kind, Output, github::append};
use crate::event::SubmissionReport;
use base64::{Engine, engine::general_purpose::STANDARD};
use checks::report::Status;
use serde_json::{Value, json};
use std::io;

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "classroom",
    about: "GitHub Classroom (closed in 2026), one submission",
    holds: Holds::One {
        extension: "base64",
    },
    open: |opening| {
        Ok(InTurn::boxed(Classroom(
            opening.output,
            opening.environment,
        )))
    },
};

struct Classroom(Output, Environment);

impl OneByOne for Classroom {
    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()> {
        let lost = each(report).any(|told| !told.check.bonus && status(told) == "fail");
        let graded = if lost { "fail" } else { "pass" };
        let status = no_mark(report).map_or(graded, |_| "error");
        let tests: Vec<Value> = each(report).map(test).collect();
        let maximum = report.max_score;
        let result = json!({"version": 1, "status": status, "max_score": maximum, "tests": tests});
        let encoded = STANDARD.encode(result.to_string());
        append(&self.1, "GITHUB_OUTPUT", &format!("result={encoded}\n"))?;
        writeln!(self.0, "{encoded}")
    }

    fn end(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn status(told: Told<'_>) -> &'static str {
    match told.check.status {
        Status::Pass => "pass",
        Status::Fail | Status::Blocked => "fail",
        Status::Ungradable | Status::Error => "error",
    }
}

fn test(told: Told<'_>) -> Value {
    let Told {
        report,
        level,
        check,
    } = told;
    let line = check.findings.first().map_or(0, |finding| finding.line);
    json!({
        "name": told.name(), "status": status(told), "score": told.earned_points(), "message": check.reason,
        "test_code": report.command, "filename": format!("{}.yaml", level.level), "line_no": line,
        "duration": check.duration_ms,
    })
}
