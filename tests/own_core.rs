//! With no more jobs than cores, each submission of a class is played on one core, and each check of a single one.

use serde_json::Value;
use std::fs;
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::thread::available_parallelism;
use tempfile::TempDir;

const CHECK: &str = "level00/reports-once";
/// Six that fail the program below: more than are made ready or played at any time on a small machine.
const CHECKS: &str = "level00";

/// It tells which cores it may use, and fails: only what failed has its transcript in the report.
const PROGRAM: &str = "#!/bin/sh\ngrep Cpus_allowed_list: /proc/self/status\n";

/// How many cores each of `count` submissions had, graded by `jobs` at a time, in their order.
fn cores_of_each(count: usize, jobs: usize) -> Vec<usize> {
    let reports = reports(CHECK, count, jobs);
    let told: Vec<usize> = reports.iter().flat_map(cores_told).collect();
    assert_eq!(told.len(), count);
    told
}

/// How many cores each check of a single submission had.
fn cores_of_each_check(jobs: usize) -> Vec<usize> {
    let told = cores_told(&reports(CHECKS, 1, jobs)[0]);
    assert_eq!(told.len(), 6, "all fail, and show what was printed");
    told
}

/// The reports on `count` submissions.
fn reports(checks: &str, count: usize, jobs: usize) -> Vec<Value> {
    let folder = TempDir::new().unwrap();
    let programs: Vec<String> = (0..count).map(|number| format!("{number}.sh")).collect();
    for program in &programs {
        let path = folder.path().join(program);
        fs::write(&path, PROGRAM).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let status = Command::new(env!("CARGO_BIN_EXE_rdgrade"))
        .args(["grade", checks, "-q", "--report", "json=all.json"])
        .args(["--jobs", &jobs.to_string()])
        .args(&programs)
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1), "none of them passes");
    let text = fs::read_to_string(folder.path().join("all.json")).unwrap();
    // A document for each submission.
    let reports = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    reports.map(Result::unwrap).collect()
}

/// What each failed check's transcript tells.
fn cores_told(report: &Value) -> Vec<usize> {
    let checks = report["levels"][0]["checks"].as_array().unwrap();
    let told = checks.iter().map(|check| {
        let text = check.to_string();
        let (_, after) = text.split_once("Cpus_allowed_list:\\t").unwrap();
        let end = after.find(|sign| !matches!(sign, '0'..='9' | ',' | '-'));
        after[..end.unwrap()].split(',').map(length).sum()
    });
    told.collect()
}

/// How many numbers are in `4` or `4-7`.
fn length(range: &str) -> usize {
    let number = |text: &str| text.parse::<usize>().unwrap();
    match range.split_once('-') {
        Some((first, last)) => number(last) - number(first) + 1,
        None => 1,
    }
}

fn cores() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

#[test]
fn each_submission_of_a_class_is_played_on_one_core() {
    let all = cores_of_each(cores() + 4, cores());
    // Had something been mounted meanwhile, new processes would use what is free for the last of them.
    assert!(all.iter().take(4).all(|count| *count == 1), "{all:?}");
}

#[test]
fn more_jobs_than_cores_share_all_of_them() {
    let jobs = cores() + 1;
    let all = cores_of_each(jobs + 2, jobs);
    assert!(all.iter().all(|count| *count >= cores()), "{all:?}");
}

#[test]
fn each_check_of_a_submission_by_itself_is_played_on_one_core() {
    for jobs in 1..=cores() {
        assert_eq!(cores_of_each_check(jobs), [1; 6], "{jobs} jobs");
    }
}

#[test]
fn with_more_jobs_than_cores_a_submission_by_itself_shares_all_of_them() {
    let all = cores_of_each_check(cores() + 1);
    assert!(all.iter().all(|count| *count >= cores()), "{all:?}");
}
