//! JSON as check50 prints it, for those who come from there: `{slug, results, version}`.

use super::json::write_harmless;
use super::one_by_one::{InTurn, OneByOne};
use super::told::{Told, capped, each, no_mark};
use super::{Holds, Kind, Look, Output};
use crate::event::SubmissionReport;
use checks::report::Status;
use serde_json::{Value, json};
use std::io;

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "check50",
    about: "JSON as check50 prints it, one submission",
    holds: Holds::One { extension: "json" },
    open: |opening| {
        Ok(InTurn::boxed(Check50 {
            output: opening.output,
            look: opening.look,
        }))
    },
};

/// Characters of a transcript.
const TEXT: usize = 20_000;

struct Check50 {
    output: Output,
    look: Look,
}

impl OneByOne for Check50 {
    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()> {
        let slug = report.levels.iter().map(|level| level.level.as_str());
        let slug = format!("rdgrade/{}", slug.collect::<Vec<_>>().join(","));
        let version = env!("CARGO_PKG_VERSION");
        let results: Vec<Value> = each(report).map(|told| result(told, &self.look)).collect();
        let document = match report.not_graded.as_ref().and_then(|_| no_mark(report)) {
            Some(why) => json!({
                "slug": slug,
                "error": {"type": "NotGraded", "value": why, "traceback": [], "data": {}},
                "version": version,
            }),
            None => json!({"slug": slug, "results": results, "version": version}),
        };
        write_harmless(&mut self.output, &document)?;
        writeln!(self.output)
    }

    fn end(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

fn result(told: Told<'_>, look: &Look) -> Value {
    let check = told.check;
    // `null` is check50's word for a check that could not be run.
    let passed = match check.status {
        Status::Pass => Some(true),
        Status::Fail => Some(false),
        Status::Blocked | Status::Ungradable | Status::Error => None,
    };
    let cause = (check.status != Status::Pass).then(|| {
        json!({
            "rationale": check.reason,
            "help": capped(&told.explained(look), TEXT),
            "expected": check.expected,
            "actual": check.actual,
        })
    });
    let log = capped(&told.transcript(), TEXT);
    json!({
        "name": told.name(),
        "description": check.title,
        "passed": passed,
        "log": log.lines().collect::<Vec<_>>(),
        "cause": cause,
        "data": {
            "status": check.status,
            "points": told.earned_points(),
            "max_points": told.counted_points(),
            "bonus": check.bonus,
        },
        "dependency": check.blocked_by.first().map(|id| format!("{}/{id}", told.level.level)),
    })
}
