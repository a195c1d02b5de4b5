//! Text that a submission printed, made fit to be shown: nothing in it can move the cursor, recolour the
//! screen, reorder what is read or hide.
//!
//! Escape sequences are shown, not dropped: `^[[31m` tells a student that the program prints colours, and an
//! instructor that it tried something. Which characters are invisible is taken from Unicode's
//! Default_Ignorable_Code_Point and Bidi_Control properties; C1 controls are included because many terminals
//! take U+009B for `ESC [`.

use crate::jail::Mechanism;
use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// How much of an output is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Lines kept from the beginning.
    pub head: usize,
    /// Lines kept from the end.
    pub tail: usize,
    /// Columns kept of each line.
    pub columns: usize,
}

/// Returns `text` with every control character but newline and tab, and every invisible or reordering
/// character, replaced by something visible. The end of a line may be CR LF. What a CI system would obey is taken apart.
pub fn neutral(text: &str) -> Cow<'_, str> {
    if !Mechanism::HarmlessOutput.is_on() {
        return Cow::Borrowed(text);
    }
    match without_commands(text) {
        Cow::Borrowed(text) => visible(text),
        Cow::Owned(text) => Cow::Owned(visible(&text).into_owned()),
    }
}

/// Workflow commands of GitHub (`::error::`), which are obeyed wherever they begin a line, indented or wrapped.
const COMMANDS: [&str; 16] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "internal-",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

/// `::error` becomes `<::>error`, and `##[`, `##vso[`, `##teamcity[` likewise: those are obeyed anywhere in a line.
fn without_commands(text: &str) -> Cow<'_, str> {
    if !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(['#', ':']) {
        let (before, from) = rest.split_at(at);
        shown.push_str(before);
        // Not between the bytes of a letter.
        let (sign, after) = from.split_at_checked(2).unwrap_or((from, ""));
        let begins = |name: &str| {
            let word = after.get(..name.len());
            word.is_some_and(|word| word.eq_ignore_ascii_case(name))
        };
        let is_command = match sign {
            // A command has an end (`::name parameters::text`); a path of some language that has none is left alone.
            "::" => COMMANDS.into_iter().any(begins) && ends(after),
            "##" => after.starts_with(|c: char| c == '[' || c.is_ascii_alphabetic()),
            _ => false,
        };
        if is_command {
            shown.push('<');
            shown.push_str(sign);
            shown.push('>');
            rest = after;
        } else {
            shown.push_str(&from[..1]);
            rest = &from[1..];
        }
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

fn ends(command: &str) -> bool {
    command
        .lines()
        .next()
        .is_some_and(|line| line.contains("::"))
}

fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\r' && rest.peek() == Some(&'\n') {
            continue;
        }
        if is_harmful(c) {
            spell(c, &mut shown);
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Like [`neutral`], and on one line: for names, paths and whatever else shares a line with our own words.
pub fn one_line(text: &str) -> String {
    neutral(text).replace('\n', "^J").replace('\t', "^I")
}

/// Keeps the head and the tail of a text and the beginning of each line, and says what was left out.
pub fn clip(text: &str, limits: Limits) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let kept = limits.head + limits.tail;
    // A note takes a line itself: leaving out one line would save nothing.
    if lines.len() <= kept + 1 {
        return join(&lines, limits.columns);
    }
    let left_out = lines.len() - kept;
    let head = join(&lines[..limits.head], limits.columns);
    let tail = join(&lines[lines.len() - limits.tail..], limits.columns);
    let note = format!("… {left_out} lines left out …");
    [head, note, tail]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Replaces tabs by the spaces up to the next multiple of eight columns, as a terminal would.
pub fn expand_tabs(line: &str) -> Cow<'_, str> {
    if !line.contains('\t') {
        return Cow::Borrowed(line);
    }
    let mut expanded = String::with_capacity(line.len() + 8);
    let mut column = 0;
    for c in line.chars() {
        if c == '\t' {
            let gap = 8 - column % 8;
            expanded.extend(std::iter::repeat_n(' ', gap));
            column += gap;
        } else {
            expanded.push(c);
            column = if c == '\n' { 0 } else { column + columns(c) };
        }
    }
    Cow::Owned(expanded)
}

fn join(lines: &[&str], columns: usize) -> String {
    lines
        .iter()
        .map(|line| clip_line(line, columns))
        .collect::<Vec<_>>()
        .join("\n")
}

fn clip_line(line: &str, limit: usize) -> Cow<'_, str> {
    let mut used = 0;
    for (at, c) in line.char_indices() {
        used += columns(c);
        if used > limit {
            let more = line[at..].chars().count();
            return Cow::Owned(format!("{} … {more} more characters", &line[..at]));
        }
    }
    Cow::Borrowed(line)
}

/// At least one: a line of a million combining marks is long, however narrow.
fn columns(c: char) -> usize {
    c.width().unwrap_or(1).max(1)
}

