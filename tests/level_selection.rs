//! Levels and checks are asked for by name, range and list.

use rdgrade::level::{LevelSet, SetError};
use rstest::rstest;

fn level(id: &str) -> String {
    let check = |name: &str| {
        format!(
            "  - id: {name}\n    title: T\n    points: 1\n    hint: H\n    link: https://example.org\n    \
             scenario: [{{start: [/bin/sh]}}, {{observe: container, expect: {{root: {{differs-from: host}}}}}}]\n"
        )
    };
    format!(
        "level: {id}\ntitle: T\ngoal: G\nchecks:\n{}{}",
        check("first"),
        check("second")
    )
}

fn directory(files: &[(&str, String)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn set() -> LevelSet {
    // Named so that the order of the files is not the order of the levels.
    let files = [
        ("c.yaml", "level00"),
        ("b.yaml", "level01"),
        ("a.yaml", "level03"),
    ];
    let directory = directory(&files.map(|(name, id)| (name, level(id))));
    LevelSet::load(directory.path()).unwrap_or_else(|error| panic!("{error}"))
}

#[rstest]
#[case("level01", "level01/first level01/second")]
#[case("level01/second", "level01/second")]
#[case(
    "level01/second,level01/first,level01/second",
    "level01/first level01/second"
)]
#[case("level03,level00/first", "level00/first level03/first level03/second")]
#[case(
    "level00..level01",
    "level00/first level00/second level01/first level01/second"
)]
#[case("level03..level03", "level03/first level03/second")]
#[case(
    "level01..=level03,level00/second",
    "level00/second level01/first level01/second level03/first level03/second"
)]
#[case(
    "all",
    "level00/first level00/second level01/first level01/second level03/first level03/second"
)]
fn a_selection_is_in_the_order_of_the_levels_each_check_once(
    #[case] text: &str,
    #[case] expected: &str,
) {
    let set = set();
    let mut found = Vec::new();
    for chosen in set.select(text).unwrap() {
        found.extend(
            chosen
                .checks()
                .map(|check| format!("{}/{}", chosen.loaded.level.level, check.id)),
        );
    }
    assert_eq!(found.join(" "), expected);
}

#[rstest]
#[case("level1", "unknown level `level1`; did you mean `level01`?")]
#[case("", "a level is missing; levels are: level00, level01, level03")]
#[case(
    "level00,",
    "a level is missing; levels are: level00, level01, level03"
)]
#[case("xyz", "unknown level `xyz`; levels are: level00, level01, level03")]
#[case(
    "level01/secnd",
    "unknown check `level01/secnd`; did you mean `level01/second`?"
)]
#[case("level01/", "unknown check `level01/`; its checks are: first, second")]
#[case(
    "level03..level00",
    "`level03..level00` runs backwards; write level00..level03"
)]
fn a_selection_that_means_nothing_says_what_would(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(set().select(text).unwrap_err().to_string(), expected);
}

#[test]
fn two_files_with_one_level_are_refused() {
    let directory = directory(&[("a.yaml", level("level01")), ("b.yaml", level("level01"))]);
    let error = LevelSet::load(directory.path()).unwrap_err();
    assert!(
        matches!(&error, SetError::Twice { level, .. } if level == "level01"),
        "{error}"
    );
}

#[test]
fn the_mistakes_of_every_file_are_shown() {
    let directory = directory(&[("a.yaml", "x: 1\n".into()), ("b.yaml", "y: 1\n".into())]);
    let error = LevelSet::load(directory.path()).unwrap_err().to_string();
    assert!(
        error.contains("a.yaml:1:1") && error.contains("b.yaml:1:1"),
        "{error}"
    );
}

#[test]
fn a_directory_without_levels_or_that_is_not_there_is_named() {
    let directory = directory(&[("notes.txt", "x".into())]);
    let shown = directory.path().display().to_string();
    assert!(
        LevelSet::load(directory.path())
            .unwrap_err()
            .to_string()
            .contains(&shown)
    );
    let missing = directory.path().join("missing");
    assert!(matches!(LevelSet::load(&missing), Err(SetError::Io { path, .. }) if path == missing));
}
