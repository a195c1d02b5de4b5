//! What differs from run to run, as stable placeholders: one table for the binary and for snapshot tests.
//!
//! A rule is a short list of pieces. [`Rule::regex`] spells it for tools that take regular expressions (insta's
//! filters), [`redact`] applies it without any; a test holds the two together.

use alloc::{format, string::String, vec::Vec};
use core::ops::Range;

/// A piece of text that a rule looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// This text, left as it is.
    Keep(&'static str),
    /// This many hexadecimal digits in lower case, replaced.
    Hex(usize),
    /// At least this many hexadecimal digits in lower case, replaced.
    HexRun(usize),
    /// At least this many decimal digits, replaced.
    Digits(usize),
    /// This text, replaced.
    Text(&'static str),
}

/// One thing that changes from run to run.
#[derive(Debug)]
pub struct Rule {
    /// What it is.
    pub name: &'static str,
    /// What stands in its place.
    pub placeholder: &'static str,
    /// At most one run of replaced pieces, texts to keep around it. A match begins and ends at a word's edge.
    pieces: &'static [Piece],
}

use Piece::{Digits, Hex, HexRun, Keep, Text};

/// The table, in the order in which the rules are applied.
pub static RULES: [Rule; 8] = [
    Rule {
        name: "container id (a UUID)",
        placeholder: "[UUID]",
        pieces: &[
            Hex(8),
            Text("-"),
            Hex(4),
            Text("-"),
            Hex(4),
            Text("-"),
            Hex(4),
            Text("-"),
            Hex(12),
        ],
    },
    Rule {
        name: "process id in the report of a status",
        placeholder: "[PID]",
        pieces: &[Digits(1), Keep(" exited with status")],
    },
    Rule {
        name: "process id in a path below /proc",
        placeholder: "[PID]",
        pieces: &[Keep("/proc/"), Digits(1)],
    },
    Rule {
        name: "namespace inode",
        placeholder: "[NAMESPACE]",
        pieces: &[Keep(":["), Digits(10), Keep("]")],
    },
    Rule {
        name: "device and inode of a file",
        placeholder: "[FILE]",
        pieces: &[
            Keep("= "),
            Digits(1),
            Text(":"),
            Digits(1),
            Text(":"),
            Digits(1),
        ],
    },
    Rule {
        name: "user id a mount was made for",
        placeholder: "[ID]",
        pieces: &[Keep(",uid="), Digits(5)],
    },
    Rule {
        name: "group id a mount was made for",
        placeholder: "[ID]",
        pieces: &[Keep(",gid="), Digits(5)],
    },
    Rule {
        name: "address",
        placeholder: "[ADDRESS]",
        pieces: &[Text("0x"), HexRun(6)],
    },
];

/// What a nonce is replaced by: as a level file writes it.
pub const NONCE: &str = "{nonce}";

/// `text` with the given nonces and everything in [`RULES`] replaced. Redacting twice changes nothing more.
pub fn redact(text: &str, nonces: &[&str]) -> String {
    let mut text = String::from(text);
    for nonce in nonces.iter().filter(|nonce| !nonce.is_empty()) {
        text = text.replace(nonce, NONCE);
    }
    for rule in &RULES {
        text = rule.apply(&text);
    }
    text
}

/// `text` with everything in [`RULES`] replaced by what `stand_in` makes of it.
pub fn replace_ids(text: &str, mut stand_in: impl FnMut(&str) -> String) -> String {
    let apply = |text: String, rule: &Rule| rule.apply_with(&text, &mut stand_in);
    RULES.iter().fold(String::from(text), apply)
}

impl Rule {
    /// The rule as a regular expression (syntax of the crate `regex`); the replacement is [`Rule::replacement`].
    pub fn regex(&self) -> String {
        let mut regex = String::from(if self.starts_in_a_word() { r"\b" } else { "" });
        for piece in self.pieces {
            match piece {
                Keep(text) => regex.push_str(&format!("({})", escape(text))),
                Text(text) => regex.push_str(&escape(text)),
                Hex(count) => regex.push_str(&format!("[0-9a-f]{{{count}}}")),
                HexRun(least) => regex.push_str(&format!("[0-9a-f]{{{least},}}")),
                Digits(least) => regex.push_str(&format!("[0-9]{{{least},}}")),
            }
        }
        if self.ends_in_a_word() {
            regex.push_str(r"\b");
        }
        regex
    }

    /// The replacement that goes with [`Rule::regex`], kept groups by number.
    pub fn replacement(&self) -> String {
        let mut replacement = String::new();
        let mut group = 0;
        let mut replaced = false;
        for piece in self.pieces {
            match piece {
                Keep(_) => {
                    group += 1;
                    replacement.push_str(&format!("${{{group}}}"));
                }
                _ if replaced => {}
                _ => {
                    replacement.push_str(self.placeholder);
                    replaced = true;
                }
            }
        }
        replacement
    }

    fn apply(&self, text: &str) -> String {
        self.apply_with(text, &mut |_| String::from(self.placeholder))
    }

    fn apply_with(&self, text: &str, stand_in: &mut dyn FnMut(&str) -> String) -> String {
        let mut done = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(letter) = text[at..].chars().next() {
            let edge = !self.starts_in_a_word() || !text[..at].ends_with(is_word);
            match edge.then(|| self.find_at(&text[at..])).flatten() {
                Some((length, changing)) => {
                    let found = &text[at..at + length];
                    done.push_str(&found[..changing.start]);
                    done.push_str(&stand_in(&found[changing.clone()]));
                    done.push_str(&found[changing.end..]);
                    at += length;
                }
                None => {
                    done.push(letter);
                    at += letter.len_utf8();
                }
            }
        }
        done
    }

    /// How long the match at the start of `text` is, and where in it the part lies that is replaced.
    fn find_at(&self, text: &str) -> Option<(usize, Range<usize>)> {
        let mut length = 0;
        let mut changing: Option<Range<usize>> = None;
        for piece in self.pieces {
            let rest = &text[length..];
            let taken = match piece {
                Keep(text) | Text(text) => rest.starts_with(text).then_some(text.len()),
                Hex(count) => Some(run(rest, is_hex).min(*count)).filter(|run| run == count),
                HexRun(least) => Some(run(rest, is_hex)).filter(|run| run >= least),
                Digits(least) => {
                    Some(run(rest, |byte| byte.is_ascii_digit())).filter(|run| run >= least)
                }
            }?;
            if !matches!(piece, Keep(_)) {
                let start = changing.map_or(length, |changing| changing.start);
                changing = Some(start..length + taken);
            }
            length += taken;
        }
        let edge = !self.ends_in_a_word() || !text[length..].starts_with(is_word);
        edge.then_some((length, changing?))
    }

    fn starts_in_a_word(&self) -> bool {
        !matches!(self.pieces.first(), Some(Keep(_)))
    }

    fn ends_in_a_word(&self) -> bool {
        !matches!(self.pieces.last(), Some(Keep(text)) if text.ends_with(']'))
    }
}

/// Every rule as a pair of regular expression and replacement, as insta's filters take them.
pub fn filters() -> Vec<(String, String)> {
    RULES
        .iter()
        .map(|rule| (rule.regex(), rule.replacement()))
        .collect()
}

fn run(text: &str, holds: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| holds(*byte)).count()
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        if "[](){}.*+?|^$\\".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("/c/5abb650e-0000-4000-8000-00000000abcd/rootfs", "/c/[UUID]/rootfs")]
    #[case("1234 exited with status 256", "[PID] exited with status 256")]
    #[case(
        "/proc/77/root = 0:52:2 and 0:52",
        "/proc/[PID]/root = [FILE] and 0:52"
    )]
    #[case("mnt:[4026532177]", "mnt:[[NAMESPACE]]")]
    #[case("rw,uid=200000,gid=200000 0 0", "rw,uid=[ID],gid=[ID] 0 0")]
    #[case("rw,uid=0,gid=5", "rw,uid=0,gid=5")]
    #[case("<Command object at 0x7f3a8c01>", "<Command object at [ADDRESS]>")]
    #[case("token 5ee7c0de", "token {nonce}")]
    #[case("12:30:01 0x12 5abb650e-0000", "12:30:01 0x12 5abb650e-0000")]
    fn what_changes_is_replaced(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(redact(text, &["5ee7c0de"]), expected);
    }

    fn noise() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("5abb650e-0000-4000-8000-00000000abcd"),
            Just("/proc/"),
            Just("12"),
            Just("4026532177"),
            Just(" exited with status"),
            Just(":["),
            Just("]"),
            Just("= "),
            Just(":"),
            Just(",uid="),
            Just(",gid="),
            Just("0x"),
            Just("abcdef0"),
            Just("é"),
            Just("_"),
            Just(" "),
            Just("z"),
            Just("77777"),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn redacting_twice_changes_nothing_more(text in noise()) {
            let once = redact(&text, &["12"]);
            prop_assert_eq!(redact(&once, &["12"]), once);
        }

        #[test]
        fn the_regular_expressions_say_the_same(text in noise()) {
            for rule in &RULES {
                let regex = regex::Regex::new(&rule.regex()).unwrap();
                prop_assert_eq!(
                    regex.replace_all(&text, rule.replacement().as_str()).into_owned(),
                    rule.apply(&text),
                    "{}", rule.name
                );
            }
        }

        #[test]
        fn redacting_never_panics(text in "\\PC{0,60}") {
            redact(&text, &[""]);
        }
    }
}
