//! GitLab's code quality report: a list of what failed, shown in merge requests. It has no word for what passed, nor
//! for what could not be graded; the JUnit report has.

use super::json::write_harmless;
use super::one_by_one::{InTurn, OneByOne};
use super::told::{Told, each, failed};
use super::{Holds, Kind, Output};
use crate::event::SubmissionReport;
use checks::report::Status;
use serde_json::{Value, json};
use std::io;

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "codequality",
    about: "GitLab code quality, what failed",
    holds: Holds::Several,
    open: |opening| {
        Ok(InTurn::boxed(CodeQuality {
            output: opening.output,
            issues: 0,
        }))
    },
};

struct CodeQuality {
    output: Output,
    issues: usize,
}

impl OneByOne for CodeQuality {
    fn begin(&mut self) -> io::Result<()> {
        write!(self.output, "[")
    }

    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()> {
        for told in each(report).filter(|told| failed(told.check)) {
            let comma = if self.issues > 0 { "," } else { "" };
            self.issues += 1;
            writeln!(self.output, "{comma}")?;
            write_harmless(&mut self.output, &issue(told))?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        writeln!(self.output, "]")?;
        self.output.flush()
    }
}

fn issue(told: Told<'_>) -> Value {
    let check = told.check;
    let severity = match check.status {
        _ if check.bonus => "info",
        Status::Blocked => "minor",
        _ => "major",
    };
    // The same failure of the same submission is the same issue, whatever it printed.
    let mut fingerprint = blake3::Hasher::new();
    for part in [&told.report.submission, &told.level.level, &check.id] {
        fingerprint.update(part.as_bytes()).update(&[0]);
    }
    json!({
        "description": format!("{}: {}", check.title, check.reason),
        "check_name": told.name(),
        "fingerprint": fingerprint.finalize().to_hex().as_str(),
        "severity": severity,
        "location": {"path": path(told.report), "lines": {"begin": 1}},
    })
}

/// Relative, without `./`: GitLab ignores others. In the default submission, `.`, the program that was run.
fn path(report: &SubmissionReport) -> &str {
    let name = report.submission.trim_start_matches("./");
    match name {
        "" | "." => report.command.split(' ').next().unwrap_or(name),
        name => name,
    }
}
