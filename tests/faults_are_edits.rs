//! A file of faults is either usable or says what to mend; the faults we keep apply to the programs we keep.

use rdgrade::fixture::{Faults, FixtureError};
use rdgrade::level::LevelSet;
use rstest::rstest;
use std::path::{Path, PathBuf};

/// The checks of the level that is in the binary.
fn checks() -> Vec<String> {
    let levels = LevelSet::embedded().expect("the embedded levels are good");
    let level01 = levels.get("level01").expect("level 01 is embedded");
    level01
        .level
        .checks
        .iter()
        .map(|check| check.id.clone())
        .collect()
}

fn level01() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/level01")
}

fn load(yaml: &str) -> Result<Faults, FixtureError> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("faults.yaml");
    std::fs::write(&path, yaml).expect("the file is written");
    Faults::load(&path)
}

/// One fault `a` with the given lines of YAML after its mistake.
fn fault(id: &str, rest: &str) -> String {
    format!("  - id: {id}\n    mistake: Forgets something.\n{rest}")
}

const CHDIR: &str = "    edit: [{replace: chdir, with: pass}]\n    fails: [sees-the-image]\n";
const CHROOT: &str = "    edit: [{replace: chroot, with: pass}]\n    fails: [sees-the-image]\n";
const BOTH: &str = "    edit: [{replace: chroot, with: pass}, {replace: chdir, with: pass}]\n    fails: [sees-the-image]\n";
const BOTH_TURNED: &str = "    edit: [{replace: chdir, with: pass}, {replace: chroot, with: pass}]\n    fails: [sees-the-image]\n";

