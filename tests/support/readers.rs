//! Readers of reports that are not ours: each says what it understood, or the test fails.

use serde_json::Value;
use std::io::{Seek, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Debian's interpreter, whichever `python3` comes first on PATH: its packages are what `.ci/run` installs.
const PYTHON: &str = "/usr/bin/python3";
/// Where Debian keeps modules for Node, which a Node from elsewhere does not know.
const NODE_PATH: &str = "/usr/share/nodejs:/usr/lib/nodejs";

/// One test as a reader understood it: its name, how it ended, its points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    pub status: String,
    pub points: String,
}

/// What a reader understood; `None` where it is not installed, which has been said.
pub type Read = Option<Vec<Row>>;

/// Reads a report of this kind with a reader for it.
///
/// # Panics
/// When the reader refuses it, or the kind has no reader here.
pub fn read(kind: &str, text: &str) -> Read {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    Some(match kind {
        "json" => {
            let reports = text.lines().map(|line| serde_json::from_str(line).unwrap());
            let checks: Vec<Value> = reports
                .flat_map(|report: Value| list(&report["levels"]))
                .flat_map(|level| list(&level["checks"]))
                .collect();
            rows(checks, |check| {
                row(&check["id"], &check["status"], &check["points"])
            })
        }
        "junit" => rows(
            list(&python("junit.py", &["junitparser"], &[], text)?),
            |case| row(&case["name"], &case["status"], &case["points"]),
        ),
        "tap" => tap(text)?,
        "ctrf" => {
            let document = schema("ctrf", text)?;
            let summary = &document["results"]["summary"];
            let tests = list(&document["results"]["tests"]);
            for status in ["passed", "failed", "skipped", "other"] {
                let count = tests.iter().filter(|test| test["status"] == status).count();
                assert_eq!(summary[status], count, "{status}");
            }
            rows(tests, |test| {
                row(&test["name"], &test["status"], &test["extra"]["points"])
            })
        }
        "gradescope" => {
            let document = schema("gradescope", text)?;
            let tests = list(&document["tests"]);
            assert_eq!(document["score"], sum(&tests, "score"));
            // A title follows the id.
            rows(tests, |test| {
                row(&test["extra_data"]["id"], &test["status"], &test["score"])
            })
        }
        "classroom50" => {
            let document = schema("classroom50", text)?;
            let tests = list(&document["tests"]);
            assert_eq!(document["score"], sum(&tests, "score"));
            assert_eq!(document["max-score"], sum(&tests, "max-score"));
            rows(tests, |test| {
                row(&test["test-name"], &test["passed"], &test["score"])
            })
        }
        "classroom" => {
            let decoded = command(Command::new("base64").arg("--decode"), text);
            let document = schema("classroom", &decoded)?;
            let mut tests = rows(list(&document["tests"]), |test| {
                row(&test["name"], &test["status"], &test["score"])
            });
            tests.push(row(
                &Value::from("all"),
                &document["status"],
                &document["max_score"],
            ));
            tests
        }
        "check50" => rows(list(&schema("check50", text)?["results"]), |result| {
            row(
                &result["name"],
                &result["passed"],
                &result["data"]["points"],
            )
        }),
        "codequality" => rows(list(&schema("codequality", text)?), |issue| {
            row(
                &issue["check_name"],
                &issue["severity"],
                &issue["fingerprint"],
            )
        }),
        "github" => rows(list(&python("actions.py", &[], &[], text)?), |command| {
            row(
                &first_word(&command["title"]),
                &command["command"],
                &Value::Null,
            )
        }),
        "markdown" => {
            let page = python("markdown.py", &["markdown_it"], &[], text)?;
            let mut read = rows(list(&page["rows"]), |cells| {
                row(&first_word(&cells[0]), &cells[2], &cells[1])
            });
            read.extend(rows(list(&page["summaries"]), |summary| {
                let words = summary.as_str().unwrap().splitn(3, ' ');
                let words: Vec<&str> = words.collect();
                row(&words[1].into(), &words[0].into(), &Value::Null)
            }));
            read.extend(
                page["tags"]
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(tag, count)| {
                        // How often `code` is used tells nothing, what else there is does.
                        row(&tag.as_str().into(), &"tag".into(), count)
                    }),
            );
            read
        }
        "csv" => rows(list(&python("table.py", &[], &[], text)?), |fields| {
            row(&Value::Null, &Value::Null, fields)
        }),
        // For people: that nothing in it is obeyed is tried for every kind.
        "human" => Vec::new(),
        other => panic!("no reader of `{other}` reports: name one in tests/support/readers.rs"),
    })
}

