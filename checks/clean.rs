//! Terminal output as the text a person would read.

use alloc::{string::String, vec::Vec};

const ESCAPE: char = '\u{1b}';

/// `output` without control sequences (ECMA-48: CSI, OSC and other strings, lone escapes), carriage returns and
/// other control characters; tabs and newlines stay. Takes time linear in the output, whatever it holds: a string
/// sequence without an end stops at the next escape or at the end of its line.
pub fn clean(output: &str) -> String {
    let mut text = String::with_capacity(output.len());
    let mut rest = output.chars();
    while let Some(letter) = rest.next() {
        match letter {
            ESCAPE => skip_sequence(&mut rest),
            '\n' | '\t' => text.push(letter),
            '\u{9b}' => skip_control(&mut rest),
            letter if letter.is_control() => {}
            letter => text.push(letter),
        }
    }
    text
}

/// The lines of the cleaned output without blanks at their ends, and without empty lines at its end.
pub fn lines(output: &str) -> Vec<String> {
    let mut lines: Vec<String> = clean(output)
        .split('\n')
        .map(|line| String::from(line.trim_end()))
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn skip_sequence(rest: &mut core::str::Chars<'_>) {
    let mut ahead = rest.clone();
    match ahead.next() {
        Some('[') => {
            *rest = ahead;
            skip_control(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            *rest = ahead;
            skip_string(rest);
        }
        Some(' '..='/') => {
            // Intermediates, then one final byte: `ESC ( B` selects a character set.
            while let Some(' '..='/') = peek(&ahead) {
                ahead.next();
            }
            if peek(&ahead).is_some_and(|letter| ('0'..='~').contains(&letter)) {
                ahead.next();
            }
            *rest = ahead;
        }
        Some('0'..='~') => *rest = ahead,
        _ => {}
    }
}

fn skip_control(rest: &mut core::str::Chars<'_>) {
    while let Some(' '..='?') = peek(rest) {
        rest.next();
    }
    if peek(rest).is_some_and(|letter| ('@'..='~').contains(&letter)) {
        rest.next();
    }
}

fn skip_string(rest: &mut core::str::Chars<'_>) {
    while let Some(letter) = peek(rest) {
        match letter {
            '\n' => return,
            '\u{7}' | '\u{9c}' => {
                rest.next();
                return;
            }
            ESCAPE => {
                // A string ends with ESC \; any other escape breaks it off and is read on its own.
                let mut ahead = rest.clone();
                ahead.next();
                if ahead.next() == Some('\\') {
                    *rest = ahead;
                }
                return;
            }
            _ => {
                rest.next();
            }
        }
    }
}

fn peek(rest: &core::str::Chars<'_>) -> Option<char> {
    rest.clone().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::colour("\u{1b}[31mred\u{1b}[0m", "red")]
    #[case::bracketed_paste("\u{1b}[?2004h$ ls", "$ ls")]
    #[case::title("\u{1b}]0;title\u{7}text", "text")]
    #[case::title_by_st("\u{1b}]0;title\u{1b}\\text", "text")]
    #[case::endless_title("\u{1b}]0;title\nnext", "\nnext")]
    #[case::broken_off("\u{1b}]0;\u{1b}[1mbold", "bold")]
    #[case::charset("\u{1b}(Btext", "text")]
    #[case::lone("\u{1b}", "")]
    #[case::pty("one\r\ntwo\r\n", "one\ntwo\n")]
    #[case::bell("a\u{7}\u{8}b", "ab")]
    #[case::tab("a\tb", "a\tb")]
    fn control_sequences_go(#[case] output: &str, #[case] expected: &str) {
        assert_eq!(clean(output), expected);
    }

    #[test]
    fn blanks_at_the_end_do_not_count() {
        assert_eq!(lines("one  \r\n\r\n two\r\n \r\n"), vec!["one", "", " two"]);
        assert!(lines("\r\n").is_empty());
    }

    proptest! {
        #[test]
        fn nothing_but_text_is_left(output in "[\u{1b}\\[\\]\\\\a-c;0-9\u{7}\n\t\r\u{9b}\u{9c}]{0,80}") {
            let once = clean(&output);
            prop_assert!(once.chars().all(|letter| letter == '\n' || letter == '\t' || !letter.is_control()));
            prop_assert_eq!(clean(&once), once);
        }
    }
}
