//! Results outlive the run that made them: torn, resumed, replayed, compared.

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rstest::rstest;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const SOLVED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/level00/solved.py");

/// A class of programs for level 00: each its name and its text.
fn class(programs: &[(&str, String)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    let mut roster = "id,path\n".to_owned();
    for (name, text) in programs {
        fs::write(folder.path().join(name), text).unwrap();
        roster.push_str(&format!(
            "{},{name}\n",
            name.trim_end_matches(".py").trim_end_matches(".sh")
        ));
    }
    fs::write(folder.path().join("class.csv"), roster).unwrap();
    folder
}

fn solved() -> String {
    fs::read_to_string(SOLVED).unwrap()
}

/// The solved program with one mistake: only the check `reports-once` notices.
fn child_exits_0() -> String {
    solved().replace("os._exit(1)", "os._exit(0)")
}

fn hangs() -> String {
    "#!/bin/sh\nexec sleep 1000\n".to_owned()
}

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdgrade"));
    command
        .args(words)
        .current_dir(folder)
        .env_remove("RDGRADE_STOP_AT");
    command
}

fn rdgrade(folder: &Path, words: &[&str]) -> Output {
    command(folder, words).output().unwrap()
}

fn grade(folder: &Path, more: &[&str]) -> Output {
    let words = [
        "grade",
        "level00",
        "--roster",
        "class.csv",
        "--results",
        "all.jsonl",
        "-q",
    ];
    rdgrade(folder, &[&words, more].concat())
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_replay_is_the_report_of_the_run() {
    let folder = class(&[("alice.py", solved()), ("bob.py", child_exits_0())]);
    let at = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let run = grade(
        folder.path(),
        &["--report", "json=run.json", "--report", "csv=run.csv"],
    );
    assert_eq!(run.status.code(), Some(1), "{run:?}");
    let again = rdgrade(
        folder.path(),
        &[
            "report",
            "all.jsonl",
            "-q",
            "--report",
            "json=again.json",
            "--report",
            "csv=again.csv",
        ],
    );
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    assert_eq!(at("run.json"), at("again.json"));
    assert_eq!(at("run.csv"), at("again.csv"));
    // The lines of a JSON report serve as well.
    rdgrade(
        folder.path(),
        &["report", "run.json", "-q", "--report", "csv=third.csv"],
    );
    assert_eq!(at("run.csv"), at("third.csv"));
}

#[test]
fn whose_marks_changed_is_told_with_the_reason() {
    let folder = class(&[("alice.py", solved()), ("bob.py", solved())]);
    assert_eq!(grade(folder.path(), &[]).status.code(), Some(0));
    let diff = || rdgrade(folder.path(), &["diff", "all.jsonl.old", "all.jsonl"]);
    fs::write(folder.path().join("bob.py"), child_exits_0()).unwrap();
    assert_eq!(grade(folder.path(), &[]).status.code(), Some(1));
    let changed = diff();
    assert_eq!(changed.status.code(), Some(1));
    insta::assert_snapshot!("diff", String::from_utf8(changed.stdout).unwrap());
    let json = rdgrade(
        folder.path(),
        &["diff", "--json", "all.jsonl.old", "all.jsonl"],
    );
    let change: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(
        (&change["id"], &change["causes"][0]["different"]),
        (&"bob".into(), &"submission".into())
    );
    // Another run over the same changes nothing.
    grade(folder.path(), &[]);
    assert_eq!(diff().status.code(), Some(0));
}

#[test]
fn a_torn_last_line_is_forgotten_and_other_damage_is_an_error_with_its_line() {
    let folder = class(&[("alice.py", solved())]);
    grade(folder.path(), &[]);
    let path = folder.path().join("all.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}{{\"check\":")).unwrap();
    assert_eq!(
        rdgrade(folder.path(), &["report", "all.jsonl"])
            .status
            .code(),
        Some(0)
    );
    assert_eq!(grade(folder.path(), &["--resume"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    let mut lines: Vec<&str> = whole.lines().collect();
    lines.insert(1, "{\"check\":");
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    for words in [
        &["report", "all.jsonl"][..],
        &["diff", "all.jsonl", "all.jsonl"],
    ] {
        let output = rdgrade(folder.path(), words);
        assert_eq!(output.status.code(), Some(2));
        assert!(told(&output).contains("all.jsonl:2: "), "{}", told(&output));
    }
    assert_eq!(grade(folder.path(), &[]).status.code(), Some(2));
}

#[test]
fn results_have_one_writer() {
    let folder = class(&[("alice.sh", hangs()), ("bob.py", solved())]);
    let mut first = command(
        folder.path(),
        &[
            "grade",
            "level00",
            "--roster",
            "class.csv",
            "--results",
            "all.jsonl",
            "--jobs",
            "6",
        ],
    )
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .env("RDGRADE_STOP_AT", "report")
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut said = BufReader::new(first.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("stopped at report")));
    let second = grade(folder.path(), &["--resume"]);
    assert_eq!(second.status.code(), Some(2));
    assert!(
        told(&second).contains("in use by another rdgrade"),
        "{}",
        told(&second)
    );
    first.kill().unwrap();
    first.wait().unwrap();
    let third = grade(
        folder.path(),
        &["--resume", "--timeout", "10s", "--jobs", "6"],
    );
    assert_eq!(third.status.code(), Some(1), "{}", told(&third));
}

#[test]
fn an_interrupted_run_says_how_to_go_on() {
    let folder = class(&[("bob.py", solved()), ("alice.sh", hangs())]);
    let words = [
        "grade",
        "level00",
        "--roster",
        "class.csv",
        "--results",
        "all.jsonl",
        "--jobs",
        "2",
    ];
    let mut run = command(folder.path(), &words)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(run.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("bob: 12 of 12")));
    kill(Pid::from_raw(run.id() as i32), Signal::SIGINT).unwrap();
    let rest: Vec<String> = said.map_while(Result::ok).collect();
    assert_eq!(run.wait().unwrap().code(), Some(3));
    assert!(
        rest.iter()
            .any(|line| line.contains("all.jsonl") && line.contains("--resume")),
        "{rest:?}"
    );
    let resumed = rdgrade(folder.path(), &[&words[..], &["--resume"]].concat());
    assert_eq!(resumed.status.code(), Some(1), "{resumed:?}");
}

/// Who ends rdgrade may have ended a program of a student's first, whose check then failed.
#[test]
fn what_failed_shortly_before_an_interruption_is_judged_again() {
    let folder = class(&[
        ("alice.py", solved()),
        ("bob.py", child_exits_0()),
        ("carol.sh", hangs()),
    ]);
    let words = [
        "grade",
        "level00/reports-once",
        "--roster",
        "class.csv",
        "--results",
        "all.jsonl",
        "--jobs",
        "1",
        "--report",
        "json",
    ];
    let mut run = command(folder.path(), &words)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut reports = BufReader::new(run.stdout.take().unwrap()).lines();
    assert!(reports.any(|line| line.unwrap().contains("\"id\":\"bob\"")));
    kill(Pid::from_raw(run.id() as i32), Signal::SIGTERM).unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(3));
    let kept = fs::read_to_string(folder.path().join("all.jsonl")).unwrap();
    let lines: Vec<Value> = kept
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ids = |kind: &str, id: &str| -> Vec<String> {
        let of_kind = lines.iter().filter(|line| line[kind].is_object());
        of_kind
            .filter_map(|line| line.pointer(id)?.as_str().map(str::to_owned))
            .collect()
    };
    assert_eq!(ids("check", "/check/id"), ["alice"], "{kept}");
    assert_eq!(ids("report", "/report/student/id"), ["alice"], "{kept}");

    fs::write(folder.path().join("carol.sh"), "#!/bin/sh\n").unwrap();
    let resumed = rdgrade(folder.path(), &[&words[..], &["--resume"]].concat());
    assert_eq!(resumed.status.code(), Some(1), "{resumed:?}");
    let marks: Vec<Value> = String::from_utf8(resumed.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let scores: Vec<&Value> = marks.iter().map(|report| &report["score"]).collect();
    assert_eq!(scores, [2, 0, 0], "{marks:?}");
}

#[rstest]
#[case::the_same_twice("\"status\":\"pass\"", "\"status\":\"pass\"", 0, "")]
#[case::another_verdict(
    "\"status\":\"fail\"",
    "\"status\":\"pass\"",
    2,
    "disagree: about level00/reports-once"
)]
#[case::another_machine("\"host\":\"", "\"host\":\"x", 0, "")]
#[case::another_version("rdgrade 0", "rdgrade 9", 2, "rdgrade's version")]
#[case::another_class("\"id\":\"bob\"", "\"id\":\"eve\"", 2, "the roster")]
fn parts_that_disagree_are_a_conflict(
    #[case] from: &str,
    #[case] to: &str,
    #[case] code: i32,
    #[case] words: &str,
) {
    let folder = class(&[("bob.py", child_exits_0())]);
    grade(folder.path(), &[]);
    let text = fs::read_to_string(folder.path().join("all.jsonl")).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(folder.path().join("other.jsonl"), text.replace(from, to)).unwrap();
    let merged = rdgrade(
        folder.path(),
        &["merge", "other.jsonl", "all.jsonl", "--into", "both.jsonl"],
    );
    assert_eq!(merged.status.code(), Some(code), "{merged:?}");
    assert!(told(&merged).contains(words), "{}", told(&merged));
}

#[test]
fn one_submission_never_stops_the_others() {
    let folder = class(&[("alice.py", solved()), ("bob.py", solved())]);
    fs::create_dir(folder.path().join("dave")).unwrap();
    fs::write(folder.path().join("dave/rdgrade.yaml"), "run: 1\n").unwrap();
    let roster = "id,path\nmissing,nowhere\nalice,alice.py\ndave,dave\nbob,bob.py\n";
    fs::write(folder.path().join("class.csv"), roster).unwrap();
    let run = grade(folder.path(), &["--report", "csv=marks.csv"]);
    assert_eq!(run.status.code(), Some(3), "{run:?}");
    let marks = fs::read_to_string(folder.path().join("marks.csv")).unwrap();
    let states: Vec<&str> = marks
        .lines()
        .skip(1)
        .filter_map(|row| row.split(',').nth(2))
        .collect();
    assert_eq!(states, ["not graded", "graded", "not graded", "graded"]);
}
