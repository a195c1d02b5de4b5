//! The card: a missing binary without an image, an isolated /test, /proc/mounts inside against outside.
//!
//! Played with the reference, the Python and the shell program, and the program in `RDGRADE_SUBMISSION` if it is set. Each
//! transcript is asserted as a snapshot, after redaction.

mod support;

use rstest::rstest;
use serde_json::Value;
use std::path::Path;
use support::{Graded, rdgrade};

fn programs() -> Vec<String> {
    let fixture = |name: &str| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/level01")
            .join(name)
    };
    let mut programs = vec!["--reference".to_owned()];
    programs.extend(["solved.py", "solved.sh"].map(|name| fixture(name).display().to_string()));
    programs.extend(std::env::var("RDGRADE_SUBMISSION"));
    programs
}

/// A transcript as a person reads it, without what differs from run to run, from host to host or from program to program.
fn transcript(check: &Value) -> String {
    let mut text = String::new();
    for entry in check["transcript"].as_array().unwrap() {
        let word = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let (side, mut output) = (word("side"), word("output"));
        if side == "kernel" {
            continue;
        }
        // Which file systems a host has is its own affair.
        let lines = output
            .lines()
            .filter(|line| side != "outside" || line.contains("/workshop/containers/"));
        output = lines
            .filter_map(in_any_language)
            .map(|line| line + "\n")
            .collect();
        let input = if side == "submission" {
            last_words(&word("input"))
        } else {
            word("input")
        };
        text.push_str(&format!("{side}> {input}\n{output}[{}]\n", word("exit")));
    }
    support::redacted(&text)
}

/// A line without what differs between the languages programs are written in: how an error is told, and whether a status is
/// printed raw or decoded.
fn in_any_language(line: &str) -> Option<String> {
    if line.starts_with("Traceback") || line.starts_with("  ") {
        return None;
    }
    if line.contains("No such file or directory") || line.contains("not found") {
        return Some("[ERROR ENOENT]".to_owned());
    }
    match line.split_once(" exited with status ") {
        Some((pid, status)) if status != "0" => {
            Some(format!("{pid} exited with status [STATUS nonzero]"))
        }
        _ => Some(support::mount_without_options(line)),
    }
}

/// `run -i ubuntu …`, whatever the program is called.
fn last_words(input: &str) -> String {
    input
        .find(" run ")
        .map_or(input, |at| &input[at + 1..])
        .to_owned()
}

#[rstest]
#[case::missing_binary_without_image("missing-binary-without-image")]
#[case::isolated_test_file("isolated-test-file")]
#[case::proc_mounts_differ("proc-mounts-differ")]
fn the_three_scenarios_of_the_workshop(#[case] id: &str) {
    if support::skip_unless_root() {
        return;
    }
    for program in programs() {
        let Graded { report, .. } =
            rdgrade([&format!("level01/{id}"), &program, "--report", "json"]);
        let check = &report["levels"][0]["checks"][0];
        assert_eq!(check["id"], id);
        assert_eq!(check["status"], "pass", "{program}: {check:#}");
        assert_eq!(check["points"], check["max_points"]);
        // One snapshot for all of them: the transcript is the workshop's, not a program's.
        insta::assert_snapshot!(id.replace('-', "_"), transcript(check), &program);
    }
}

#[rstest]
#[case::reference("--reference")]
#[case::python("fixtures/level01/solved.py")]
#[case::shell("fixtures/level01/solved.sh")]
#[case::a_solution_of_level_02("fixtures/level02/no-nodes.py")]
fn a_right_program_earns_every_point(#[case] program: &str) {
    if support::skip_unless_root() {
        return;
    }
    let Graded { report, status, .. } = rdgrade(["level01", program, "--report", "json"]);
    assert_eq!(
        (report["score"].as_u64(), report["max_score"].as_u64()),
        (Some(20), Some(20)),
        "{report:#}"
    );
    assert_eq!(status, 0);
}

#[test]
fn the_same_seed_gives_the_same_nonces() {
    if support::skip_unless_root() {
        return;
    }
    let level = "tests/data/nonce";
    let said = |seed: &str| {
        let arguments = [
            "level01",
            "--level-dir",
            level,
            "--reference",
            "--seed",
            seed,
            "--report",
            "json",
        ];
        let report = rdgrade(arguments).report;
        assert_eq!(report["seed"].to_string(), seed, "{report:#}");
        report["levels"][0]["checks"][0]["transcript"][1]["input"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(said("7"), said("7"));
    assert_ne!(said("7"), said("8"));
}
