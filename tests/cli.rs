//! What can be typed, and what comes back: help, mistakes, exit statuses, completions.

use assert_cmd::Command;
use rstest::rstest;
use std::process::Stdio;

fn rdgrade(words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("rdgrade").unwrap();
    command
        .args(words)
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE");
    command
}

fn stdout(words: &[&str]) -> String {
    String::from_utf8(
        rdgrade(words)
            .assert()
            .success()
            .get_output()
            .stdout
            .clone(),
    )
    .unwrap()
}

/// Standard error of a command that must end with `status`.
fn refused(words: &[&str], status: i32) -> String {
    String::from_utf8(
        rdgrade(words)
            .assert()
            .code(status)
            .get_output()
            .stderr
            .clone(),
    )
    .unwrap()
}

#[rstest]
#[case(&["--help"])]
#[case(&["grade", "--help"])]
#[case(&["list", "--help"])]
#[case(&["explain", "--help"])]
#[case(&["lint", "--help"])]
#[case(&["init", "--help"])]
#[case(&["completions", "--help"])]
fn help_shows_an_example(#[case] words: &[&str]) {
    let help = stdout(words);
    assert!(
        help.contains("Example") && help.contains("rdgrade "),
        "{help}"
    );
}

#[test]
fn help_fits_on_a_screen() {
    assert!(stdout(&["--help"]).lines().count() <= 45);
}

#[test]
fn an_unknown_command_is_met_with_the_nearest() {
    let error = refused(&["lst"], 2);
    assert!(error.contains("'list'"), "{error}");
    assert!(
        error.contains("level01"),
        "a level may have been meant: {error}"
    );
}

#[rstest]
#[case::level(&["level1"], "did you mean `level01`?")]
#[case::check(&["level01/sees-image"], "did you mean `level01/sees-the-image`?")]
#[case::explained(&["explain", "level01/nothing-like-it"], "its checks are")]
#[case::report(&["level01", "--report", "xml"], "human")]
#[case::two_on_stdout(&["level01", "--report", "json", "--report", "human"], "standard output")]
#[case::one_file_twice(&["level01", "--report", "json=x", "--report", "human=x"], "file of its own")]
#[case::no_folder(&["level01", "--report", "json=/no/such/folder/x"], "/no/such/folder/x")]
#[case::no_levels(&["list", "--level-dir", "/no/such/folder"], "/no/such/folder")]
#[case::no_file(&["lint", "/no/such/file"], "/no/such/file")]
#[case::timeout(&["level01", "--timeout", "20"], "20s")]
fn a_mistake_is_named_with_its_remedy(#[case] words: &[&str], #[case] remedy: &str) {
    let error = refused(words, 2);
    assert!(error.contains(remedy), "{error}");
}

#[test]
fn nothing_at_all_is_answered_with_help() {
    assert!(refused(&[], 2).contains("Usage: rdgrade LEVELS"));
}

#[test]
fn a_bad_level_file_is_shown_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("level01.yaml");
    std::fs::write(&file, "level: level01\ntitle: t\ngoal: g\nchekcs: []\n").unwrap();
    for words in [
        vec!["lint", file.to_str().unwrap()],
        vec!["list", "--level-dir", folder.path().to_str().unwrap()],
        vec!["level01", "--level-dir", folder.path().to_str().unwrap()],
    ] {
        let error = refused(&words, 2);
        assert!(
            error.contains("level01.yaml:4:1") && error.contains("chekcs"),
            "{error}"
        );
        assert!(!error.contains('\x1b'), "no colour in a pipe: {error}");
    }
}

#[test]
fn a_good_level_file_is_called_good() {
    assert!(stdout(&["lint", "levels/level01.yaml"]).contains("good, 10 checks, 20 points"));
}

#[test]
fn the_list_has_every_level_that_is_built_in() {
    let list = stdout(&["list"]);
    for file in std::fs::read_dir("levels").unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if let Some(level) = name.strip_suffix(".yaml") {
            assert!(list.contains(level), "{level} in {list}");
        }
    }
}

#[test]
fn a_level_is_explained() {
    insta::assert_snapshot!(stdout(&["explain", "level01"]));
}

#[test]
fn a_check_is_explained() {
    insta::assert_snapshot!(stdout(&["explain", "level01/special-filesystems"]));
}

#[rstest]
#[case("bash")]
#[case("zsh")]
#[case("fish")]
fn completions_are_a_script_the_shell_can_read(#[case] shell: &str) {
    let script = stdout(&["completions", shell]);
    assert!(script.contains("rdgrade") && script.contains("level-dir"));
    let mut check = match std::process::Command::new(shell)
        .arg("-n")
        .stdin(Stdio::piped())
        .spawn()
    {
        Ok(check) => check,
        Err(error) => return eprintln!("skipped: {shell} cannot be run: {error}"),
    };
    std::io::Write::write_all(&mut check.stdin.take().unwrap(), script.as_bytes()).unwrap();
    assert!(check.wait().unwrap().success(), "{shell} -n");
}

#[rstest]
#[case(&["list"])]
#[case(&["explain", "level01"])]
#[case(&["completions", "bash"])]
fn a_reader_that_goes_away_is_no_error(#[case] words: &[&str]) {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("rdgrade"))
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[test]
fn the_reference_container_has_its_own_words() {
    let help = stdout(&["rd", "--help"]);
    assert!(help.contains("rdgrade rd"), "{help}");
    assert_eq!(help, stdout(&["-q", "rd", "--help"]));
}

#[test]
fn colour_is_there_when_it_is_asked_for() {
    assert!(!stdout(&["list"]).contains('\x1b'));
    assert!(stdout(&["list", "--color", "always"]).contains('\x1b'));
}

#[test]
fn an_error_tells_each_cause_once() {
    let error = refused(&["list", "--level-dir", "/no/such/folder"], 2);
    assert_eq!(
        error.matches("No such file or directory").count(),
        1,
        "{error}"
    );
}
