//! Running `rdgrade` and reading its JSON report.
#![allow(dead_code)] // Each test file uses its part of this.

use assert_cmd::Command;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The program under test.
pub const RDGRADE: &str = env!("CARGO_BIN_EXE_rdgrade");

/// No run of these tests takes a tenth of it; what does hangs.
pub const LONGEST: Duration = Duration::from_secs(300);

/// One check of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// `pass`, `fail`, …
    pub status: String,
    /// Points earned.
    pub points: u64,
}

/// A finished run with one submission.
#[derive(Debug)]
pub struct Graded {
    /// Exit code.
    pub code: Option<i32>,
    /// Checks by id.
    pub checks: BTreeMap<String, Checked>,
    /// The report; null if there was none.
    pub report: serde_json::Value,
    /// Everything on standard error.
    pub stderr: String,
}

impl Graded {
    /// Reads what a run printed.
    pub fn of(output: &std::process::Output) -> Self {
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let levels = report["levels"].as_array().cloned().unwrap_or_default();
        let all = levels
            .iter()
            .flat_map(|level| level["checks"].as_array().cloned().unwrap_or_default());
        let checks = all.map(|check| {
            let status = check["status"].as_str().unwrap_or_default().to_owned();
            let id = check["id"].as_str().unwrap_or_default().to_owned();
            (
                id,
                Checked {
                    status,
                    points: check["points"].as_u64().unwrap_or_default(),
                },
            )
        });
        Graded {
            code: output.status.code(),
            checks: checks.collect(),
            report,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The whole result of one check.
    pub fn check(&self, id: &str) -> &serde_json::Value {
        let levels = self.report["levels"].as_array().into_iter().flatten();
        let mut checks = levels.flat_map(|level| level["checks"].as_array().into_iter().flatten());
        checks
            .find(|check| check["id"] == id)
            .unwrap_or_else(|| panic!("no check {id}: {self:#?}"))
    }

    /// Everything passed.
    #[track_caller]
    pub fn assert_all_pass(&self) {
        assert!(!self.checks.is_empty(), "nothing was graded: {self:#?}");
        for (id, checked) in &self.checks {
            assert_eq!(checked.status, "pass", "{id}: {:#}", self.check(id));
        }
        assert_eq!(self.code, Some(0), "{self:#?}");
    }
}

/// `rdgrade LEVEL … --report json`, to be completed.
pub fn rdgrade(level: &str) -> Command {
    let mut command = Command::new(RDGRADE);
    command.args([level, "--report", "json"]).timeout(LONGEST);
    command
}

/// Runs it.
pub fn grade(command: &mut Command) -> Graded {
    Graded::of(&command.output().expect("rdgrade runs"))
}

/// A file of `fixtures/level01`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/level01")
        .join(name)
}
