//! The program to grade is found wherever the workshop's students keep it.

use rdgrade::event::NotGraded;
use rdgrade::submission::{Content, CopyError, CopyKind, FindError, Invocation, Submission};
use rstest::rstest;
use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

const SHELL: &str = "#!/bin/sh\nexec true\n";

fn tree(files: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for file in files {
        write(directory.path(), file, SHELL);
    }
    directory
}

fn write(directory: &Path, file: &str, text: &str) -> PathBuf {
    let path = directory.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

fn invocation<'a>(options: &'a BTreeMap<String, String>, command: &'a [String]) -> Invocation<'a> {
    Invocation {
        image: "ubuntu",
        images: "/workshop/images",
        containers: "/workshop/containers",
        options,
        command,
    }
}

fn bash(submission: &Submission) -> Vec<String> {
    submission.command_line(&invocation(&BTreeMap::new(), &["/bin/bash".into()]))
}

#[rstest]
#[case::before_there_are_images("level00", "rd.py run /bin/bash")]
#[case::from_then_on("level01", "rd.py run -i ubuntu /bin/bash")]
#[case::a_level_of_ones_own("nested", "rd.py run -i ubuntu /bin/bash")]
fn an_image_is_chosen_only_where_there_is_such_an_option(#[case] level: &str, #[case] typed: &str) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("rd.py");
    std::fs::write(&file, "#!/bin/sh\n").unwrap();
    let submission = Submission::find(&file, level).unwrap();
    let (options, command) = (BTreeMap::new(), ["/bin/bash".into()]);
    assert_eq!(submission.typed(&invocation(&options, &command)), typed);
}

/// The file of the submission that is executed.
fn program(path: &Path, level: &str) -> String {
    bash(&Submission::find(path, level).unwrap())
        .into_iter()
        .find(|word| word.contains("/submission/"))
        .unwrap()
}

fn not_graded(path: &Path) -> NotGraded {
    match Submission::find(path, "level01") {
        Err(FindError::NotGraded(why)) => why,
        other => panic!("graded: {other:?}"),
    }
}

#[rstest]
#[case::at_the_top(&["rd.py", "rd"], "level01", "rd.py")]
#[case::without_an_extension(&["rd", "Makefile"], "level01", "rd")]
#[case::the_workshops_layout(&["levels/01_chroot/rd.py", "levels/02_mount/rd.py"], "level01", "levels/01_chroot/rd.py")]
#[case::the_layout_before_the_top(&["01_chroot/rd.py", "rd.py"], "level01", "01_chroot/rd.py")]
#[case::the_forks_layout(&["00_fork/rd.py", "10_setuid/rd"], "level10", "10_setuid/rd")]
#[case::the_next_higher_level_stands_in(&["levels/00_a/rd.py", "levels/03_b/rd.py", "levels/04_c/rd.py"], "level01", "levels/03_b/rd.py")]
#[case::else_the_highest(&["levels/00_a/rd.py", "levels/03_b/rd.py"], "level07", "levels/03_b/rd.py")]
#[case::a_level_of_ones_own_takes_the_highest(&["levels/00_a/rd.py", "levels/03_b/rd.py"], "mine", "levels/03_b/rd.py")]
#[case::a_directory_without_a_program_is_passed_over(&["levels/01_a/README", "levels/02_b/rd.py"], "level01", "levels/02_b/rd.py")]
#[case::other_numbers_are_no_levels(&["001_x/rd.py", "rd.py"], "level01", "rd.py")]
fn the_program_of_a_directory(#[case] files: &[&str], #[case] level: &str, #[case] found: &str) {
    assert_eq!(
        program(tree(files).path(), level),
        format!("/submission/{found}")
    );
}

#[test]
fn a_single_file_is_copied_alone_and_run_by_its_interpreter() {
    let directory = tree(&["sub/rd", "sub/notes"]);
    let submission = Submission::find(&directory.path().join("sub/rd"), "level01").unwrap();
    assert_eq!(
        bash(&submission),
        [
            "/bin/sh",
            "/submission/rd",
            "run",
            "-i",
            "ubuntu",
            "/bin/bash"
        ]
    );
    let copied = submission.copied().unwrap();
    assert_eq!(
        copied
            .iter()
            .map(|entry| entry.to.clone())
            .collect::<Vec<_>>(),
        [PathBuf::from("rd")]
    );
}

#[rstest]
#[case("#!/bin/sh -e\n", &["/bin/sh", "-e"])]
#[case("#!/bin/sh\r\n", &["/bin/sh"])]
#[case("#! /usr/bin/env sh\n", &["sh"])]
#[case("#!/usr/bin/env -S LANG=C sh -e -u\n", &["sh", "-e", "-u"])]
fn shebangs_are_read_as_the_kernel_and_env_read_them(#[case] line: &str, #[case] words: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    let file = write(directory.path(), "rd", line);
    let found = bash(&Submission::find(&file, "level01").unwrap());
    let at = found
        .iter()
        .position(|word| word == "/submission/rd")
        .unwrap();
    assert_eq!(at, words.len(), "{found:?}");
    assert!(
        found[0].ends_with(words[0]) && Path::new(&found[0]).is_absolute(),
        "{found:?}"
    );
    assert_eq!(found[1..at], words[1..]);
}

#[test]
fn a_binary_is_run_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("rd"), b"\x7fELF....").unwrap();
    assert_eq!(program(directory.path(), "level01"), "/submission/rd");
    assert_eq!(
        bash(&Submission::find(directory.path(), "level01").unwrap())[0],
        "/submission/rd"
    );
}

