use super::*;
use crate::captures::Captures;
use alloc::{format, string::String, string::ToString, vec, vec::Vec};
use proptest::prelude::*;
use rstest::rstest;

fn matches(pattern: &str, line: &str) -> bool {
    LinePattern::parse(pattern)
        .unwrap()
        .matches(line, &mut Captures::default())
}

fn compare(snapshot: &str, output: &str) -> Result<Captures, Mismatch> {
    let mut captures = Captures::default();
    Snapshot::parse(snapshot)
        .unwrap()
        .compare(output, &mut captures)
        .map(|()| captures)
}

#[rstest]
#[case::literal("hello", "hello")]
#[case::blanks_at_the_end("hello", "hello  ")]
#[case::any("h[..]o", "hello")]
#[case::any_is_empty("hello[..]", "hello")]
#[case::several("[..]a[..]b[..]", "xxaxxbxx")]
#[case::anchored("[..]b", "abb")]
#[case::status_raw("9 exited with status [STATUS 3]", "9 exited with status 768")]
#[case::status_decoded("[STATUS 3]", "3")]
#[case::status_rust("[STATUS 3]", "exit status: 3")]
#[case::status_zero("[STATUS 0]", "0")]
#[case::nonzero("[STATUS nonzero]", "256")]
#[case::nonzero_signal("[STATUS nonzero]", "signal: 9 (SIGKILL)")]
#[case::signal_raw("[STATUS SIGKILL]", "9")]
#[case::signal_shell("[STATUS SIGKILL]", "137")]
#[case::signal_python("[STATUS SIGKILL]", "-9")]
#[case::signal_rust("[STATUS SIGKILL]", "signal: 9 (SIGKILL)")]
#[case::signal_go("[STATUS SIGKILL]", "signal: killed")]
#[case::capture("[PID] exited", "42 exited")]
#[case::capture_at_the_end("at [X]/made", "at /made/made")]
#[case::twice("[X]-[X]", "ab-ab")]
#[case::error(
    "[..][ERROR ENOENT][..]",
    "exec: \"/bin/bash\": no such file or directory!"
)]
#[case::error_traceback(
    "[..][ERROR ENOENT][..]",
    "FileNotFoundError: [Errno 2] No such file or directory: '/x'"
)]
#[case::error_rust(
    "[..][ERROR ENOENT][..]",
    "Os { code: 2, kind: NotFound, message: \"…\" }"
)]
#[case::pythons_brackets("[Errno 2] no", "[Errno 2] no")]
#[case::test_command("[ -f x ]", "[ -f x ]")]
#[case::escaped("[[OK] done", "[OK] done")]
fn lines_that_match(#[case] pattern: &str, #[case] line: &str) {
    assert!(matches(pattern, line));
}

#[rstest]
#[case::more("hello", "hello!")]
#[case::less("hello", "hell")]
#[case::anchored_start("[..]b[..]c", "ac")]
#[case::overlap("aba[..]aba", "ababa")]
#[case::status("[STATUS 3]", "4")]
#[case::status_zero_is_not("[STATUS 0]", "256")]
#[case::nonzero("[STATUS nonzero]", "0")]
#[case::no_number("[STATUS 0]", "")]
#[case::signal("[STATUS SIGKILL]", "signal: 15 (SIGTERM)")]
#[case::decoded_signal("[STATUS SIGKILL]", "0")]
#[case::capture_is_not_empty("[PID] exited", " exited")]
#[case::capture_has_no_blanks("[PID] exited", "4 2 exited")]
#[case::twice_but_not_equal("[X]-[X]", "ab-ac")]
#[case::another_error("[..][ERROR ENOENT][..]", "Permission denied")]
#[case::huge_number("[STATUS 3]", "99999999999999999999999")]
fn lines_that_do_not(#[case] pattern: &str, #[case] line: &str) {
    assert!(!matches(pattern, line));
}

#[rstest]
#[case::unclosed("ab [ROOTFS", 3)]
#[case::dots("x[...]", 1)]
#[case::unknown_error("[ERROR ENOFOO]", 0)]
#[case::no_error("[ERROR]", 0)]
#[case::no_status("[STATUS]", 0)]
#[case::big_status("[STATUS 256]", 0)]
#[case::bad_signal("[STATUS SIGFOO]", 0)]
#[case::touching("é[..][PID]", 5)]
#[case::touching_captures("[A][B]", 3)]
#[case::second_line("one\ntwo [ROOTFS", 8)]
#[case::gaps("one\n...\n...", 8)]
fn bad_patterns_say_where(#[case] pattern: &str, #[case] offset: usize) {
    let bad = Snapshot::parse(pattern).unwrap_err();
    assert_eq!(bad.offset, offset, "{bad:?}");
    assert!(!bad.message.is_empty() && !bad.remedy.is_empty());
}

#[rstest]
#[case::all("one\ntwo\n", "one\r\ntwo\r\n")]
#[case::gap("...\ntwo", "zero\none\ntwo")]
#[case::gap_of_nothing("...\none", "one")]
#[case::rest("one\n...", "one\ntwo\nthree")]
#[case::rest_of_nothing("one\n...", "one")]
#[case::nothing("", "\r\n")]
#[case::colour("one", "\u{1b}[1mone\u{1b}[0m")]
fn outputs_that_match(#[case] snapshot: &str, #[case] output: &str) {
    compare(snapshot, output).unwrap();
}

