//! A class comes to the gradebook that follows from the definitions, byte for byte: in one go, killed and resumed, and
//! divided among machines and merged.
//!
//! `RDGRADE_COHORT=full cargo test --release --test cohort` takes all levels and 200 submissions each time; otherwise one or two
//! levels serve, and a part of the class where that proves as much.

#[path = "support/cohort/mod.rs"]
mod cohort;

use cohort::Cohort;
use cohort::members::{Kind, Member};
use cohort::once::durations;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// More than there are cores: a program that hangs has a place for a second, and so has whoever waits for a forger's shell.
const JOBS: &str = "6";

/// One class at a time: steps have deadlines, and right programs must meet them.
static TURN: Mutex<()> = Mutex::new(());

fn full() -> bool {
    std::env::var_os("RDGRADE_COHORT").is_some_and(|size| size == "full")
}

fn made(levels: &[&str], size: usize) -> Option<(Cohort, MutexGuard<'static, ()>)> {
    const ALL: [&str; 10] = [
        "level01", "level02", "level03", "level04", "level05", "level06", "level07", "level08",
        "level09", "level10",
    ];
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: not all that the class is graded by can be shown without root");
        return None;
    }
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let cohort = match full() {
        true => Cohort::make(&ALL, 200),
        false => Cohort::make(levels, size),
    };
    Some((cohort, turn))
}

