//! The JSON report, as programs rely on it.

mod made;

use checks::report::CheckResult;
use made::*;
use rdgrade::event::SubmissionReport;
use rdgrade::page::Paint;
use rdgrade::report::{Detail, json};
use serde_json::Value;

fn lines(finished: Vec<(usize, SubmissionReport)>) -> Vec<Value> {
    let text = written(
        &json::KIND,
        look(80, Paint::Plain, Detail::Failures),
        finished,
    );
    assert!(text.ends_with('\n'));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn one(checks: Vec<CheckResult>) -> Value {
    let mut lines = lines(vec![(
        0,
        report("rd.py", vec![level("level01", "chroot", checks)]),
    )]);
    assert_eq!(lines.len(), 1);
    lines.remove(0)
}

/// Names and types, in order: `id:string`.
fn fields(object: &Value) -> Vec<String> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_u64() => "count",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let object = object.as_object().unwrap();
    object
        .iter()
        .map(|(name, value)| format!("{name}:{}", kind(value)))
        .collect()
}

#[test]
fn a_report_has_the_contracts_fields() {
    let report = one(vec![half_the_filesystems()]);
    assert_eq!(
        fields(&report),
        [
            "schema:string",
            "tool:string",
            "seed:count",
            "isolation:string",
            "submission:string",
            "levels:array",
            "score:count",
            "max_score:count",
            "command:string",
        ]
    );
    assert_eq!(report["schema"], "rdgrade/report/v1");
    assert_eq!(
        fields(&report["levels"][0]),
        [
            "level:string",
            "title:string",
            "score:count",
            "max_score:count",
            "checks:array"
        ]
    );
}

#[test]
fn a_check_has_the_contracts_fields() {
    let report = one(vec![half_the_filesystems()]);
    let check = &report["levels"][0]["checks"][0];
    assert_eq!(
        fields(check),
        [
            "id:string",
            "title:string",
            "status:string",
            "points:count",
            "max_points:count",
            "bonus:bool",
            "reason:string",
            "expected:string",
            "actual:string",
            "evidence:array",
            "findings:array",
            "credits:array",
            "blocked_by:array",
            "hint:string",
            "link:string",
            "duration_ms:count",
            "transcript:array",
        ]
    );
    assert_eq!(
        fields(&check["findings"][0]),
        [
            "step:count",
            "line:count",
            "reason:string",
            "expected:string",
            "actual:string",
            "evidence:array",
            "hint:string"
        ]
    );
    assert_eq!(
        fields(&check["credits"][0]),
        [
            "step:count",
            "what:string",
            "points:count",
            "max_points:count"
        ]
    );
    assert_eq!(
        fields(&check["transcript"][1]),
        [
            "step:count",
            "side:string",
            "input:string",
            "output:string",
            "exit:string"
        ]
    );
    assert_eq!(
        (&check["points"], &check["max_points"]),
        (&Value::from(2), &Value::from(4))
    );
}

#[test]
fn verdicts_and_sides_are_spelled_in_lower_case() {
    let report = one(vec![
        bonus(),
        no_chdir(),
        leaked_file(),
        ungradable(),
        error(),
    ]);
    let checks = report["levels"][0]["checks"].as_array().unwrap();
    let statuses: Vec<_> = checks
        .iter()
        .map(|check| check["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["pass", "fail", "blocked", "ungradable", "error"]);
    let sides: Vec<_> = checks[2]["transcript"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["side"].as_str().unwrap())
        .collect();
    assert_eq!(sides, ["submission", "inside", "inside", "outside"]);
}

#[test]
fn what_was_printed_comes_back_and_no_terminal_would_obey_it() {
    let check = hostile();
    let printed = check.transcript[0].output.clone();
    let text = written(
        &json::KIND,
        look(80, Paint::Plain, Detail::Failures),
        vec![(
            0,
            report("x", vec![level("level01", "chroot", vec![check])]),
        )],
    );
    assert!(
        !text
            .trim_end()
            .chars()
            .any(|c| c.is_control() || c == '\u{202e}'),
        "{text:?}"
    );
    let parsed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        parsed["levels"][0]["checks"][0]["transcript"][0]["output"],
        printed.as_str()
    );
}

#[test]
fn several_submissions_are_lines_in_the_order_of_the_command_line() {
    let finished = vec![
        (1, report("b", Vec::new())),
        (2, not_graded("c")),
        (0, report("a", Vec::new())),
    ];
    let lines = lines(finished);
    let names: Vec<_> = lines
        .iter()
        .map(|line| line["submission"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn a_submission_that_was_not_graded_says_why() {
    let line = lines(vec![(0, not_graded("c"))]).remove(0);
    assert_eq!(
        fields(&line["not_graded"]),
        ["reason:string", "remedy:string"]
    );
    assert_eq!(line["levels"], Value::Array(Vec::new()));
}

#[test]
fn a_whole_report() {
    insta::assert_json_snapshot!(one(vec![no_chdir()]));
}
