//! What a run said, and whether it is what was declared.

use crate::corpus::{Attack, Attempts, Status};
use crate::play::latest;
use serde_json::Value;
use std::process::Output;
use std::time::Duration;

/// What a run said.
#[derive(Debug)]
pub struct Seen {
    code: Option<i32>,
    report: Value,
    human: String,
    /// Everything anybody could read, unescaped.
    pub all: String,
    took: Duration,
}

impl Seen {
    pub fn of(output: &Output, human: String, took: Duration) -> Seen {
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let mut all = String::new();
        texts(&report, &mut all);
        all.push_str(&String::from_utf8_lossy(&output.stderr));
        all.push_str(&human);
        if report.is_null() {
            all.push_str(&String::from_utf8_lossy(&output.stdout));
        }
        Seen {
            code: output.status.code(),
            report,
            human,
            all,
            took,
        }
    }

    pub fn check(&self, attack: &Attack) -> &Value {
        let id = attack.at.split_once('/').unwrap().1;
        let mut levels = self.report["levels"].as_array().into_iter().flatten();
        let found = levels.find_map(|level| {
            let checks = level["checks"].as_array()?;
            checks.iter().find(|check| check["id"] == id)
        });
        found.unwrap_or_else(|| panic!("no check {id}: {self:#?}"))
    }

    pub fn status(&self, attack: &Attack) -> Status {
        if self.report.is_null() {
            return Status::Refused;
        }
        if !self.report["not_graded"].is_null() {
            return Status::NotGraded;
        }
        match self.check(attack)["status"].as_str().unwrap() {
            "pass" => Status::Pass,
            "error" => Status::Error,
            "fail" => Status::Fail,
            other => panic!("{}: {other}: {self:#?}", attack.id),
        }
    }

    pub fn assert_is_declared(&self, attack: &Attack) {
        self.assert_attempts(&attack.attempts);
        assert_eq!(self.status(attack), attack.status, "{self:#?}");
        let code = match attack.status {
            Status::Pass => 0,
            Status::Fail => 1,
            Status::Error | Status::NotGraded | Status::Refused => 3,
        };
        assert_eq!(self.code, Some(code), "{self:#?}");
        if attack.status == Status::Fail {
            assert_eq!(self.check(attack)["points"], 0, "{self:#?}");
        }
        for text in &attack.says {
            assert!(
                self.all.contains(text.as_str()),
                "{text:?} is not said: {self:#?}"
            );
        }
        assert!(self.took < latest(attack), "{self:#?}");
        assert!(!self.all.contains("panicked"), "{self:#?}");
    }

    /// Each was made, and came to one of the results declared.
    pub fn assert_attempts(&self, declared: &Attempts) {
        for (name, wanted) in declared {
            let begin = format!("attempt {name}: ");
            let came = self
                .all
                .lines()
                .find_map(|line| Some(line.trim_start().strip_prefix(&begin)?.trim_end()));
            let came = came.unwrap_or_else(|| panic!("{name} was not tried: {self:#?}"));
            assert!(
                wanted.split(" | ").any(|one| one == came),
                "{name} came to {came}, not {wanted}: {self:#?}"
            );
        }
    }

    /// What in the report for people a terminal or a CI system would obey.
    pub fn commands(&self) -> Vec<String> {
        let obeyed = |line: &&str| {
            let commanding = ["::error", "::set-output", "::add-mask", "::stop-commands"];
            line.chars().any(|c| c.is_control() && c != '\t')
                || line.contains(['\u{202e}', '\u{200b}', '\u{9b}'])
                || commanding
                    .iter()
                    .any(|word| line.trim_start().starts_with(word))
                || ["##[", "##vso[", "##teamcity["]
                    .iter()
                    .any(|word| line.contains(word))
        };
        self.human
            .lines()
            .filter(obeyed)
            .map(str::to_owned)
            .collect()
    }
}

fn texts(value: &Value, all: &mut String) {
    match value {
        Value::String(text) => {
            all.push_str(text);
            all.push('\n');
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, all)),
        Value::Object(values) => values.values().for_each(|value| texts(value, all)),
        _ => {}
    }
}
