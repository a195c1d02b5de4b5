//! `--record DIR`: what a terminal showed can be watched again, and does nothing to the terminal that it is watched on.

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Grades one check of `programs` and records it; returns where.
fn record(folder: &Path, check: &str, programs: &[PathBuf]) -> PathBuf {
    let recordings = folder.join("recordings");
    let output = Command::new(cargo_bin("rdgrade"))
        .arg(check)
        .args(programs)
        .args(["--quiet", "--record"])
        .arg(&recordings)
        .output()
        .unwrap();
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|code| code < 2), "{wrong}");
    recordings
}

fn solved() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/level01/solved.py")
}

/// A program that prints what could steer a terminal, and goes on with `more`.
fn hostile(folder: &Path, more: &str) -> PathBuf {
    let program = folder.join("rd.py");
    let printed = r#""\x1b[1;31mred\x1b[0m\x1b]0;owned\x07\x1b]52;c;aGk=\x1b\\\x1bPq\x1b\\\x1b[6n\x1b[?1049h\x1bc\u009b2J\u202e\n""#;
    fs::write(
        &program,
        format!("import sys, time\nsys.stdout.write({printed})\nsys.stdout.flush()\n{more}\n"),
    )
    .unwrap();
    program
}

/// Reads asciicast v2 as strictly as its definition is: the columns and the events.
fn strictly(path: &Path) -> Vec<(f64, String)> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'));
    let mut lines = text.lines();
    let header: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(header["version"], 2);
    assert!(header["width"].as_u64().unwrap() > 0 && header["height"].as_u64().unwrap() > 0);
    let known = [
        "version",
        "width",
        "height",
        "timestamp",
        "duration",
        "idle_time_limit",
        "command",
        "title",
        "env",
        "theme",
    ];
    assert!(
        header
            .as_object()
            .unwrap()
            .keys()
            .all(|key| known.contains(&key.as_str()))
    );
    let mut before = 0.0;
    let event = |line: &str| {
        let (at, kind, text): (f64, String, String) = serde_json::from_str(line).unwrap();
        assert!(at >= before, "{at} after {before}");
        before = at;
        assert_eq!(kind, "o");
        (at, text)
    };
    lines.map(event).collect()
}

fn shown(path: &Path) -> String {
    strictly(path).into_iter().map(|(_, text)| text).collect()
}

#[test]
fn a_recording_shows_what_was_typed_and_printed_and_when() {
    let folder = tempfile::tempdir().unwrap();
    let recordings = record(folder.path(), "level01/isolated-test-file", &[solved()]);
    let path = recordings.join("level01-isolated-test-file.cast");
    let text = shown(&path);
    let mut from = 0;
    for part in [
        "host$ ",
        "solved.py run -i ubuntu /bin/bash",
        "Created a new root fs",
        "inside# touch /test",
        "inside# exit 0",
        "exited with status 0",
        "host$ ls /test",
        "No such file",
    ] {
        let at = text[from..].find(part);
        from += at.unwrap_or_else(|| panic!("{part} after {from} in {text:?}"));
    }
    // Markers tell the grader that a command has ended; nobody typed them.
    assert!(
        !text.contains("=0:") && !text.contains("printf '%s"),
        "{text:?}"
    );
}

#[test]
fn times_are_those_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let program = hostile(folder.path(), "time.sleep(0.3)\nprint('later')");
    let recordings = record(
        folder.path(),
        "level01/missing-binary-without-image",
        &[program],
    );
    let events = strictly(&recordings.join("level01-missing-binary-without-image.cast"));
    let at = |part: &str| {
        events
            .iter()
            .find(|(_, text)| text.contains(part))
            .unwrap()
            .0
    };
    assert!(at("later") - at("red") >= 0.29, "{events:?}");
}

#[test]
fn colours_are_kept_and_nothing_else_is_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let program = hostile(folder.path(), "print('x' * 1_000_000)");
    let recordings = record(
        folder.path(),
        "level01/missing-binary-without-image",
        &[program],
    );
    let text = shown(&recordings.join("level01-missing-binary-without-image.cast"));
    assert!(text.contains("\x1b[1;31mred\x1b[0m"));
    for spelled in [
        "^[]0;owned^G",
        "^[]52;c;aGk=",
        "^[Pq",
        "^[[6n",
        "^[[?1049h",
        "^[c",
        "<U+009B>2J",
        "<U+202E>",
    ] {
        assert!(text.contains(spelled), "{spelled} in {:?}", &text[..400]);
    }
    for (at, _) in text.match_indices('\x1b') {
        assert!(text[at..].starts_with("\x1b[") && !text[at + 2..].starts_with('?'));
    }
    assert!(
        text.len() < 200_000 && text.contains("[the rest is left out]"),
        "{}",
        text.len()
    );
}

#[test]
fn several_submissions_have_a_directory_each() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("..x $(id).py");
    fs::copy(solved(), &other).unwrap();
    let recordings = record(folder.path(), "level01/sees-the-image", &[solved(), other]);
    let mut names: Vec<String> = fs::read_dir(&recordings)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 2);
    assert!(
        names[0].starts_with("0001-") && names[0].ends_with("solved.py"),
        "{names:?}"
    );
    assert!(
        names[1].starts_with("0002-") && names[1].ends_with("..x___id_.py"),
        "{names:?}"
    );
    for name in names {
        assert!(
            recordings
                .join(name)
                .join("level01-sees-the-image.cast")
                .exists()
        );
    }
}

#[test]
fn asciinema_plays_it() {
    if Command::new("asciinema").arg("--version").output().is_err() {
        println!("skipped: asciinema is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let recordings = record(folder.path(), "level01/sees-the-image", &[solved()]);
    let path = recordings.join("level01-sees-the-image.cast");
    // It wants a terminal, which script(1) makes.
    let played = Command::new("timeout")
        .args(["60s", "script", "--quiet", "--return", "--command"])
        .arg(format!("asciinema cat {}", path.display()))
        .arg("/dev/null")
        .env("LC_ALL", "C.UTF-8")
        .env("TERM", "xterm")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&played.stdout).replace('\r', "");
    assert!(played.status.success(), "{printed}");
    assert_eq!(printed, shown(&path).replace('\r', ""));
}

#[test]
fn a_directory_that_cannot_be_made_is_told_before_anything_runs() {
    let refused = Command::new(cargo_bin("rdgrade"))
        .args(["level01", "--reference", "--record", "/proc/nowhere"])
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let wrong = String::from_utf8_lossy(&refused.stderr);
    assert!(
        wrong.contains("failed to record to /proc/nowhere"),
        "{wrong}"
    );
}
