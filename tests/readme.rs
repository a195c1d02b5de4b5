//! What the README says is so: its commands are run, its output is compared, its promises have tests.

mod support;

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TOP: &str = env!("CARGO_MANIFEST_DIR");
const RDGRADE: &str = env!("CARGO_BIN_EXE_rdgrade");

fn readme() -> String {
    fs::read_to_string(Path::new(TOP).join("README.md")).unwrap()
}

/// The fenced blocks of the section with this heading: language and text.
fn blocks(heading: &str) -> Vec<(String, String)> {
    let readme = readme();
    let section = readme
        .split("\n## ")
        .find(|section| section.starts_with(heading))
        .expect("a section");
    let mut fenced = section.split("```").skip(1).step_by(2);
    let mut blocks = Vec::new();
    while let Some((language, text)) = fenced.next().and_then(|block| block.split_once('\n')) {
        blocks.push((language.to_owned(), text.to_owned()));
    }
    blocks
}

fn block(heading: &str, language: &str) -> String {
    let mut found = blocks(heading)
        .into_iter()
        .filter(|block| block.0 == language);
    found
        .next()
        .unwrap_or_else(|| panic!("{heading} has no {language} block"))
        .1
}

/// What a shell prints that runs `script` where `rdgrade` is this one.
fn shell(script: &str, directory: &Path, typed: &str) -> String {
    let path = format!(
        "{}:{}",
        Path::new(RDGRADE).parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .current_dir(directory)
        .env_remove("GITHUB_ACTIONS")
        .env("PATH", path);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(typed.as_bytes())
        .unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

/// Without what is new in every run. Reports shorten container ids and tell the seed.
fn lasting(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in support::redacted(text).lines() {
        let words = line.split(' ').map(|word| match word.split_once("-…") {
            Some((before, after)) => format!(
                "{}[UUID]{after}",
                before.trim_end_matches(|digit: char| digit.is_ascii_hexdigit())
            ),
            None => word.to_owned(),
        });
        let line = words.collect::<Vec<_>>().join(" ");
        let is_seed = line.starts_with("seed ");
        lines.push(if is_seed {
            line.trim_end_matches(|digit: char| digit.is_ascii_digit())
                .to_owned()
        } else {
            line
        });
    }
    lines.join("\n")
}

#[test]
fn the_first_command_grades_the_reference() {
    if support::skip_unless_root() {
        return;
    }
    let commands = block("Try it", "sh");
    let first = commands.lines().next().unwrap().split('#').next().unwrap();
    let words = first
        .strip_prefix("cargo run --release -- ")
        .expect("a command for cargo");
    let graded = support::rdgrade(words.split_whitespace());
    assert_eq!(graded.status, 0, "{}{}", graded.stdout, graded.stderr);
    assert!(
        graded
            .stdout
            .contains("20 of 20 points. Everything passed."),
        "{}",
        graded.stdout
    );
}

#[test]
fn the_failing_student_sees_this_report() {
    if support::skip_unless_root() {
        return;
    }
    let workplace = tempfile::tempdir().unwrap();
    symlink(
        Path::new(TOP).join("fixtures"),
        workplace.path().join("fixtures"),
    )
    .unwrap();
    let printed = shell(
        &block("What a failing student sees", "sh"),
        workplace.path(),
        "",
    );
    if printed.contains("not graded") {
        return eprintln!("skipped: {printed}");
    }
    assert_eq!(
        lasting(&printed),
        lasting(&block("What a failing student sees", "text")),
        "run the block's commands again"
    );
}

#[test]
fn the_container_runs_as_shown() {
    if support::skip_unless_root() {
        return;
    }
    let script = block("The container itself", "sh");
    let script = script
        .replace("cargo build --release\n", "")
        .replace("sudo ", "")
        .replace("target/release/rdgrade", RDGRADE);
    let (typed, shown): (Vec<String>, Vec<String>) = block("The container itself", "console")
        .lines()
        .map(str::to_owned)
        .partition(|line| line.starts_with("# "));
    let typed: String = typed
        .iter()
        .map(|line| format!("{}\n", line.trim_start_matches("# ")))
        .collect();
    // A pipe is no terminal: `ls` prints a column, and bash no prompt.
    let words = |text: &str| {
        let lines = text
            .lines()
            .map(support::mount_without_options)
            .collect::<Vec<_>>()
            .join(" ");
        let mut words: Vec<String> = support::redacted(&lines)
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        words.sort();
        words
    };
    let printed = shell(&script, Path::new(TOP), &typed);
    assert_eq!(words(&printed), words(&shown.join("\n")), "{printed}");
    assert!(!Path::new("/test").exists(), "/test was made outside");
}

#[test]
fn every_promise_is_a_test() {
    let readme = readme();
    let section = readme
        .split("\n## ")
        .find(|section| section.starts_with("What it promises"))
        .unwrap();
    let promised: Vec<&str> = section
        .lines()
        .filter_map(|line| line.strip_suffix("` |")?.rsplit('`').next())
        .collect();
    assert!(promised.len() >= 10, "{promised:?}");
    let mut sources = Vec::new();
    for folder in ["tests", "runner", "checks"] {
        read_sources(&Path::new(TOP).join(folder), &mut sources);
    }
    for name in promised {
        let is_test = |source: &String| {
            let before = source
                .split_once(&format!("fn {name}("))
                .map(|(before, _)| before);
            // Attributes stand between the blank line above a function and its name.
            let attributes = before.and_then(|before| before.rsplit("\n\n").next());
            attributes.is_some_and(|text| text.contains("#[test]") || text.contains("#[rstest]"))
        };
        assert!(sources.iter().any(is_test), "no test is called {name}");
    }
}

#[test]
fn every_link_leads_to_a_file() {
    for page in ["README.md", "CONTRIBUTING.md", "SECURITY.md"] {
        let text = fs::read_to_string(Path::new(TOP).join(page)).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            assert!(
                link.starts_with("https://") || Path::new(TOP).join(link).exists(),
                "{page}: {link}"
            );
        }
    }
}

fn read_sources(folder: &PathBuf, sources: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(fs::read_to_string(path).unwrap());
        }
    }
}
