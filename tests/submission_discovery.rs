//! The program to grade is found wherever the workshop's students keep it.

#[path = "support/submissions.rs"]
mod submissions;

use rdgrade::submission::{Content, FindError, Submission};
use rstest::rstest;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use submissions::{bash, invocation, not_graded, program, tree, write};

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