#[test]
fn python_is_the_real_interpreter_and_all_it_needs_is_visible() {
    let directory = tempfile::tempdir().unwrap();
    let file = write(
        directory.path(),
        "rd.py",
        "#!/usr/bin/env python3\nimport linux\n",
    );
    let submission = match Submission::find(&file, "level01") {
        Ok(submission) => submission,
        Err(FindError::NotGraded(why)) => return eprintln!("skipped: {}", why.reason),
        Err(other) => panic!("{other}"),
    };
    let python = PathBuf::from(&bash(&submission)[0]);
    let system = ["/usr", "/bin", "/opt"]
        .iter()
        .any(|system| python.starts_with(system));
    assert!(
        system
            || submission
                .visible
                .iter()
                .any(|prefix| python.starts_with(prefix)),
        "{submission:?}"
    );
    assert!(
        !std::fs::read(&python).unwrap().starts_with(b"#!"),
        "{python:?} is a shim"
    );
    let linux = submission
        .inject
        .iter()
        .find(|it| it.inside == "/rdgrade/python/linux.py")
        .unwrap();
    assert!(matches!(linux.content, Content::Text(_)));
    assert!(
        submission
            .environment
            .contains(&("PYTHONPATH".into(), "/rdgrade/python".into()))
    );
}

