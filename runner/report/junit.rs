//! JUnit XML, as Jenkins, GitLab (`artifacts:reports:junit`) and most other systems read it.
//!
//! There is no official schema. A failed check is a `<failure>`, our own fault an `<error>`, and what was blocked or
//! cannot be shown here is `<skipped>`; points are properties, for JUnit knows none.

use super::one_by_one::{InTurn, OneByOne};
use super::told::{Told, capped};
use super::{Holds, Kind, Look, Output};
use crate::event::SubmissionReport;
use checks::report::{CheckResult, Status};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::io;
use std::time::Duration;

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "junit",
    about: "JUnit XML, for Jenkins and GitLab",
    holds: Holds::Several,
    open: |opening| {
        Ok(InTurn::boxed(Junit {
            output: opening.output,
            look: opening.look,
        }))
    },
};

/// Characters of an explanation or a transcript.
const TEXT: usize = 20_000;

struct Junit {
    output: Output,
    look: Look,
}

impl OneByOne for Junit {
    fn begin(&mut self) -> io::Result<()> {
        // Totals are optional, and known only at the end.
        writeln!(
            self.output,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rdgrade\">"
        )
    }

    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()> {
        let mut document = Report::unnamed();
        if let Some(why) = &report.not_graded {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status
                .set_type("not graded")
                .set_message(&why.reason)
                .set_description(&why.remedy);
            let mut suite = suite(report, &report.submission);
            suite.add_test_case(case(report, "grading", status));
            document.add_test_suite(suite);
        }
        for level in &report.levels {
            let name = format!("{}: {} {}", report.submission, level.level, level.title);
            let mut suite = suite(report, &name);
            suite.add_property(("score", &*level.score.to_string()));
            suite.add_property(("max_score", &*level.max_score.to_string()));
            for check in &level.checks {
                let told = Told {
                    report,
                    level,
                    check,
                };
                suite.add_test_case(self.check(told));
            }
            document.add_test_suite(suite);
        }
        let text = document.to_string().map_err(io::Error::other)?;
        self.output.write_all(within(&text).as_bytes())
    }

    fn end(&mut self) -> io::Result<()> {
        writeln!(self.output, "</testsuites>")?;
        self.output.flush()
    }
}

impl Junit {
    fn check(&self, told: Told<'_>) -> TestCase {
        let check = told.check;
        let mut case = case(told.report, &check.id, status(told, &self.look));
        case.set_classname(format!("{}:{}", told.report.submission, told.level.level));
        case.set_time(Duration::from_millis(check.duration_ms));
        for (name, value) in [
            ("title", check.title.clone()),
            ("status", word(check).to_owned()),
            ("points", told.earned_points().to_string()),
            ("max_points", told.counted_points().to_string()),
        ] {
            case.add_property((name, &*value));
        }
        if check.bonus {
            case.add_property(("bonus_points", &*check.max_points.to_string()));
        }
        if check.status != Status::Pass {
            case.set_system_out(capped(&told.transcript(), TEXT));
        }
        case
    }
}

fn suite(report: &SubmissionReport, name: &str) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.add_property(("submission", report.submission.as_str()));
    if let Some(student) = &report.student {
        suite.add_property(("student_id", student.id.as_str()));
        suite.add_property(("student_name", student.name.as_str()));
    }
    suite.add_property(("seed", &*report.seed.to_string()));
    suite
}

fn case(report: &SubmissionReport, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(report.submission.as_str());
    case
}

fn status(told: Told<'_>, look: &Look) -> TestCaseStatus {
    let check = told.check;
    let mut status = match check.status {
        Status::Pass => return TestCaseStatus::success(),
        Status::Fail if check.bonus => TestCaseStatus::skipped(),
        Status::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Status::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        Status::Blocked | Status::Ungradable => TestCaseStatus::skipped(),
    };
    let message = match check.status {
        Status::Blocked if !check.blocked_by.is_empty() => {
            format!(
                "blocked by {}: {}",
                check.blocked_by.join(", "),
                check.reason
            )
        }
        _ => check.reason.clone(),
    };
    status
        .set_type(word(check))
        .set_message(message)
        .set_description(capped(&told.explained(look), TEXT));
    status
}

fn word(check: &CheckResult) -> &'static str {
    match check.status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Blocked => "blocked",
        Status::Ungradable => "ungradable",
        Status::Error => "error",
    }
}

/// The suites of a document: what stands between the tags of its root.
fn within(document: &str) -> &str {
    let inner = document
        .split_once("<testsuites")
        .and_then(|(_, rest)| rest.split_once(">\n"))
        .and_then(|(_, rest)| rest.rsplit_once("</testsuites>"));
    inner.map_or("", |(suites, _)| suites)
}
