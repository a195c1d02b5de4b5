//! Gradescope's `results.json`.
//!
//! Where there is no mark, the file says why and is no JSON: Gradescope then shows "autograder failed", which is
//! what happened, instead of a mark that the student did not earn.

use super::json::write_harmless;
use super::one_by_one::{InTurn, OneByOne};
use super::told::{Told, capped, each, no_mark, score};
use super::{Holds, Kind, Look, Output};
use crate::event::SubmissionReport;
use checks::report::Status;
use serde_json::{Value, json};
use std::io;

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "gradescope",
    about: "Gradescope's results.json, one submission",
    holds: Holds::One { extension: "json" },
    open: |opening| {
        Ok(InTurn::boxed(Gradescope {
            output: opening.output,
            look: opening.look,
        }))
    },
};

/// Characters of an explanation.
const TEXT: usize = 20_000;

struct Gradescope {
    output: Output,
    look: Look,
}

impl OneByOne for Gradescope {
    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()> {
        if let Some(why) = no_mark(report) {
            return write!(
                self.output,
                "rdgrade could not grade this submission\n{why}"
            );
        }
        let tests: Vec<Value> = each(report).map(|told| self.test(told)).collect();
        let milliseconds: u64 = each(report).map(|told| told.check.duration_ms).sum();
        let results = json!({
            "score": report.score,
            "execution_time": milliseconds / 1000,
            "output": summary(report),
            "output_format": "text",
            "test_output_format": "text",
            "test_name_format": "text",
            "visibility": "visible",
            // What was printed to the log is for the instructor.
            "stdout_visibility": "hidden",
            "extra_data": {
                "schema": report.schema,
                "tool": report.tool,
                "seed": report.seed,
                "isolation": report.isolation,
                "submission": report.submission,
                "max_score": report.max_score,
            },
            "tests": tests,
        });
        write_harmless(&mut self.output, &results)?;
        writeln!(self.output)
    }

    fn end(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl Gradescope {
    fn test(&self, told: Told<'_>) -> Value {
        let check = told.check;
        let bonus = if check.bonus { " (bonus)" } else { "" };
        let mut test = json!({
            "name": format!("{}: {}{bonus}", told.name(), check.title),
            "output": capped(&told.explained(&self.look), TEXT),
            "tags": [told.level.level],
            "visibility": "visible",
            "extra_data": {"id": told.name(), "status": check.status, "blocked_by": check.blocked_by},
        });
        match told.uncounted() {
            Some(why) => test["output"] = json!(why),
            None => {
                test["score"] = json!(told.earned_points());
                test["max_score"] = json!(told.counted_points());
                let passed = check.status == Status::Pass;
                test["status"] = json!(if passed { "passed" } else { "failed" });
            }
        }
        test
    }
}

fn summary(report: &SubmissionReport) -> String {
    let left_out = each(report).filter(|told| told.uncounted().is_some());
    match left_out.count() {
        0 => format!("{}.", score(report)),
        checks => format!(
            "{}. Checks that could not be graded on this host: {checks}.",
            score(report)
        ),
    }
}
