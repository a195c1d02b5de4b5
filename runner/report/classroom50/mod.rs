//! classroom50's `classroom50/result/v1`, with the release's text and the step's outputs.
//!
//! Who and what is graded is told by environment variables. Where there is no mark the file says why and is no JSON,
//! and rdgrade's exit status is 3: the autograder is to pass that on, for an infrastructure error is no zero.

use super::github::append;
use super::json::write_harmless;
use super::markdown::{Markdown, Room};
use super::one_by_one::{InTurn, OneByOne};
use super::told::{Told, each, failed, no_mark, score};
use super::{Environment, Holds, Kind, Look, Opening, Output, file::ReportFile};
use crate::event::SubmissionReport;
use checks::report::Status;
use serde_json::{Map, Value, json};
use std::io::{self, BufWriter};
use std::path::PathBuf;

mod commit;

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "classroom50",
    about: "classroom50's result.json, one submission",
    holds: Holds::One { extension: "json" },
    open: |opening| Ok(InTurn::boxed(Classroom50::new(opening)?)),
};

/// The name that classroom50 reads; beside it lies the text of the release.
const RESULT: &str = "result.json";
const RELEASE_BODY: &str = "release-body.md";
/// What a release may hold (125,000 characters), and what classroom50 shows of one test.
const RELEASE: Room = Room {
    bytes: 100_000,
    explanation: 2_000,
};
/// Fields that have to be there, and the variable of each.
const REQUIRED: [(&str, &str); 5] = [
    ("classroom", "CLASSROOM"),
    ("assignment", "ASSIGNMENT"),
    ("submission", "SUBMISSION_TAG"),
    ("commit", "COMMIT_URL"),
    ("release", "RELEASE_URL"),
];
/// Fields that the runner fills in where they are absent.
const OPTIONAL: [(&str, &str); 2] = [("owner", "OWNER"), ("assignment_type", "ASSIGNMENT_TYPE")];

struct Classroom50 {
    output: Output,
    look: Look,
    environment: Environment,
    release_body: Option<PathBuf>,
    identity: Map<String, Value>,
}

impl Classroom50 {
    fn new(opening: Opening) -> io::Result<Self> {
        let Opening {
            output,
            file,
            look,
            environment,
        } = opening;
        let named = |file: &PathBuf| file.file_name().is_some_and(|name| name == RESULT);
        Ok(Classroom50 {
            output,
            look,
            identity: identity(&environment)?,
            environment,
            release_body: file
                .filter(named)
                .map(|file| file.with_file_name(RELEASE_BODY)),
        })
    }

    fn release_body(&self, report: &SubmissionReport) -> io::Result<()> {
        let Some(path) = &self.release_body else {
            return Ok(());
        };
        let file = ReportFile::create(path)?;
        let output = Box::new(BufWriter::new(file.writer()?));
        let mut body = Markdown::new(output, self.look.clone(), RELEASE);
        body.submission(report)?;
        body.end()?;
        file.commit()
    }
}

impl OneByOne for Classroom50 {
    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()> {
        self.release_body(report)?;
        if let Some(why) = no_mark(report) {
            write!(
                self.output,
                "rdgrade could not grade this submission\n{why}"
            )?;
            let outputs = "status=error\nsummary=could not be graded\n";
            return append(&self.environment, "GITHUB_OUTPUT", outputs);
        }
        let mut result = json!({"schema": "classroom50/result/v1"});
        if let Value::Object(fields) = &mut result {
            fields.extend(self.identity.clone());
        }
        result["score"] = json!(report.score);
        result["max-score"] = json!(report.max_score);
        result["tests"] = each(report).map(test).collect();
        write_harmless(&mut self.output, &result)?;
        writeln!(self.output)?;
        let lost = each(report).any(|told| failed(told.check) && !told.check.bonus);
        let status = if lost { "failure" } else { "success" };
        let outputs = format!("status={status}\nsummary={}\n", score(report));
        append(&self.environment, "GITHUB_OUTPUT", &outputs)
    }

    fn end(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

fn identity(environment: &Environment) -> io::Result<Map<String, Value>> {
    let mut missing = Vec::new();
    let mut fields = Map::new();
    for (field, variable) in REQUIRED {
        match environment.get(variable) {
            Some(value) => drop(fields.insert(field.to_owned(), json!(value))),
            None => missing.push(variable),
        }
    }
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Err(io::Error::other(format!(
            "{missing} not set: classroom50 sets them where it runs an autograder"
        )));
    }
    for (field, variable) in OPTIONAL {
        if let Some(value) = environment.get(variable) {
            fields.insert(field.to_owned(), json!(value));
        }
    }
    // Without a base to compare with, the commit is what there is to review.
    let review = environment
        .get("REVIEW_URL")
        .map_or(fields["commit"].clone(), Value::from);
    fields.insert("review".to_owned(), review);
    fields.insert("datetime".to_owned(), json!(commit::date(environment)?));
    Ok(fields)
}

fn test(told: Told<'_>) -> Value {
    let check = told.check;
    json!({
        "test-name": told.name(),
        "passed": check.status == Status::Pass,
        "score": told.earned_points(),
        "max-score": told.counted_points(),
        "title": check.title,
        "status": check.status,
        "reason": check.reason,
        "bonus": check.bonus,
    })
}
