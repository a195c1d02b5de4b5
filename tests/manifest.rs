//! `rdgrade.yaml` says how a submission is built and run; its mistakes are shown like a level file's.

use rdgrade::submission::{FindError, Invocation, Submission};
use rstest::rstest;
use std::collections::BTreeMap;
use std::path::Path;

fn directory(manifest: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("rdgrade.yaml"), manifest).unwrap();
    std::fs::write(directory.path().join("rd"), "#!/bin/sh\n").unwrap();
    directory
}

fn mistakes(manifest: &str) -> String {
    let directory = directory(manifest);
    match Submission::find(directory.path(), "level01") {
        Err(FindError::Manifest(found)) => {
            let real = directory.path().canonicalize().unwrap();
            found
                .to_string()
                .replace(&real.display().to_string(), "[DIR]")
        }
        other => panic!("not refused as a manifest: {other:?}"),
    }
}

fn words(submission: &Submission) -> Vec<String> {
    let options = BTreeMap::from([
        ("memory".into(), "64m".into()),
        ("user".into(), "1:2".into()),
    ]);
    submission.command_line(&Invocation {
        image: "ubuntu",
        images: "/workshop/images",
        containers: "/workshop/containers",
        options: &options,
        command: &["/bin/echo".into(), "a b".into()],
    })
}

#[rstest]
#[case("unknown_key", "biuld: [make]\n")]
#[case("unknown_placeholder", "run: [./rd, run, \"{imag}\", \"{command}\"]\n")]
#[case("command_within_a_word", "run: [./rd, \"--exec={command}\"]\n")]
#[case("no_command", "run: [./rd, run]\n")]
#[case("a_brace_instead_of_the_command", "run: [./rd, \"{{command}\"]\n")]
#[case("run_as_text", "run: ./rd run\n")]
#[case("empty_build", "build: []\n")]
#[case("unknown_option", "options: {memry: --mem}\n")]
#[case("no_level", "levels: {first: {run: [./rd, \"{command}\"]}}\n")]
#[case(
    "several",
    "run: [./rd, \"{x}\"]\noption: {}\nlevels: {level03: {run: [\"{commnd}\"]}}\n"
)]
#[case("broken", "run: [./rd\n")]
#[case("empty", "")]
fn every_mistake_is_shown_where_it_is(#[case] name: &str, #[case] manifest: &str) {
    insta::assert_snapshot!(name, mistakes(manifest));
}

#[test]
fn run_and_options_are_spelled_as_the_manifest_says() {
    let directory = directory(
        "\
run: [./rd, \"--images={images}\", --root, \"{containers}\", \"{options}\", \"{image}\", --, \"{command}\"]
options: {memory: \"--mem={value}\"}
",
    );
    let submission = Submission::find(directory.path(), "level01").unwrap();
    assert_eq!(
        words(&submission),
        [
            "/bin/sh",
            "./rd",
            "--images=/workshop/images",
            "--root",
            "/workshop/containers",
            "--mem=64m",
            "--user",
            "1:2",
            "ubuntu",
            "--",
            "/bin/echo",
            "a b",
        ]
    );
}

#[test]
fn a_level_may_differ_in_one_thing_and_keep_the_rest() {
    let directory = directory(
        "\
build: [./configure]
run: [./rd, \"{command}\"]
options: {memory: -m, user: -u}
levels: {level03: {run: [./rd, three, \"{options}\", \"{command}\"], options: {memory: --mem}}}
",
    );
    let one = Submission::find(directory.path(), "level01").unwrap();
    let three = Submission::find(directory.path(), "level03").unwrap();
    assert_eq!(words(&one), ["/bin/sh", "./rd", "/bin/echo", "a b"]);
    assert_eq!(
        words(&three),
        [
            "/bin/sh",
            "./rd",
            "three",
            "--mem",
            "64m",
            "-u",
            "1:2",
            "/bin/echo",
            "a b"
        ]
    );
    assert_eq!(one.build, Some(vec!["./configure".into()]));
    assert_eq!(three.build, one.build);
}

#[test]
fn a_program_that_will_be_built_need_not_be_there_yet() {
    let directory = directory("build: [./build.sh]\nrun: [./out/rd, run, \"{command}\"]\n");
    let submission = Submission::find(directory.path(), "level01").unwrap();
    assert_eq!(words(&submission), ["./out/rd", "run", "/bin/echo", "a b"]);
    assert_eq!(submission.display, "out/rd");
}

#[test]
fn a_tool_that_is_missing_is_named() {
    let directory = directory("run: [no-such-tool-here, \"{command}\"]\n");
    let error = Submission::find(directory.path(), "level01").unwrap_err();
    let FindError::NotGraded(why) = error else {
        panic!("{error:?}")
    };
    assert_eq!(
        why.reason,
        "rdgrade.yaml needs no-such-tool-here, which is not installed"
    );
}

#[test]
fn a_manifest_without_run_leaves_the_program_to_be_found() {
    let directory = directory("options: {memory: -m}\n");
    let submission = Submission::find(directory.path(), "level01").unwrap();
    assert_eq!(
        words(&submission),
        [
            "/bin/sh",
            "/submission/rd",
            "run",
            "-m",
            "64m",
            "--user",
            "1:2",
            "-i",
            "ubuntu",
            "/bin/echo",
            "a b"
        ]
    );
    assert!(Path::new(&submission.name).is_absolute());
}
