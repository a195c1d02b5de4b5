//! The programs that recipes share: the one that gets rdgrade onto a machine, and the one that gets the submissions.

#[path = "support/systems/mod.rs"]
mod systems;

use std::fs;
use std::path::Path;
use std::process::Command;
use systems::{Ground, init, program, said};

/// The program that gets rdgrade, in a directory of its own.
fn get(ground: &Ground, git: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    init("github", folder.path(), git);
    ground.program("cargo", "echo \"cargo $*\" >> \"$(dirname \"$0\")/asked\"\nwhile [ \"$1\" != --root ]; do shift; done\nmkdir -p \"$2/bin\" && printf '#!/bin/sh\\necho built' > \"$2/bin/rdgrade\" && chmod +x \"$2/bin/rdgrade\"\n");
    folder
}

#[test]
fn rdgrade_is_built_from_where_the_instructor_said() {
    let ground = Ground::new();
    let folder = get(&ground, &["--git", "https://example.com/rdgrade.git"]);
    let mut command = ground.command("ci/get-rdgrade", folder.path());
    let output = command
        .arg("bin")
        .env("RDGRADE_REV", "v1.2")
        .output()
        .unwrap();
    assert!(said(&output).ends_with("built\n"), "{}", said(&output));
    let asked = fs::read_to_string(ground.at("bin/asked")).unwrap();
    assert!(
        asked.starts_with(
            "cargo install --locked --git https://example.com/rdgrade.git --rev v1.2 --root /"
        ),
        "{asked}"
    );
    assert!(asked.ends_with(" rdgrade\n"), "{asked}");
    // What a cache brought back is not built again.
    ground
        .command("ci/get-rdgrade", folder.path())
        .arg("bin")
        .output()
        .unwrap();
    assert_eq!(fs::read_to_string(ground.at("bin/asked")).unwrap(), asked);
}

#[test]
fn a_binary_beside_it_needs_no_building_and_nothing_at_all_is_told() {
    let ground = Ground::new();
    let folder = get(&ground, &[]);
    let output = ground
        .command("ci/get-rdgrade", folder.path())
        .arg("bin")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let line = said(&output)
        .split("line ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
    let text = fs::read_to_string(folder.path().join("ci/get-rdgrade")).unwrap();
    assert!(
        text.lines()
            .nth(line.unwrap() - 1)
            .unwrap()
            .starts_with("git="),
        "{}",
        said(&output)
    );

    program(&folder.path().join("ci/rdgrade"), "echo beside\n");
    let output = ground
        .command("ci/get-rdgrade", folder.path())
        .arg("bin")
        .output()
        .unwrap();
    assert_eq!(said(&output), "beside\n");
    assert!(!ground.at("bin/asked").exists());
}

fn git(folder: &Path, words: &[&str]) {
    let identity = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.com",
        "-c",
        "init.defaultBranch=main",
    ];
    let output = Command::new("git")
        .args(identity)
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn students_repositories_are_cloned_and_run_nothing() {
    let ground = Ground::new();
    let class = tempfile::tempdir().unwrap();
    init("github", class.path(), &[]);
    let remote = ground.workspace("remote");
    for student in ["alice", "bob"] {
        let work = ground.workspace(student);
        git(&work, &["init", "--quiet"]);
        fs::write(work.join("rd.py"), student).unwrap();
        // A filter of this name may be configured on the machine, and would be run at a checkout.
        fs::write(work.join(".gitattributes"), "* filter=lfs\n").unwrap();
        git(&work, &["add", "."]);
        git(&work, &["commit", "--quiet", "-m", "x"]);
        git(
            &remote,
            &[
                "clone",
                "--quiet",
                "--bare",
                work.to_str().unwrap(),
                &format!("{student}.git"),
            ],
        );
    }
    let here = class.path().join("here/rd.py");
    fs::create_dir(here.parent().unwrap()).unwrap();
    fs::write(&here, "here").unwrap();
    fs::write(class.path().join("class.csv"), "id,path\nalice,repositories/alice\nbob,repositories/bob\ncarol,repositories/carol\ndan,here\n").unwrap();
    let configuration = ground.at("gitconfig");
    let ran = ground.at("ran");
    fs::write(
        &configuration,
        format!(
            "[filter \"lfs\"]\n\tsmudge = touch {0}; cat\n\trequired = true\n",
            ran.display()
        ),
    )
    .unwrap();
    let collect = |address: &str| {
        let mut collect = ground.command("ci/collect", class.path());
        collect
            .arg("class.csv")
            .env("REPOSITORIES", address)
            .env("GIT_CONFIG_GLOBAL", &configuration);
        collect.output().unwrap()
    };
    let output = collect(&format!("file://{}/", remote.display()));
    assert!(output.status.success(), "{}", said(&output));
    let said = said(&output);
    assert!(
        said.contains("2 of 3 repositories") && said.contains("carol.git could not be cloned"),
        "{said}"
    );
    assert_eq!(
        fs::read_to_string(class.path().join("repositories/bob/rd.py")).unwrap(),
        "bob"
    );
    assert!(!ran.exists(), "a filter was run");
    // Whoever is here already stays as they are; that nobody else can be cloned is the address's fault.
    let output = collect("file:///nowhere");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(collect("").status.code(), Some(0));
}

#[test]
fn the_token_is_told_to_git_alone() {
    let ground = Ground::new();
    let class = tempfile::tempdir().unwrap();
    init("github", class.path(), &[]);
    fs::write(class.path().join("class.csv"), "id,path\nalice,alice\n").unwrap();
    // A git that asks for a password as the real one does, with the helpers that it was given.
    let real = rdgrade::submission::installed("git").unwrap();
    ground.program("git", &format!(
        "echo \"$*\" > {0}/words\nwhile [ \"$1\" != clone ]; do set -- \"$@\" \"$1\"; shift; done\nshift; while [ \"$1\" != -c ]; do shift; done\n\
         printf 'protocol=https\\nhost=example.com\\n\\n' | {1} \"$@\" credential fill > {0}/told\n",
        ground.at("").display(), real.display()
    ));
    let mut collect = ground.command("ci/collect", class.path());
    let output = collect
        .arg("class.csv")
        .env("REPOSITORIES", "https://example.com/class")
        .env("COLLECT_TOKEN", "se'cr\"et")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let told = fs::read_to_string(ground.at("told")).unwrap();
    assert!(
        told.contains("username=git\npassword=se'cr\"et\n"),
        "{told}"
    );
    let words = fs::read_to_string(ground.at("words")).unwrap();
    assert!(
        words.contains("clone --quiet -- https://example.com/class/alice.git alice"),
        "{words}"
    );
    assert!(
        !words.contains("se'cr") && !said(&output).contains("se'cr"),
        "{words}"
    );
}