#[rstest]
#[case::nothing_may_follow("...\n[PID] exited", "1 exited\n2 exited", 1)]
#[case::missing("...\ntwo", "one", 1)]
#[case::not_here("two\n...", "one\ntwo", 0)]
#[case::ended("one\ntwo", "one", 1)]
#[case::no_backtracking("...\na\nb", "a\nx\na\nb", 2)]
#[case::nothing_expected("", "one", 0)]
fn outputs_that_do_not(#[case] snapshot: &str, #[case] output: &str, #[case] line: usize) {
    let mismatch = compare(snapshot, output).unwrap_err();
    assert_eq!(mismatch.pattern_line, line, "{mismatch:?}");
    assert_ne!(mismatch.expected, mismatch.actual);
}

#[test]
fn captures_of_matched_lines_outlive_a_mismatch() {
    let mut captures = Captures::default();
    let snapshot = Snapshot::parse("root [ROOTFS]\nnever").unwrap();
    assert!(snapshot.compare("root /c/1\nelse", &mut captures).is_err());
    assert_eq!(captures.get("ROOTFS"), Some("/c/1"));
}

#[test]
fn a_bound_capture_is_compared_literally() {
    let mut captures = Captures::default();
    captures.bind("ID", "7");
    let pattern = LinePattern::parse("id [ID]").unwrap();
    assert!(pattern.matches("id 7", &mut captures));
    assert!(!pattern.matches("id 77", &mut captures));
}

/// Work must grow with the output's length, not with its square. Steps are counted, since clocks lie.
#[rstest]
#[case::runs("[..]a[X]b", "a")]
#[case::many_wildcards("[..]a[..]a[..]a[..]b", "a")]
#[case::captures("[A]a[B]a[C]ab", "a")]
#[case::errors("[..][ERROR ENOENT]x", "no such file or directory")]
#[case::statuses("a[STATUS 3]b", "a3")]
#[case::lines("...\nnever[..]", "nev\n")]
fn hostile_outputs_cost_linear_work(#[case] snapshot: &str, #[case] piece: &str) {
    let snapshot = Snapshot::parse(snapshot).unwrap();
    for length in [1 << 14, 1 << 20] {
        let output = piece.repeat(length / piece.len());
        let mut steps = Steps::default();
        let matched = snapshot
            .compare_counting(&output, &mut Captures::default(), &mut steps)
            .is_ok();
        assert!(!matched);
        assert!(steps.taken() > 0);
        // 64 steps a byte, and 64 bytes' worth for each of at most length / 4 lines.
        assert!(steps.taken() <= STEPS_PER_BYTE * (length as u64) * 17);
    }
}

/// Lines with nothing in them that would be a wildcard, and no two alike.
fn distinct_lines() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-z/ .0-9-]{0,12}", 1..8).prop_map(|lines| {
        let numbered = lines.into_iter().enumerate();
        numbered
            .map(|(number, line)| format!("{number}:{line};"))
            .collect()
    })
}

proptest! {
    #[test]
    fn matching_never_panics(pattern in "\\PC{0,40}", output in "(?s).{0,120}") {
        if let Ok(snapshot) = Snapshot::parse(&pattern) {
            let _ = snapshot.compare(&output, &mut Captures::default());
        }
    }

    #[test]
    fn wildcards_never_panic(
        pieces in prop::collection::vec(
            prop_oneof![
                Just("[..]"), Just("[A]"), Just("[B]"), Just("[STATUS nonzero]"),
                Just("[STATUS SIGKILL]"), Just("[ERROR ENOENT]"), Just("é"), Just("x"), Just(" "), Just("\n"), Just("..."),
            ],
            0..12,
        ),
        output in "[éx \n0-9-]{0,40}",
    ) {
        if let Ok(snapshot) = Snapshot::parse(&pieces.concat()) {
            let _ = snapshot.compare(&output, &mut Captures::default());
        }
    }

    #[test]
    fn an_output_matches_itself_escaped(line in "[\\[\\]A-Z. a-z0-9]{0,20}") {
        let line = format!("|{line}|");
        prop_assert!(matches(&escape(&line), &line), "{} / {line}", escape(&line));
    }

    #[test]
    fn pieces_may_become_wildcards(
        lines in distinct_lines(),
        cuts in prop::collection::vec((0usize..16, 0usize..16, 0u8..3), 8),
    ) {
        let output = lines.join("\n");
        let mut pattern: Vec<String> = Vec::new();
        for (line, (start, end, kind)) in lines.iter().zip(&cuts) {
            let (start, end) = (*start.min(end), *start.max(end));
            let (start, end) = (start.min(line.len()), end.min(line.len()));
            match kind {
                0 if pattern.last().is_none_or(|last| last != "...") => pattern.push("...".to_string()),
                0 => {}
                1 => pattern.push(format!("{}[..]{}", &line[..start], &line[end..])),
                _ => pattern.push(line.clone()),
            }
        }
        // A gap ends at the first line that matches what follows; `[..]` first could match too early.
        let ambiguous = pattern.windows(2).any(|pair| pair[0] == "..." && pair[1].contains("[..]"));
        prop_assume!(!ambiguous);
        let pattern = pattern.join("\n");
        prop_assert!(compare(&pattern, &output).is_ok(), "{pattern}\n--\n{output}");
    }

    #[test]
    fn captures_are_consistent(one in "[a-z0-9/]{1,8}", other in "[a-z0-9/]{1,8}") {
        let output = format!("root {one}\nagain {other}");
        let result = compare("root [X]\nagain [X]", &output);
        prop_assert_eq!(result.is_ok(), one == other);
    }
}