/// A run over the class; what it says on standard error is one line a submission.
fn command(cohort: &Cohort, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdgrade"));
    command
        .args([
            "grade",
            &cohort.asked(),
            "--roster",
            "class.csv",
            "--jobs",
            JOBS,
            "--report",
            "csv=marks.csv",
        ])
        .args(["--report", "json=/dev/null"])
        .args(more)
        .current_dir(cohort.folder.path())
        .env_remove("RDGRADE_STOP_AT")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn run(cohort: &Cohort, command: &mut Command) -> Output {
    let output = command.output().unwrap();
    // That somebody could not be graded is the worst there is.
    let broken = |member: &Member| matches!(member.kind, Kind::Broken(_));
    let worst = if cohort.members.iter().any(broken) {
        3
    } else {
        1
    };
    assert_eq!(
        output.status.code(),
        Some(worst),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// The gradebook is the truth; who differs is told, not all two hundred lines.
fn assert_true(cohort: &Cohort, name: &str) {
    let (truth, marks) = (
        cohort.gradebook(),
        fs::read_to_string(cohort.at(name)).unwrap(),
    );
    let differing: Vec<(&str, &str)> = truth
        .lines()
        .zip(marks.lines())
        .filter(|(one, other)| one != other)
        .collect();
    let kinds: BTreeMap<_, _> = cohort
        .members
        .iter()
        .map(|member| (&member.id, &member.kind))
        .collect();
    for (one, _) in &differing {
        let id = one.split(',').next().unwrap_or_default().to_owned();
        eprintln!("{id}: {:?}", kinds.get(&id));
    }
    assert!(
        differing.is_empty(),
        "{}\n{differing:#?}",
        truth.lines().next().unwrap()
    );
    assert_eq!(truth, marks);
}

#[test]
fn a_class_comes_to_the_gradebook_of_the_definitions() {
    let Some((cohort, _turn)) = made(&["level07"], 60) else {
        return;
    };
    run(&cohort, &mut command(&cohort, &[]));
    assert_true(&cohort, "marks.csv");

    // Nothing has changed, so nothing is graded again but what could not be graded.
    fs::remove_file(cohort.at("marks.csv")).unwrap();
    let again = std::time::Instant::now();
    run(&cohort, &mut command(&cohort, &[]));
    assert_true(&cohort, "marks.csv");
    let before = durations(&fs::read_to_string(cohort.at("class.results.jsonl.old")).unwrap());
    let after = durations(&fs::read_to_string(cohort.at("class.results.jsonl")).unwrap());
    assert_eq!(before, after, "graded again within {:?}", again.elapsed());
}

#[test]
fn killed_midway_and_resumed_it_is_the_same_and_nothing_is_graded_twice() {
    let Some((cohort, _turn)) = made(&["level05", "level07"], 24) else {
        return;
    };
    let mut killed = command(&cohort, &[]).spawn().unwrap();
    let half = cohort.members.len() / 2;
    let said = BufReader::new(killed.stderr.take().unwrap());
    let finished = |line: &str| {
        line.split_once(' ')
            .and_then(|(number, _)| number.parse::<usize>().ok())
    };
    let mut lines = said.lines().map_while(Result::ok);
    assert!(lines.any(|line| finished(&line).is_some_and(|number| number >= half)));
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(!cohort.at("marks.csv").exists());
    // As a power cut would have it: the last line is torn.
    let path = cohort.at("class.results.jsonl");
    let mut torn = fs::read_to_string(&path).unwrap();
    let known = durations(&torn);
    assert!(known.len() > half);
    torn.push_str("{\"check\":{\"id\":\"s0");
    fs::write(&path, torn).unwrap();

    let mut other = command(&cohort, &["--resume", "--timeout", "11s"]);
    let refused = other.output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("--timeout 10000ms"),
        "{refused:?}"
    );

    run(&cohort, &mut command(&cohort, &["--resume"]));
    assert_true(&cohort, "marks.csv");
    let after = durations(&fs::read_to_string(&path).unwrap());
    for (check, duration) in known {
        assert_eq!(
            after.get(&check),
            Some(&duration),
            "{check} was graded twice"
        );
    }
}

#[test]
fn divided_among_four_and_merged_it_is_the_same() {
    let Some((cohort, _turn)) = made(&["level07"], 40) else {
        return;
    };
    let mut parts: Vec<String> = Vec::new();
    for index in 1..=4 {
        let part = format!("hash:{index}/4");
        let output = command(&cohort, &["--partition", &part]).output().unwrap();
        assert!(matches!(output.status.code(), Some(1 | 3)), "{output:?}");
        parts.push(format!("class.hash-{index}-of-4.results.jsonl"));
    }
    let rdgrade = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdgrade"));
        command
            .args(words)
            .current_dir(cohort.folder.path())
            .output()
            .unwrap()
    };
    let merge =
        |parts: &[&str], more: &[&str]| rdgrade(&[&["merge"], parts, &["--into"], more].concat());
    let [one, two, three, four] = [&parts[0], &parts[1], &parts[2], &parts[3]];

    let gap = merge(&[one, four, two], &["all.jsonl"]);
    assert_eq!(gap.status.code(), Some(2));
    let told = String::from_utf8_lossy(&gap.stderr).into_owned();
    assert!(
        told.contains("--partition hash:3/4") && !cohort.at("all.jsonl").exists(),
        "{told}"
    );

    assert_eq!(
        merge(&[three, one, two, four], &["all.jsonl"])
            .status
            .code(),
        Some(0)
    );
    // In two steps, in another order, some of it twice: the same bytes.
    assert_eq!(
        merge(&[four, two], &["half.jsonl", "--partial"])
            .status
            .code(),
        Some(1)
    );
    assert_eq!(
        merge(
            &["half.jsonl", two, three, "half.jsonl", one],
            &["again.jsonl"]
        )
        .status
        .code(),
        Some(0)
    );
    assert_eq!(
        fs::read(cohort.at("all.jsonl")).unwrap(),
        fs::read(cohort.at("again.jsonl")).unwrap()
    );

    assert_eq!(
        rdgrade(&["report", "all.jsonl", "-q", "--report", "csv=merged.csv"])
            .status
            .code(),
        Some(0)
    );
    assert_true(&cohort, "merged.csv");
    assert_eq!(
        rdgrade(&["diff", "all.jsonl", "again.jsonl"]).status.code(),
        Some(0)
    );
}
