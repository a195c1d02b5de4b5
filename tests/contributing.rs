//! CONTRIBUTING takes a newcomer from a clone to a new check with its fault: its commands are run as they stand there.

mod support;
#[path = "support/tried.rs"]
mod tried;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use tried::{tried, words};

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_newcomer_ends_with_a_check_that_its_fault_kills() {
    if support::skip_unless_root() {
        return;
    }
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let clone = tempfile::tempdir().unwrap();
    for folder in ["levels", "fixtures"] {
        copy(&repository.join(folder), &clone.path().join(folder));
    }
    fs::create_dir(clone.path().join("bin")).unwrap();
    symlink(
        env!("CARGO_BIN_EXE_rdgrade"),
        clone.path().join("bin/rdgrade"),
    )
    .unwrap();
    let path = format!(
        "{}:{}",
        clone.path().join("bin").display(),
        std::env::var("PATH").unwrap()
    );

    let page = fs::read_to_string(repository.join("CONTRIBUTING.md")).unwrap();
    let blocks = tried(&page);
    let mut last = String::new();
    for block in &blocks {
        let output = Command::new("sh")
            .args(["-euc", &block.script])
            .current_dir(clone.path())
            .env("PATH", &path)
            .env_remove("GITHUB_ACTIONS")
            .env_remove("RDGRADE_STOP_AT")
            .output()
            .unwrap();
        last = String::from_utf8(output.stdout).unwrap();
        let said = format!(
            "{}\n--\n{last}{}",
            block.script,
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.success(), "{said}");
        let missing = block.missing(&last);
        assert!(
            missing.is_none(),
            "`{missing:?}` is not in the answer, or not there:\n{said}"
        );
    }
    // Whatever the page says: the way ends with a fault that fails the new check alone.
    assert!(
        last.lines().any(|line| words(line) == ["no-etc", "·", "✗"]),
        "{last}"
    );
    assert!(
        last.contains("1 of 2 checks are failed alone by some fault"),
        "{last}"
    );
    for verb in [
        "rdgrade lint",
        "rdgrade bless",
        "rdgrade level01",
        "rdgrade verify level01",
    ] {
        assert!(
            blocks.iter().any(|block| block.script.contains(verb)),
            "`{verb}` is not shown"
        );
    }
}

#[test]
fn a_marked_block_is_found_with_its_answer() {
    let page = "<!-- tried -->\n```sh\ntrue\n```\nso:\n```text\nyes\n```\n```sh\nuntried\n```\n```text\nx\n```\n";
    let blocks = tried(page);
    assert_eq!(blocks.len(), 1);
    assert_eq!(blocks[0].script, "true");
    assert_eq!(blocks[0].shown, ["yes"]);
}
