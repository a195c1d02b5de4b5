//! Results of checks that were never played.

use super::verdict::Tally;
use crate::level::Check;
use crate::report::{CheckResult, Finding, Status};
use alloc::{format, string::String, vec::Vec};

/// The result of a check that this host cannot show, known before the submission ran.
pub fn ungradable(check: &Check, why: &str) -> CheckResult {
    let mut result = bare(check);
    result.status = Status::Ungradable;
    result.reason = format!("this host cannot show it: {why}");
    result
}

/// The result of a check that rdgrade failed to play.
pub fn error(check: &Check, why: &str) -> CheckResult {
    let mut result = bare(check);
    result.status = Status::Error;
    result.reason = format!("rdgrade failed to judge this: {why}");
    result
}

/// The result of a check for which the submission could not be built: the submission's doing.
pub fn not_built(check: &Check, output: &str) -> CheckResult {
    let mut result = bare(check);
    result.status = Status::Fail;
    result.reason = "The submission could not be built, so nothing of it was run.".into();
    result.expected = "the build to end with status 0".into();
    result.actual = output.into();
    result.findings.push(Finding {
        step: 0,
        line: check.scenario.first().map_or(0, |step| step.line),
        reason: result.reason.clone(),
        expected: result.expected.clone(),
        actual: result.actual.clone(),
        evidence: Vec::new(),
        hint: Some(
            "Build it yourself, in a fresh copy of its directory and without the network.".into(),
        ),
    });
    result.hint =
        "Build it yourself, in a fresh copy of its directory and without the network.".into();
    result
}

fn bare(check: &Check) -> CheckResult {
    let mut result = Tally::default().settle(check);
    result.findings = Vec::new();
    result.credits = Vec::new();
    result.expected = String::new();
    result.actual = String::new();
    result.points = 0;
    result
}