fn rows(tests: Vec<Value>, row: fn(&Value) -> Row) -> Vec<Row> {
    tests.iter().map(row).collect()
}

fn row(name: &Value, status: &Value, points: &Value) -> Row {
    let word = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
    Row {
        name: word(name),
        status: word(status),
        points: word(points),
    }
}

fn first_word(text: &Value) -> Value {
    let text = text.as_str().unwrap_or_default();
    text.split([' ', ':']).next().unwrap_or_default().into()
}

fn sum(tests: &[Value], field: &str) -> u64 {
    tests.iter().filter_map(|test| test[field].as_u64()).sum()
}

/// The document, if the schema of that name accepts it.
pub fn schema(name: &str, text: &str) -> Option<Value> {
    let path = format!(
        "{}/tests/data/schemas/{name}.schema.json",
        env!("CARGO_MANIFEST_DIR")
    );
    python("schema.py", &["jsonschema"], &[&path], text)
}

/// The assertions of a TAP stream, subtests included, and whether it bailed out.
fn tap(text: &str) -> Read {
    let parser = "/usr/bin/tap-parser";
    if !Path::new(parser).exists() {
        println!("skipped: no tap-parser (apt install node-tap-parser)");
        return None;
    }
    let mut parser = Command::new(parser);
    let parser = parser.args(["-j", "1"]).env("NODE_PATH", NODE_PATH);
    let events: Value = serde_json::from_str(&unchecked(parser, text)).unwrap();
    let mut rows = Vec::new();
    assertions(&events, &mut rows);
    Some(rows)
}

fn assertions(events: &Value, rows: &mut Vec<Row>) {
    for event in events.as_array().unwrap() {
        let (kind, value) = (event[0].as_str().unwrap_or_default(), &event[1]);
        match kind {
            "child" => assertions(value, rows),
            "assert" => {
                let directive = ["skip", "todo"]
                    .into_iter()
                    .filter(|directive| !value[directive].is_null());
                let directive: String = directive.collect();
                let ended = format!(
                    "{} {directive} {}",
                    value["ok"],
                    value["diag"]["status"].as_str().unwrap_or_default()
                );
                rows.push(row(
                    &first_word(&value["name"]),
                    &ended.into(),
                    &value["diag"]["points"],
                ));
            }
            "plan" => rows.push(row(&kind.into(), &Value::Null, &value["end"])),
            "bailout" => rows.push(row(&kind.into(), value, &Value::Null)),
            "version" => assert_eq!(value, 14),
            "comment" | "complete" => {}
            // `extra` is a line that is no TAP.
            other => panic!("the stream should have no {other}: {value}"),
        }
    }
}

/// What one of `tests/readers` prints; `None` where a module it needs is not installed.
fn python(script: &str, modules: &[&str], arguments: &[&str], text: &str) -> Option<Value> {
    for module in modules {
        let mut import = Command::new(PYTHON);
        let found = import
            .args(["-c", &format!("import {module}")])
            .stderr(Stdio::null())
            .status();
        if !found.is_ok_and(|status| status.success()) {
            let package = module.replace('_', "-");
            println!("skipped: {PYTHON} has no {module} (apt install python3-{package})");
            return None;
        }
    }
    let script = format!("{}/tests/readers/{script}", env!("CARGO_MANIFEST_DIR"));
    let printed = command(Command::new(PYTHON).arg(script).args(arguments), text);
    Some(serde_json::from_str(&printed).unwrap())
}

fn command(command: &mut Command, input: &str) -> String {
    let (text, passed) = output(command, input);
    assert!(
        passed,
        "{command:?} refused\n{}",
        input.chars().take(4000).collect::<String>()
    );
    text
}

/// A reader whose status tells whether tests passed, not whether it could read them.
fn unchecked(command: &mut Command, input: &str) -> String {
    output(command, input).0
}

fn output(command: &mut Command, input: &str) -> (String, bool) {
    // From a file: a reader that answers while it reads could wait for us, and we for it.
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input.as_bytes()).unwrap();
    file.rewind().unwrap();
    let output = command
        .stdin(file)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        output.status.success(),
    )
}
