//! A level file's mistakes are shown, each where it is, with a remedy.

use proptest::prelude::*;
use rdgrade::level::{LevelSet, parse};
use rstest::rstest;
use std::path::Path;

/// A level without mistakes, to be spoiled one edit at a time.
const SOUND: &str = "\
level: level90
title: a level
goal: Show what a level file looks like.
checks:
  - id: first-check
    title: It runs
    points: 2
    scenario:
      - start: [/bin/bash]
        as: session
        within: 20s
      - observe: container
        expect:
          root: {differs-from: host}
          mounts: {has: [{target: /proc, type: proc}]}
    hint: Read what the kernel says.
    link: https://man7.org/linux/man-pages/man2/chroot.2.html
";

fn mistakes(bytes: &[u8]) -> String {
    match parse("levels/level90.yaml", bytes) {
        Ok(loaded) => panic!("accepted: {:#?}", loaded.level),
        Err(found) => found.to_string(),
    }
}

fn spoiled(from: &str, to: &str) -> String {
    assert!(SOUND.contains(from), "{from:?} is not in the sound level");
    mistakes(SOUND.replacen(from, to, 1).as_bytes())
}

#[test]
fn a_sound_level_is_read_with_the_lines_of_its_steps() {
    let loaded = parse("levels/level90.yaml", SOUND.as_bytes()).unwrap();
    let lines: Vec<usize> = loaded.level.checks[0]
        .scenario
        .iter()
        .map(|step| step.line)
        .collect();
    assert_eq!(lines, [9, 12]);
}

#[rstest]
#[case("unknown_key", "points: 2", "pionts: 2\n    points: 2")]
#[case("duplicate_key", "points: 2", "points: 2\n    points: 3")]
#[case("wrong_type", "points: 2", "points: two")]
#[case("missing_hint", "    hint: Read what the kernel says.\n", "")]
#[case("a_null_is_missing", "hint: Read what the kernel says.", "hint:")]
#[case("command_as_text", "start: [/bin/bash]", "start: /bin/bash")]
#[case("a_number_among_words", "start: [/bin/bash]", "start: [/bin/sleep, 3]")]
#[case("no_action", "- observe: container\n        expect", "- expect")]
#[case(
    "two_actions",
    "- observe: container",
    "- observe: container\n        inside: ls"
)]
#[case("unknown_subject", "observe: container", "observe: contaner")]
#[case("unknown_fact", "root: {", "rot: {")]
#[case("unknown_relation", "differs-from: host", "differ-from: host")]
#[case("unknown_column", "target: /proc", "traget: /proc")]
#[case("unknown_ability", "points: 2", "points: 2\n    requires: [overlays]")]
#[case("unknown_reference", "differs-from: host", "differs-from: hots")]
#[case(
    "unknown_fact_in_a_reference",
    "differs-from: host",
    "differs-from: host.rooot"
)]
#[case(
    "unknown_field_in_a_reference",
    "differs-from: host",
    "differs-from: host.namespaces.mount"
)]
#[case("bad_duration", "within: 20s", "within: 20 seconds")]
#[case(
    "an_unknown_limit",
    "goal: Show",
    "limits: {memroy: 64 MiB}\ngoal: Show"
)]
#[case(
    "a_limit_of_an_ambiguous_unit",
    "goal: Show",
    "limits: {memory: 64 MB}\ngoal: Show"
)]
#[case(
    "a_limit_without_a_unit",
    "goal: Show",
    "limits: {cpu-time: 10}\ngoal: Show"
)]
#[case(
    "a_limit_that_is_too_low",
    "points: 2",
    "points: 2\n    limits: {memory: 1 MiB}"
)]
#[case(
    "a_limit_that_is_no_number",
    "points: 2",
    "points: 2\n    limits:\n      processes: many\n      wall-time: 0s"
)]
#[case(
    "a_limit_that_is_a_list",
    "points: 2",
    "points: 2\n    limits: [64 MiB]"
)]
#[case("bad_exit", "root: {differs-from: host}", "exit: none")]
#[case("exit_out_of_range", "root: {differs-from: host}", "exit: 256")]
#[case("nothing_is_expected", "{differs-from: host}", "{}")]
#[case(
    "a_bare_table",
    "{has: [{target: /proc, type: proc}]}",
    "[{target: /proc}]"
)]
#[case("broken_syntax", "{differs-from: host}", "{differs-from: host")]
#[case("bad_indentation", "    points: 2", "   points: 2")]
#[case("an_alias", "title: It runs", "title: &it It runs\n    hint: *it")]
#[case("a_tag", "title: It runs", "title: !text It runs")]
#[case(
    "a_second_document",
    "level: level90",
    "level: level90\n---\nlevel: level91"
)]
#[case(
    "duplicate_id",
    "    hint: Read what the kernel says.\n",
    "    hint: Read.\n    link: https://x\n  - id: first-check\n    title: Again\n    points: 1\n    scenario: [{start: [/bin/sh]}, {observe: container, expect: {pid: 1}}]\n    hint: Read.\n"
)]
#[case("unknown_need", "points: 2", "points: 2\n    needs: [first-chek]")]
#[case(
    "a_cycle",
    "    hint: Read what the kernel says.\n",
    "    needs: [other]\n    hint: Read.\n    link: https://x\n  - id: other\n    title: Again\n    points: 1\n    needs: [first-check]\n    scenario: [{start: [/bin/sh]}, {observe: container, expect: {pid: 1}}]\n    hint: Read.\n"
)]
#[case("empty_hint", "hint: Read what the kernel says.", "hint: ''")]
#[case(
    "points_that_do_not_add_up",
    "within: 20s",
    "within: 20s\n        points: 1"
)]
#[case(
    "an_absence_alone",
    "root: {differs-from: host}\n          mounts: {has: [{target: /proc, type: proc}]}",
    "files: {lacks: [{path: /test}]}"
)]
#[case(
    "bad_pattern_in_a_snapshot",
    "within: 20s",
    "expect:\n          snapshot: |\n            ...\n            é [STATUS many]"
)]
#[case(
    "bad_pattern_in_quotes",
    "root: {differs-from: host}",
    "hostname: \"x [ERROR ENOPE]\""
)]
#[case(
    "session_not_started",
    "observe: container",
    "inside: ls\n        in: other"
)]
#[case(
    "relation_that_does_not_apply",
    "root: {differs-from: host}",
    "pid: {below: root}"
)]
#[case(
    "as_where_nothing_is_named",
    "- observe: container",
    "- outside: ls\n        as: x\n      - observe: container"
)]
#[case("unknown_signal", "root: {differs-from: host}", "exit: SIGKILLED")]
fn every_mistake_has_a_caret_and_a_remedy(
    #[case] name: &str,
    #[case] from: &str,
    #[case] to: &str,
) {
    insta::assert_snapshot!(name, spoiled(from, to));
}

