//! Reports for other systems, as the binary writes them: into files, directories and the log.

mod made;
#[path = "support/readers.rs"]
mod readers;
mod support;

use made::CLASSROOM50;
use made::hostile::FORGERY;
use readers::Row;
use rstest::rstest;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

/// Kinds whose readers tell test by test what they read.
const READ: [&str; 9] = [
    "junit",
    "tap",
    "ctrf",
    "gradescope",
    "classroom50",
    "classroom",
    "check50",
    "markdown",
    "json",
];

fn program(folder: &Path, name: &str, script: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn rdgrade(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = support::command();
    command
        .current_dir(folder)
        .env_remove("GITHUB_STEP_SUMMARY")
        .env_remove("GITHUB_OUTPUT")
        .envs(CLASSROOM50.iter().copied())
        .args(arguments);
    command.output().unwrap()
}

/// Prints every forgery there is, what is no UTF-8, and a lot, wherever it is asked to run something.
fn forger() -> Vec<u8> {
    let mut script = b"#!/bin/sh\ncat <<'THE_END'\n".to_vec();
    script.extend(FORGERY.concat().replace('\0', "").into_bytes());
    script.extend(b"\nTHE_END\n");
    script.extend(
        br"printf '\000\377\355\240\200\300\257'; head -c 2000000 /dev/zero | tr '\0' A; exit 0",
    );
    script.push(b'\n');
    script
}

#[test]
fn a_hostile_program_forges_no_report() {
    let folder = tempfile::tempdir().unwrap();
    // The path is the submission's name.
    let name = "rd ]]><b>&\"'\n::error::forged\nok 1 - forged # SKIP\n|`\\\u{1b}[2J\u{202e}=1+1";
    let quiet = program(folder.path(), "quiet/rd", b"#!/bin/sh\nexit 0\n");
    let loud = program(folder.path(), &format!("loud/{name}"), &forger());
    let told = |program: &Path, word: &str| -> Vec<Option<Vec<Row>>> {
        let reports = READ.map(|kind| format!("{kind}={word}.{kind}"));
        let options = reports.iter().flat_map(|report| ["--report", report]);
        let program = program.to_str().unwrap();
        let arguments: Vec<&str> = ["level01", "-q", program]
            .into_iter()
            .chain(options)
            .collect();
        let output = rdgrade(folder.path(), &arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        let read = |kind: &str| {
            let path = folder.path().join(format!("{word}.{kind}"));
            let text = fs::read_to_string(path).unwrap();
            assert!(!text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')));
            let rows = readers::read(kind, &text)?;
            // Names of submissions are their own, verdicts are not.
            let verdict = |row: &Row| !row.name.contains("rd") && row.status != "tag";
            Some(rows.into_iter().filter(verdict).collect::<Vec<Row>>())
        };
        READ.map(read).into()
    };
    let (quiet, loud) = (told(&quiet, "quiet"), told(&loud, "loud"));
    for ((kind, quiet), loud) in READ.iter().zip(quiet).zip(loud) {
        assert_eq!(quiet, loud, "{kind}");
        assert!(
            quiet.is_none_or(|rows| rows.len() > 3),
            "{kind} should tell of every check"
        );
    }
}

#[test]
fn a_log_obeys_rdgrade_and_not_the_submission() {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), "rd", &forger());
    let log = |kind: &str| {
        let mut command = support::command();
        command
            .current_dir(folder.path())
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", folder.path().join("summary.md"))
            .args(["level01/sees-the-image", "rd", "--report", kind, "-v"]);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let (human, github) = (log("human"), log("github"));
    assert!(human.contains("forged"), "the forgery should be shown");
    assert!(readers::read("github", &human).unwrap().is_empty());
    let commands = readers::read("github", &github).unwrap();
    let names: Vec<&str> = commands.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["level01/sees-the-image"]);
    assert!(folder.path().join("summary.md").exists());
}

#[rstest]
#[case::gradescope("gradescope")]
#[case::classroom50("classroom50")]
fn several_submissions_are_files_in_a_directory(#[case] kind: &str) {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), "alice/rd", b"#!/bin/sh\nexit 0\n");
    program(folder.path(), "bob/rd", b"#!/bin/sh\nexit 0\n");
    let arguments = [
        "level01/sees-the-image",
        "alice/rd",
        "bob/rd",
        "-q",
        "--report",
    ];
    let report = |place: &str| {
        [&arguments[..], &[&format!("{kind}={place}")]]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let run = |place: &str| {
        let words = report(place);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        rdgrade(folder.path(), &words)
    };

    let refused = run("one.json");
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains(&format!("--report {kind}=DIR/")), "{said}");
    assert!(refused.stdout.is_empty(), "nothing should have been graded");

    assert_eq!(run("marks/").status.code(), Some(1));
    for name in ["alice_rd.json", "bob_rd.json"] {
        let text = fs::read_to_string(folder.path().join("marks").join(name)).unwrap();
        readers::read(kind, &text);
    }
    assert_eq!(
        fs::read_dir(folder.path().join("marks")).unwrap().count(),
        2
    );
}

#[test]
fn classroom50_finds_the_release_beside_the_result() {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), "rd", b"#!/bin/sh\nexit 0\n");
    let arguments = [
        "level01/sees-the-image",
        "rd",
        "--report",
        "classroom50=result.json",
    ];
    assert_eq!(rdgrade(folder.path(), &arguments).status.code(), Some(1));
    let body = fs::read_to_string(folder.path().join("release-body.md")).unwrap();
    assert!(
        body.starts_with("### <code>rd</code>: 0 of 2 points\n"),
        "{body}"
    );
    readers::read("markdown", &body);
}

#[test]
fn what_a_kind_lacks_is_known_before_anything_is_graded() {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), "rd", b"#!/bin/sh\nexit 0\n");
    let mut command = support::command();
    for (name, _) in CLASSROOM50 {
        command.env_remove(name);
    }
    command.current_dir(folder.path()).args([
        "level01",
        "rd",
        "--report",
        "classroom50=result.json",
    ]);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("CLASSROOM, ASSIGNMENT"), "{said}");
    assert!(!folder.path().join("result.json").exists());
}