/// Whether a terminal would obey this character, reorder by it, or hide it.
pub fn is_harmful(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || is_invisible(c)
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        // No characters at all, and forbidden in XML 1.0 (production 2).
        | '\u{fffe}' | '\u{ffff}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// ASCII controls as `cat -v` spells them, everything else by its number.
fn spell(c: char, shown: &mut String) {
    match c {
        '\0'..='\x1f' => {
            shown.push('^');
            shown.push((c as u8 + b'@') as char);
        }
        '\x7f' => shown.push_str("^?"),
        _ => shown.push_str(&format!("<U+{:04X}>", c as u32)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::plain("bin boot\tdev\n", "bin boot\tdev\n")]
    #[case::colour("\x1b[31mred\x1b[0m", "^[[31mred^[[0m")]
    #[case::title("\x1b]0;owned\x07", "^[]0;owned^G")]
    #[case::eight_bit_csi("\u{9b}2J", "<U+009B>2J")]
    #[case::overwrite("FAIL\rPASS", "FAIL^MPASS")]
    #[case::line_ends("a\r\nb\r\n", "a\nb\n")]
    #[case::two_returns("a\r\r\nb", "a^M\nb")]
    #[case::erased("FAIL\x08\x08\x08\x08PASS", "FAIL^H^H^H^HPASS")]
    #[case::delete("\x7f", "^?")]
    #[case::right_to_left("\u{202e}SSAP", "<U+202E>SSAP")]
    #[case::isolate("\u{2067}x\u{2069}", "<U+2067>x<U+2069>")]
    #[case::zero_width("pa\u{200b}ss", "pa<U+200B>ss")]
    #[case::tag_letters("a\u{e0041}", "a<U+E0041>")]
    #[case::workflow_command(
        "::error::x\n  ::Set-Output name=a::b",
        "<::>error::x\n  <::>Set-Output name=a::b"
    )]
    #[case::anywhere_in_a_line("a ##[group]x ##vso[y]", "a <##>[group]x <##>vso[y]")]
    #[case::no_command(
        "std::io::Error\n## Heading ::1 #é :é ::é",
        "std::io::Error\n## Heading ::1 #é :é ::é"
    )]
    #[case::letters("naïve 日本 ✓", "naïve 日本 ✓")]
    fn what_could_deceive_is_shown(#[case] printed: &str, #[case] shown: &str) {
        assert_eq!(neutral(printed), shown);
    }

    #[test]
    fn a_name_stays_on_its_line() {
        assert_eq!(
            one_line("rd\n✓ all passed\t\x1b[K"),
            "rd^J✓ all passed^I^[[K"
        );
    }

    #[test]
    fn head_and_tail_are_kept_and_the_cut_is_said() {
        let text: String = (1..=100).map(|n| format!("line {n}\n")).collect();
        let limits = Limits {
            head: 2,
            tail: 1,
            columns: 80,
        };
        assert_eq!(
            clip(&text, limits),
            "line 1\nline 2\n… 97 lines left out …\nline 100"
        );
    }

    #[test]
    fn one_line_too_many_is_shown_instead_of_a_note() {
        let limits = Limits {
            head: 1,
            tail: 1,
            columns: 80,
        };
        assert_eq!(clip("a\nb\nc\n", limits), "a\nb\nc");
    }

    #[test]
    fn a_long_line_is_clipped_by_what_it_occupies() {
        let limits = Limits {
            head: 1,
            tail: 0,
            columns: 4,
        };
        assert_eq!(clip("日本語です", limits), "日本 … 3 more characters");
        assert_eq!(clip("abcd", limits), "abcd");
    }

    #[rstest]
    #[case("a\tb", "a       b")]
    #[case("12345678\tb", "12345678        b")]
    #[case("日\tb", "日      b")]
    fn tabs_reach_the_next_stop(#[case] line: &str, #[case] shown: &str) {
        assert_eq!(expand_tabs(line), shown);
    }

    proptest! {
        #[test]
        fn nothing_but_newlines_and_tabs_controls_the_terminal(text in any::<String>()) {
            let shown = neutral(&text);
            prop_assert!(!shown.chars().any(is_harmful), "{shown:?}");
        }

        #[test]
        fn nor_in_text_made_of_controls(text in "[\u{0}-\u{20}\u{7f}-\u{a0}\u{200b}-\u{206f}a-c\\[\\]]{0,40}") {
            let shown = neutral(&text);
            prop_assert!(shown.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()), "{shown:?}");
        }

        #[test]
        fn making_it_neutral_twice_changes_nothing(text in any::<String>()) {
            let once = neutral(&text).into_owned();
            prop_assert_eq!(neutral(&once), once.as_str());
        }

        #[test]
        fn clipping_never_exceeds_its_limits(text in "[a-z\n日]{0,200}", head in 0usize..4, tail in 0usize..4) {
            let limits = Limits { head, tail, columns: 10 };
            prop_assert!(clip(&text, limits).lines().count() <= head + tail + 1);
        }
    }
}