#[test]
fn all_mistakes_of_a_file_are_shown_at_once() {
    insta::assert_snapshot!(mistakes(
        b"\
level: level90
titel: a level
goal: [one, two]
checks:
  - id: first
    points: -1
    needs: nothing
    scenario:
      - start: [/bin/bash]
        options: {memroy: 64m}
        expect: {exit: never, hostnam: x}
      - inside: ls
        in: nowhere
        within: soon
  - id: second
    title: Second
    points: 1
    scenario: [observe]
    hint: x
"
    ));
}

#[rstest]
#[case("empty", b"")]
#[case("only_a_comment", b"# nothing\n")]
#[case("a_scalar", b"level01\n")]
#[case("a_list", b"- level01\n")]
#[case("not_utf8", b"level: level90\ntitle: caf\xe9\n")]
#[case("a_nul", b"level: \0\n")]
fn what_is_no_level_at_all_is_refused(#[case] name: &str, #[case] bytes: &[u8]) {
    insta::assert_snapshot!(format!("no_level_{name}"), mistakes(bytes));
}

#[test]
fn a_file_that_is_too_large_is_refused_unread() {
    let large = "# ".repeat(1 << 20);
    insta::assert_snapshot!(mistakes(large.as_bytes()));
}

#[test]
fn a_file_that_is_nested_too_deep_is_refused() {
    let deep = mistakes(format!("{}{}", "[".repeat(40), "]".repeat(40)).as_bytes());
    assert!(deep.contains("nested deeper than 32 levels"), "{deep}");
    mistakes("[".repeat(100_000).as_bytes());
    mistakes("- ".repeat(100_000).as_bytes());
}

#[test]
fn an_alias_bomb_is_refused_before_it_is_expanded() {
    let mut bomb = String::from("a0: &a0 [x, x]\n");
    for n in 1..60 {
        bomb += &format!("a{n}: &a{n} [*a{m}, *a{m}]\n", m = n - 1);
    }
    assert!(mistakes(bomb.as_bytes()).contains("an anchor is not allowed here"));
}

#[test]
fn the_whole_vocabulary_is_read() {
    let set =
        LevelSet::load(Path::new("tests/data/levels")).unwrap_or_else(|error| panic!("{error}"));
    let all = set
        .get("vocabulary")
        .expect("vocabulary.yaml holds the level `vocabulary`");
    insta::assert_debug_snapshot!(all.level);
}

#[test]
fn the_embedded_levels_hold_no_mistake() {
    let set = LevelSet::embedded().unwrap_or_else(|error| panic!("{error}"));
    for level in set.iter() {
        // The binary reads what was made of the file, and does not look for mistakes.
        let parsed = parse(&level.file, level.source.as_bytes());
        assert_eq!(
            parsed.map_err(|mistakes| mistakes.to_string()).as_ref(),
            Ok(level)
        );
    }
    let level = set.get("level01").expect("level01 is embedded");
    let ids: Vec<&str> = level
        .level
        .checks
        .iter()
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "announces-the-root",
            "missing-binary-without-image",
            "sees-the-image",
            "isolated-test-file",
            "working-directory-is-inside",
            "special-filesystems",
            "proc-mounts-differ",
            "fresh-root-every-run",
            "image-left-alone",
            "host-mounts-untouched",
        ]
    );
}

/// `RDGRADE_UPDATE=1 cargo test --test level_format` writes the schema again.
#[test]
fn the_json_schema_is_what_the_parser_accepts() {
    let schema = schemars::schema_for!(checks::format::LevelFile);
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = Path::new("levels/level.schema.json");
    if std::env::var_os("RDGRADE_UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == text,
        "levels/level.schema.json is stale: run with RDGRADE_UPDATE=1"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_loader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse("fuzz.yaml", &bytes).map_err(|found| (found.to_string(), found.styled()));
    }

    #[test]
    fn no_edit_makes_the_loader_panic(
        at in 0..SOUND.len(),
        length in 0usize..40,
        text in "[ \\n\\t:{}\\[\\]'\"|>&*!%@`,é😀#a-z0-9.-]{0,12}",
    ) {
        let end = (at + length).min(SOUND.len());
        let edited = format!("{}{text}{}", &SOUND[..at], &SOUND[end..]);
        let _ = parse("fuzz.yaml", edited.as_bytes()).map_err(|found| (found.to_string(), found.styled()));
    }
}