#[rstest]
#[case::no_fault("faults: []\n", &["holds no fault"])]
#[case::unknown_key(&format!("faults:\n{}", fault("a", "    edits: []\n    fails: [x]\n")), &["edits", "line 4"])]
#[case::key_twice(&format!("faults:\n{}{}", fault("a", CHDIR), "    fails: [x]\n"), &["duplicate", "fails"])]
#[case::missing_key("faults:\n  - id: a\n    mistake: m\n    fails: [x]\n", &["edit"])]
#[case::id_twice(&format!("faults:\n{}{}", fault("a", CHDIR), fault("a", CHROOT)), &["fault a", "id"])]
#[case::forger_with_a_faults_id(
    &format!("faults:\n{}forgers:\n  - {{id: a, program: x.sh, trick: t}}\n", fault("a", CHDIR)),
    &["fault a", "id"]
)]
#[case::same_edit(&format!("faults:\n{}{}", fault("a", CHDIR), fault("b", CHDIR)), &["fault b", "fault a", "solved.py"])]
#[case::same_edits_in_another_order(
    &format!("faults:\n{}{}", fault("a", BOTH), fault("b", BOTH_TURNED)),
    &["fault b", "fault a"]
)]
#[case::no_edit(&format!("faults:\n{}", fault("a", "    edit: []\n    fails: [x]\n")), &["fault a", "changes nothing"])]
#[case::edit_without_effect(
    &format!("faults:\n{}", fault("a", "    edit: [{replace: x, with: x}]\n    fails: [x]\n")),
    &["fault a", "changes nothing"]
)]
#[case::edit_of_nothing(
    &format!("faults:\n{}", fault("a", "    edit: [{replace: '', with: x}]\n    fails: [x]\n")),
    &["fault a", "`replace`"]
)]
#[case::unnoticed(
    &format!("faults:\n{}", fault("a", "    edit: [{replace: x, with: y}]\n    fails: []\n    blocked: [x]\n")),
    &["fault a", "no check fails"]
)]
#[case::failing_and_blocked(
    &format!("faults:\n{}", fault("a", "    edit: [{replace: x, with: y}]\n    fails: [c]\n    blocked: [c]\n")),
    &["fault a", "check c", "once"]
)]
#[case::no_mistake(
    "faults:\n  - {id: a, mistake: ' ', edit: [{replace: x, with: y}], fails: [c]}\n",
    &["fault a", "`mistake`"]
)]
fn a_bad_file_is_refused_with_its_name_and_the_place(#[case] yaml: &str, #[case] words: &[&str]) {
    let message = load(yaml).expect_err("a bad file is refused").to_string();
    assert!(message.contains("faults.yaml: "), "no file in: {message}");
    for word in words {
        assert!(message.contains(word), "no {word:?} in: {message}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let message = Faults::load(Path::new("no/such/faults.yaml"))
        .expect_err("there is none")
        .to_string();
    assert!(message.starts_with("no/such/faults.yaml: "), "{message}");
}

#[test]
fn the_same_edit_of_another_program_is_another_fault() {
    let shell = format!("    program: solved.sh\n{CHDIR}");
    let faults = load(&format!(
        "faults:\n{}{}",
        fault("a", CHDIR),
        fault("b", &shell)
    ))
    .expect("both are kept");
    assert_eq!(
        faults
            .faults
            .iter()
            .map(|fault| fault.program.as_str())
            .collect::<Vec<_>>(),
        ["solved.py", "solved.sh"]
    );
}

#[rstest]
#[case::never("os.chroot(root)", Some("not found"))]
#[case::once("os.chroot(root)\nos.chdir('/')", None)]
#[case::twice("os.chdir(a)\nos.chdir(b)", Some("found 2 times"))]
fn an_edit_applies_where_its_text_stands_exactly_once(
    #[case] source: &str,
    #[case] refusal: Option<&str>,
) {
    let faults = load(&format!("faults:\n{}", fault("no-chdir", CHDIR))).expect("a good file");
    match (faults.faults[0].apply(source), refusal) {
        (Ok(edited), None) => {
            assert_eq!(edited, source.replace("chdir", "pass"));
            assert_ne!(edited, source);
        }
        (Err(error), Some(words)) => {
            let message = error.to_string();
            for word in [
                "faults.yaml",
                "fault no-chdir",
                "solved.py",
                "\"chdir\"",
                words,
            ] {
                assert!(message.contains(word), "no {word:?} in: {message}");
            }
        }
        (result, _) => panic!("expected {refusal:?}, got {result:?}"),
    }
}

#[test]
fn a_check_the_level_lacks_is_named_with_those_it_has() {
    let faults = load(&format!("faults:\n{}", fault("a", CHDIR))).expect("a good file");
    faults
        .name_only_checks_of(["sees-the-image"])
        .expect("it is known");
    let message = faults
        .name_only_checks_of(["one", "two"])
        .expect_err("it is not")
        .to_string();
    for word in ["fault a", "sees-the-image", "one, two"] {
        assert!(message.contains(word), "no {word:?} in: {message}");
    }
}

#[test]
fn every_fault_of_level_01_applies_to_its_program() {
    let faults = Faults::load(&level01().join("faults.yaml")).expect("our own file is good");
    faults
        .name_only_checks_of(checks().iter().map(String::as_str))
        .expect("the level's own checks");
    let mut programs = std::collections::BTreeMap::new();
    for fault in &faults.faults {
        let solved =
            std::fs::read_to_string(level01().join(&fault.program)).expect("a solved program");
        let edited = fault.apply(&solved).expect("the fault applies");
        if let Some(other) = programs.insert(edited, &fault.id) {
            panic!("{} and {other} make the same program", fault.id);
        }
    }
}

#[test]
fn every_check_of_level_01_is_the_own_failure_of_some_fault() {
    let faults = Faults::load(&level01().join("faults.yaml")).expect("our own file is good");
    // A file made inside shows outside only where the image is not the root, and then sees-the-image has failed too.
    let only_ever_blocked = ["isolated-test-file"];
    for check in checks()
        .iter()
        .filter(|check| !only_ever_blocked.contains(&check.as_str()))
    {
        assert!(
            faults
                .faults
                .iter()
                .any(|fault| fault.fails.iter().any(|id| id == check)),
            "nothing fails {check}"
        );
    }
    for check in only_ever_blocked {
        assert!(
            faults
                .faults
                .iter()
                .any(|fault| fault.blocked.iter().any(|id| id == check)),
            "nothing blocks {check}"
        );
    }
}

#[test]
fn a_check_is_blocked_exactly_where_one_it_needs_fails_too() {
    let levels = LevelSet::embedded().expect("the embedded levels are good");
    let level = &levels.get("level01").expect("level 01 is embedded").level;
    let faults = Faults::load(&level01().join("faults.yaml")).expect("our own file is good");
    for fault in &faults.faults {
        let lost: Vec<&String> = fault.fails.iter().chain(&fault.blocked).collect();
        for id in &lost {
            let check = level
                .checks
                .iter()
                .find(|check| check.id == **id)
                .expect("a known check");
            let explained = check.needs.iter().any(|need| lost.contains(&need));
            assert_eq!(explained, fault.blocked.contains(id), "{}: {id}", fault.id);
        }
    }
}

#[test]
fn every_forger_is_a_program() {
    use std::os::unix::fs::PermissionsExt;
    let faults = Faults::load(&level01().join("faults.yaml")).expect("our own file is good");
    assert!(!faults.forgers.is_empty());
    for forger in &faults.forgers {
        let file = level01().join(&forger.program);
        let mode = std::fs::metadata(&file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
            .permissions();
        assert_ne!(
            mode.mode() & 0o111,
            0,
            "{} cannot be executed",
            file.display()
        );
    }
}
