//! The peers that are written in Rust: they are built before they can be run.

use super::suite::found;
use anyhow::{Context, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/peers/Cargo.toml");
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/peers");

/// What each is run with, or why it cannot be.
pub fn all() -> [(&'static str, anyhow::Result<Vec<String>>); 4] {
    [
        ("trycmd, as many at a time as there are cores", trycmd()),
        ("libtest with assert_cmd, one at a time", libtest("1")),
        ("libtest with assert_cmd, two at a time", libtest("2")),
        ("nextest, as many at a time as there are cores", nextest()),
    ]
}

/// trycmd is a library for test programs.
fn trycmd() -> anyhow::Result<Vec<String>> {
    cargo(&["build", "--release", "--locked"])?;
    Ok(vec![format!("{TARGET}/release/trycmd-suite")])
}

/// The test program itself, without cargo.
fn libtest(threads: &str) -> anyhow::Result<Vec<String>> {
    let options = ["--release", "--locked", "--no-run", "--test", "level01"];
    let said = cargo(&[&["test", "--message-format", "json"], &options[..]].concat())?;
    let lines = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let built = lines.filter(|line| line["target"]["name"] == "level01");
    let mut programs = built.filter_map(|line| Some(line["executable"].as_str()?.to_owned()));
    let program = programs.next().context("cargo names no test program")?;
    Ok(vec![program, format!("--test-threads={threads}")])
}

/// With what cargo would tell it already known, as where tests are built on one machine and run on another.
fn nextest() -> anyhow::Result<Vec<String>> {
    let program = found("cargo-nextest").context("it is not installed")?;
    let written = |name: &str, text: String| -> anyhow::Result<String> {
        let path = Path::new(TARGET).join(name);
        fs::write(&path, text)?;
        Ok(path.display().to_string())
    };
    let list = ["--list-type", "binaries-only", "--message-format", "json"];
    let options = ["nextest", "list", "--release", "--locked"];
    let binaries = cargo(&[&options, &list[..]].concat())?;
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(["--manifest-path", MANIFEST])
        .env("CARGO_TARGET_DIR", TARGET)
        .output()?;
    let metadata = String::from_utf8(metadata.stdout)?;
    let words = ["nextest", "run", "--binaries-metadata"].map(str::to_owned);
    let mut all = vec![program.display().to_string()];
    all.extend(words);
    all.push(written("binaries.json", binaries)?);
    all.push("--cargo-metadata".to_owned());
    all.push(written("metadata.json", metadata)?);
    Ok(all)
}

/// What a subcommand that builds the peers prints.
fn cargo(words: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(env!("CARGO"))
        .args(words)
        .args(["--manifest-path", MANIFEST, "--target-dir", TARGET])
        .stderr(Stdio::null())
        .output()
        .context("cargo cannot be run")?;
    ensure!(output.status.success(), "it could not be built");
    Ok(String::from_utf8(output.stdout)?)
}
