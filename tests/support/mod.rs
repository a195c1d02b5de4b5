//! What the tests of the binary share.
#![allow(dead_code, reason = "each test binary uses its own part")]

use assert_cmd::Command;
use serde_json::Value;
use std::ffi::OsStr;

/// A run of rdgrade.
pub struct Graded {
    /// The JSON report; null where there was none.
    pub report: Value,
    /// Exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// The binary, run from the repository's top.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdgrade"));
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("RDGRADE_STOP_AT")
        // There the report for people is fenced.
        .env_remove("GITHUB_ACTIONS");
    command
}

/// Runs rdgrade to its end.
pub fn rdgrade<I, S>(arguments: I) -> Graded
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let output = command().args(arguments).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    Graded {
        report: serde_json::from_str(&stdout).unwrap_or_default(),
        status: output.status.code().unwrap_or(-1),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        stdout,
    }
}

/// Says that a test cannot run here, and why.
pub fn skip_unless_root() -> bool {
    if nix::unistd::geteuid().is_root() {
        return false;
    }
    println!("skipped: needs root, for jails with many ids");
    true
}

/// A line of /proc/mounts without its options, other lines as they are.
pub fn mount_without_options(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        [source, target, kind, _, "0", "0"] => format!("{source} {target} {kind} …"),
        _ => line.to_owned(),
    }
}

/// The one redaction table, applied.
pub fn redacted(text: &str) -> String {
    checks::redact::redact(text, &[])
}