/// An interpreter of our own making, which answers what it is asked.
fn python(directory: &Path, answer: &str) -> PathBuf {
    let python = write(
        directory,
        "prefix/bin/python3",
        &format!("#!/bin/sh\nprintf '{answer}'\n"),
    );
    std::fs::set_permissions(&python, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    python
}

#[rstest]
#[case::import("import os, sys\nimport click\n", Err("imports click"))]
#[case::beside_others("import os, click\n", Err("imports click"))]
#[case::from("from click import command\n", Err("imports click"))]
#[case::another_module("import clicker\n# import click\n", Ok(()))]
fn click_is_asked_for_only_by_programs_that_import_it(
    #[case] imports: &str,
    #[case] expected: Result<(), &str>,
) {
    let directory = tempfile::tempdir().unwrap();
    let prefix = directory.path().join("prefix");
    let executable = prefix.join("bin/python3");
    let answer = format!(
        "executable:{}\\nprefix:{}\\n",
        executable.display(),
        prefix.display()
    );
    let python = python(directory.path(), &answer);
    let file = write(
        directory.path(),
        "rd.py",
        &format!("#!{}\n{imports}", python.display()),
    );
    match expected {
        Ok(()) => {
            let submission = Submission::find(&file, "level01").unwrap();
            assert_eq!(submission.visible, [prefix]);
        }
        Err(reason) => {
            let why = not_graded(&file);
            assert!(
                why.reason.contains(reason) && why.remedy.contains("-m pip install click"),
                "{why:?}"
            );
        }
    }
}

#[test]
fn an_interpreter_that_does_not_answer_is_not_graded() {
    let directory = tempfile::tempdir().unwrap();
    let python = python(directory.path(), "Python 2.7, sorry");
    let file = write(
        directory.path(),
        "rd.py",
        &format!("#!{}\n", python.display()),
    );
    assert!(
        not_graded(&file)
            .reason
            .contains("does not run as a Python 3")
    );
}

#[rstest]
#[case::no_program("notes.txt", "hello\n")]
#[case::missing_interpreter("rd", "#!/no/such/interpreter\n")]
#[case::missing_in_path("rd", "#!/usr/bin/env no-such-interpreter\n")]
fn what_cannot_be_run_is_not_graded(#[case] name: &str, #[case] text: &str) {
    let directory = tempfile::tempdir().unwrap();
    let file = write(directory.path(), name, text);
    let why = not_graded(&file);
    let shown = format!("{}\n{}", why.reason, why.remedy)
        .replace(&directory.path().display().to_string(), "[DIR]");
    insta::with_settings!({snapshot_suffix => name.replace('.', "_") + &text.len().to_string()}, {
        insta::assert_snapshot!("not_graded", shown);
    });
}

#[test]
fn an_empty_directory_is_not_graded_and_says_what_is_looked_for() {
    let why = not_graded(tree(&[]).path());
    assert!(why.remedy.contains("rd.py"), "{why:?}");
}

#[test]
fn a_path_that_does_not_exist_is_a_mistake_on_the_command_line() {
    let error = Submission::find(Path::new("/no/such/submission"), "level01").unwrap_err();
    assert!(matches!(error, FindError::Path { .. }), "{error:?}");
    assert!(error.to_string().contains("/no/such/submission"));
}

#[test]
fn a_make_project_is_built_in_the_jail() {
    let directory = tree(&[]);
    write(directory.path(), "Makefile", "rd:\n");
    match Submission::find(directory.path(), "level01") {
        Ok(submission) => {
            assert_eq!(submission.build.as_ref().map(Vec::len), Some(1));
            assert_eq!(bash(&submission)[0], "/submission/rd");
        }
        Err(FindError::NotGraded(why)) => assert!(why.reason.contains("make"), "{why:?}"),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_cargo_project_is_known_by_its_binary() {
    let directory = tree(&[]);
    write(
        directory.path(),
        "Cargo.toml",
        "[package]\nname = \"runtime\"\n[dependencies]\nname = \"x\"\n[[bin]]\npath = \"m.rs\"\nname = \"rd\"\n",
    );
    let submission = Submission::find(directory.path(), "level01").unwrap();
    assert_eq!(bash(&submission)[0], "/submission/target/release/rd");
    let build = submission.build.unwrap();
    assert!(
        build[0].ends_with("/cargo") && build.contains(&"--offline".into()),
        "{build:?}"
    );
}

#[test]
fn what_a_person_types_is_quoted_for_the_shell() {
    let directory = tree(&["rd.py"]);
    let submission = Submission::find(directory.path(), "level01").unwrap();
    let options = BTreeMap::from([("memory".into(), "64m".into())]);
    let command = ["/bin/sh".into(), "-c".into(), "exit 3".into()];
    let typed = submission.typed(&invocation(&options, &command));
    assert_eq!(
        typed,
        "rd.py run --memory 64m -i ubuntu /bin/sh -c 'exit 3'"
    );
}

#[test]
fn braces_in_a_directorys_name_are_no_placeholders() {
    let directory = tree(&["levels/01_{image}/rd.py"]);
    assert_eq!(
        program(directory.path(), "level01"),
        "/submission/levels/01_{image}/rd.py"
    );
}

#[test]
fn a_copy_leaves_out_history_and_build_results_and_keeps_links() {
    let directory = tree(&[
        "rd.py",
        "lib/a.sh",
        ".git/config",
        "target/debug/x",
        "node_modules/y",
        "lib/__pycache__/z",
    ]);
    symlink("/etc/shadow", directory.path().join("lib/link")).unwrap();
    let copied = Submission::find(directory.path(), "level01")
        .unwrap()
        .copied()
        .unwrap();
    let shown: Vec<(String, &CopyKind)> = copied
        .iter()
        .map(|entry| (entry.to.display().to_string(), &entry.kind))
        .collect();
    insta::assert_debug_snapshot!(shown);
}

#[test]
fn a_copy_has_a_limit_and_names_the_largest_file() {
    let directory = tree(&["rd.py"]);
    let large = std::fs::File::create(directory.path().join("ubuntu.tar")).unwrap();
    large.set_len(65 << 20).unwrap();
    let error = Submission::find(directory.path(), "level01")
        .unwrap()
        .copied()
        .unwrap_err();
    assert!(
        matches!(&error, CopyError::TooLarge { largest, .. } if largest.ends_with("ubuntu.tar")),
        "{error}"
    );
}

#[test]
fn a_file_that_is_a_link_to_elsewhere_is_not_copied() {
    let elsewhere = tree(&["secret"]);
    let directory = tree(&[]);
    let link = directory.path().join("rd");
    symlink(elsewhere.path().join("secret"), &link).unwrap();
    let error = Submission::find(&link, "level01")
        .unwrap()
        .copied()
        .unwrap_err();
    assert!(matches!(error, CopyError::Outside { .. }), "{error}");
}

#[test]
fn the_reference_is_this_very_binary() {
    let reference = Submission::reference("level01").unwrap();
    assert_eq!(
        bash(&reference),
        [
            "/rdgrade/bin/rd",
            "rd",
            "level01",
            "run",
            "-i",
            "ubuntu",
            "/bin/bash"
        ]
    );
    let injected = &reference.inject[0];
    assert_eq!(
        injected.content,
        Content::HostFile(std::env::current_exe().unwrap())
    );
    assert!(reference.copied().unwrap().is_empty());
}
