//! A roster says who is graded; its mistakes are shown where they are, and a student's repository runs nothing of its own.

mod support;

use rstest::rstest;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// What rdgrade says of a roster that has mistakes.
fn refused(name: &str, roster: &[u8]) -> String {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), roster).unwrap();
    let output = support::command()
        .args(["grade", "level00", "--roster", name])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing was begun"
    );
    String::from_utf8(output.stderr).unwrap()
}

#[rstest]
#[case::an_id_twice("id,name,path\nalice,Alice,a\nbob,Bob,b\nalice,Alicia,c\n")]
#[case::no_path_column("id,name\nalice,Alice\n")]
#[case::an_unknown_column("id,path,grade\nalice,a,1\n")]
#[case::too_few_cells("id,name,path\nalice,Alice,a\nbob,Bob\n")]
#[case::an_id_that_is_a_path("id,path\n../alice,a\n")]
#[case::an_id_with_an_escape("id,path\n\"al\u{1b}[2Jice\",a\n")]
#[case::nobody("id,path\n")]
#[case::an_option_for_a_revision("id,path,revision\nalice,a,--output=x\n")]
#[case::several("id,path\n,a\nbob,\n")]
fn a_mistake_in_csv_has_a_caret_and_a_remedy(#[case] roster: &str) {
    let told = refused("class.csv", roster.as_bytes());
    let name = std::thread::current()
        .name()
        .unwrap_or_default()
        .rsplit("::")
        .next()
        .unwrap()
        .to_owned();
    insta::with_settings!({snapshot_suffix => name}, { insta::assert_snapshot!("csv", told) });
}

#[rstest]
#[case::an_id_twice("students:\n  - {id: alice, path: a}\n  - {id: alice, path: b}\n")]
#[case::an_unknown_key("students:\n  - {id: alice, path: a, grade: 1}\n")]
#[case::no_path("students:\n  - {id: alice}\n")]
#[case::nobody("students: []\n")]
#[case::an_id_that_is_a_path("students:\n  - id: a/b\n    path: a\n")]
fn a_mistake_in_yaml_has_a_caret_and_a_remedy(#[case] roster: &str) {
    let told = refused("class.yaml", roster.as_bytes());
    let name = std::thread::current()
        .name()
        .unwrap_or_default()
        .rsplit("::")
        .next()
        .unwrap()
        .to_owned();
    insta::with_settings!({snapshot_suffix => name}, { insta::assert_snapshot!("yaml", told) });
}

#[rstest]
#[case::latin1("class.csv", b"id,path\nzo\xeb,a\n", "UTF-8")]
#[case::no_format("class.txt", b"id,path\n", ".csv")]
fn what_cannot_be_a_roster_is_refused(
    #[case] name: &str,
    #[case] roster: &[u8],
    #[case] word: &str,
) {
    let told = refused(name, roster);
    assert!(told.contains(word), "{told}");
}

fn git(repository: &Path, words: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(repository)
        .args([
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@example.com",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(words);
    let output = git.output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
}

#[test]
fn a_revision_is_graded_and_its_repository_runs_nothing() {
    if Command::new("git").arg("--version").output().is_err() {
        println!("skipped: git is not there");
        return;
    }
    let folder = TempDir::new().unwrap();
    let repository = folder.path().join("alice");
    fs::create_dir(&repository).unwrap();
    git(&repository, &["init", "--quiet"]);
    let solved = format!("{}/fixtures/level00/solved.py", env!("CARGO_MANIFEST_DIR"));
    fs::copy(solved, repository.join("rd.py")).unwrap();
    fs::write(
        repository.join(".gitattributes"),
        "* filter=evil diff=evil merge=evil\nrd.py export-subst ident\n",
    )
    .unwrap();
    git(&repository, &["add", "."]);
    git(&repository, &["commit", "--quiet", "-m", "solved"]);
    git(&repository, &["tag", "handed-in"]);
    fs::write(repository.join("rd.py"), "raise SystemExit(1)\n").unwrap();
    git(
        &repository,
        &["commit", "--quiet", "-am", "and broken since"],
    );
    let owned = folder.path().join("owned");
    let touch = format!("touch {}; cat", owned.display());
    for key in [
        "filter.evil.smudge",
        "filter.evil.clean",
        "filter.evil.process",
        "diff.evil.textconv",
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "tar.tar.command",
        "tar.umask",
        "core.askPass",
        "gpg.program",
        "uploadpack.packObjectsHook",
    ] {
        git(&repository, &["config", key, &touch]);
    }
    git(&repository, &["config", "filter.evil.required", "true"]);
    let hooks = repository.join(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in [
        "post-checkout",
        "reference-transaction",
        "post-index-change",
    ] {
        let path = hooks.join(hook);
        fs::write(&path, format!("#!/bin/sh\n{touch}\n")).unwrap();
        let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(path, executable).unwrap();
    }
    // With a byte order mark and quotes, as spreadsheets write it.
    let roster = "\u{feff}\"id\",\"name\",\"path\",\"revision\"\r\n\"alice\",\"Liddell, Alice\",\"alice\",\"handed-in\"\r\n\
                  head,,alice,main\r\nnone,,alice,no-such-tag\r\n";
    fs::write(folder.path().join("class.csv"), roster).unwrap();
    let output = support::command()
        .args([
            "grade",
            "level00",
            "--roster",
            "class.csv",
            "--report",
            "csv=marks.csv",
            "--report",
            "json=all.json",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(!owned.exists(), "the repository ran a command of its own");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let marks = fs::read_to_string(folder.path().join("marks.csv")).unwrap();
    let rows: Vec<&str> = marks.lines().skip(1).collect();
    assert!(
        rows[0].starts_with("alice,\"Liddell, Alice\",graded,12,12,"),
        "{marks}"
    );
    assert!(rows[1].starts_with("head,head,graded,0,12,"), "{marks}");
    assert!(rows[2].starts_with("none,none,not graded,,,"), "{marks}");
    let all = fs::read_to_string(folder.path().join("all.json")).unwrap();
    assert!(
        all.contains("no such revision") && all.contains("alice@no-such-tag"),
        "{all}"
    );
}
