//! GitHub Classroom's own result, still read in old repositories: JSON in base64, the step output `result`.

use super::github::append;
use super::one_by_one::{InTurn, OneByOne};
use super::told::{Told, each, failed, no_mark};
use super::{Environment, Holds, Kind, Output};
use crate::event::SubmissionReport;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
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
        Ok(InTurn::boxed(Classroom {
            output: opening.output,
            environment: opening.environment,
        }))
    },
};

struct Classroom {
    output: Output,
    environment: Environment,
}

impl OneByOne for Classroom {
    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()> {
        let lost = each(report).any(|told| failed(told.check) && !told.check.bonus);
        let status = match no_mark(report) {
            Some(_) => "error",
            None if lost => "fail",
            None => "pass",
        };
        let tests: Vec<Value> = each(report).map(test).collect();
        let maximum = report.max_score;
        let result = json!({"version": 1, "status": status, "max_score": maximum, "tests": tests});
        let encoded = STANDARD.encode(result.to_string());
        append(
            &self.environment,
            "GITHUB_OUTPUT",
            &format!("result={encoded}\n"),
        )?;
        writeln!(self.output, "{encoded}")
    }

    fn end(&mut self) -> io::Result<()> {
        self.output.flush()
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
    let check = told.check;
    json!({
        "name": told.name(),
        "status": status(told),
        "score": told.earned_points(),
        "message": check.reason,
        "test_code": told.report.command,
        "filename": format!("{}.yaml", told.level.level),
        "line_no": check.findings.first().map_or(0, |finding| finding.line),
        "duration": check.duration_ms,
    })
}
