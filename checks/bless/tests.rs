use super::*;
use crate::pattern::escape;
use alloc::{format, string::ToString, vec};
use proptest::prelude::*;
use rstest::rstest;

const UUID: &str = "5abb650e-0000-4000-8000-00000000abcd";

fn words() -> BTreeMap<String, String> {
    let words = [("nonce", "5ee7c0de"), ("canary", "canary-5ee7c0de")];
    words
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .into()
}

fn blessed(snapshot: &str, output: &str) -> Option<String> {
    bless(snapshot, output, &words(), &mut Captures::default())
}

fn matches(snapshot: &str, output: &str) -> bool {
    let parsed = Snapshot::parse(&fill_pattern(snapshot, &words())).unwrap();
    parsed.compare(output, &mut Captures::default()).is_ok()
}

#[rstest]
#[case::a_capture_moves_to_the_new_wording(
    "...\nMade a root: [ROOTFS]\n...",
    "Created a new root fs: /c/UUID/rootfs\nmore\n",
    "...\nCreated a new root fs: [ROOTFS]\n..."
)]
#[case::lines_that_match_stay(
    "one [..]\ntwo\n[PID] exited",
    "one 1\n2\n7 exited",
    "one [..]\n2\n[PID] exited"
)]
#[case::a_new_line_is_taken_over("one\nthree", "one\ntwo\nthree", "one\ntwo\nthree")]
#[case::a_line_that_is_gone_goes("one\ntwo\nthree", "one\nthree", "one\nthree")]
#[case::ids_never_become_text(
    "x",
    "id UUID\n77 exited with status 0",
    "id [..]\n[..] exited with status 0"
)]
#[case::a_bracket_before_an_id("x", "mnt:[4026532177]", "mnt:[..]]")]
#[case::the_nonce_is_spelled(
    "x",
    "made /5ee7c0de and canary-5ee7c0de",
    "made /{nonce} and {canary}"
)]
#[case::brackets_are_escaped("x", "[OK] [..]", "[[OK] [[..]")]
#[case::a_line_of_dots("x", "...", "[..]")]
#[case::a_status_that_fits(
    "[PID] ended: [STATUS 3]",
    "7 has left with 768",
    "[PID] has left with [STATUS 3]"
)]
#[case::a_status_that_does_not("[PID] ended: [STATUS 3]", "7 ended: 0", "[PID] ended: 0")]
#[case::an_error_of_many_words(
    "exec: [ERROR ENOENT]",
    "execve: No such file or directory",
    "execve: [ERROR ENOENT]"
)]
#[case::nothing_is_printed_any_more("one\n", "", "")]
#[case::a_gap_stays_for_nothing("...\none\n", "", "...")]
fn recorded_anew(#[case] snapshot: &str, #[case] output: &str, #[case] expected: &str) {
    let output = output.replace("UUID", UUID);
    assert_eq!(blessed(snapshot, &output).as_deref(), Some(expected));
    assert!(matches(expected, &output));
}

#[test]
fn what_a_capture_is_bound_to_is_spelled_by_its_name() {
    let mut captures = Captures::default();
    let root = format!("/c/{UUID}/rootfs");
    captures.bind("ROOTFS", &root);
    captures.bind("PID", "77");
    let output = format!("left {root}/proc\n77 exited with status 0\n78 exited with status 77");
    let new = bless("x", &output, &words(), &mut captures);
    let expected = "left [ROOTFS]/proc\n[PID] exited with status 0\n[..] exited with status 77";
    assert_eq!(new.as_deref(), Some(expected));
}

#[test]
fn captures_that_contradict_each_other_are_given_up() {
    let new = blessed("a [X]\nb [X]", "a 1\nb 2").unwrap();
    assert_eq!(new, "a [X]\nb 2");
}

#[test]
fn captures_are_bound_for_the_steps_that_follow() {
    let mut captures = Captures::default();
    assert!(bless("made [ID]", "id 7", &words(), &mut captures).is_some());
    assert_eq!(captures.get("ID"), Some("7"));
}

/// Lines in which almost everything is special to somebody.
fn output() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(UUID),
        Just("/c/"),
        Just("5ee7c0de"),
        Just("{nonce}"),
        Just("77"),
        Just(" exited with status "),
        Just("768"),
        Just("["),
        Just("]"),
        Just("[..]"),
        Just("[OK]"),
        Just("..."),
        Just(":[4026532177]"),
        Just(" "),
        Just("\n"),
        Just("\n...\n"),
        Just("é"),
        Just("\u{1b}[1m"),
        Just("\u{1}"),
        Just("one"),
        Just("No such file or directory"),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn snapshot() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[A]"),
        Just("[B]"),
        Just("[..]"),
        Just("[STATUS 3]"),
        Just("[ERROR ENOENT]"),
        Just("\n"),
        Just("\n...\n"),
        Just("one"),
        Just(" "),
        Just("77"),
        Just(" exited with status "),
        Just("{nonce}"),
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_is_recorded_matches_what_it_was_recorded_from(snapshot in snapshot(), output in output()) {
        if let Some(new) = blessed(&snapshot, &output) {
            prop_assert!(matches(&new, &output), "{new}\n--\n{output}");
            prop_assert_eq!(blessed(&new, &output), None);
        }
    }

    #[test]
    fn what_matches_is_left_alone(snapshot in snapshot(), output in output()) {
        if let Ok(parsed) = Snapshot::parse(&fill_pattern(&snapshot, &words())) {
            let as_it_is = parsed.compare(&output, &mut Captures::default()).is_ok();
            prop_assert_eq!(blessed(&snapshot, &output).is_none(), as_it_is);
        }
    }

    #[test]
    fn lines_that_nothing_changed_stay(
        lines in prop::collection::vec("[a-z]{1,6}", 1..6),
        at in 0usize..6,
    ) {
        let numbered: Vec<String> = lines.iter().enumerate().map(|(n, line)| format!("{n}{line} [..]")).collect();
        let mut output: Vec<String> = numbered.iter().map(|line| line.replace("[..]", "x")).collect();
        let at = at % output.len();
        output[at] = "something else entirely".into();
        let new = blessed(&numbered.join("\n"), &output.join("\n")).unwrap();
        for (n, line) in new.lines().enumerate() {
            prop_assert_eq!(line == numbered[n], n != at, "{}", new);
        }
    }

    #[test]
    fn a_snapshot_of_nothing_is_the_output_itself(line in "[a-z \\[\\]A-Z]{1,20}") {
        let output = format!("|{line}|");
        prop_assert_eq!(blessed("", &output), Some(escape(&output)));
    }
}
