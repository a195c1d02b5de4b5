//! One line of an output as a pattern.

use super::align::LIKE;
use crate::captures::Captures;
use crate::comparison::fill_pattern;
use crate::pattern::{LinePattern, escape, starts_wildcard};
use crate::redact::replace_ids;
use alloc::collections::BTreeMap;
use alloc::{format, string::String, vec, vec::Vec};
use core::ops::Range;

type Words = BTreeMap<String, String>;

// Marks for what is no text, while the text around it is escaped. Cleaned output has no control characters.
const ANY: char = '\u{1}';
const KEPT: char = '\u{2}';
const CAPTURE: char = '\u{3}';
const WORD: char = '\u{4}';
const END: char = '\u{5}';

/// Words of a line that are looked at.
const MOST_WORDS: usize = 64;
/// Words of a line that one wildcard for an error or a status may stand for: `No such file or directory (os error 2)`.
const MOST_IN_ONE: usize = 8;

/// `line` as a pattern without regard to any older one: ids are `[..]` or a capture bound to them.
pub(super) fn literal(line: &str, words: &Words, captures: &Captures) -> String {
    spell(&[line], &[], words, captures)
}

/// `line` as a pattern that keeps those wildcards of `old` that fit words of it.
pub(super) fn rewritten(old: &str, line: &str, words: &Words, captures: &Captures) -> String {
    let pieces = pieces(old, words);
    let (pairs, _) = pair(&pieces, line, captures);
    let (mut texts, mut kept, mut at) = (Vec::new(), Vec::new(), 0);
    for (piece, range) in pairs {
        if !pieces[piece].pattern.is_literal() {
            texts.push(&line[at..range.start]);
            kept.push(pieces[piece].source);
            at = range.end;
        }
    }
    texts.push(&line[at..]);
    spell(&texts, &kept, words, captures)
}

/// How much of `line` is spoken of by `old`, 0 to [`LIKE`].
pub(super) fn likeness(old: &str, line: &str, words: &Words, captures: &Captures) -> u32 {
    let pieces = pieces(old, words);
    let longest = pieces
        .len()
        .max(line.split_whitespace().take(MOST_WORDS).count())
        .max(1);
    let (_, worth) = pair(&pieces, line, captures);
    (worth * LIKE / (longest as u32 * EQUAL)).min(LIKE)
}

/// The texts with what was kept between them.
fn spell(texts: &[&str], kept: &[&str], words: &Words, captures: &Captures) -> String {
    let mut marked = String::new();
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            marked.push(KEPT);
        }
        marked.push_str(text);
    }
    let longest_first = |mut pairs: Vec<(String, String)>| {
        pairs.sort_by_key(|(_, value)| core::cmp::Reverse(value.len()));
        pairs
    };
    let named = words.iter().filter(|(_, value)| !value.is_empty());
    for (name, value) in longest_first(
        named
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
    ) {
        marked = marked.replace(&value, &format!("{WORD}{name}{END}"));
    }
    let bound = captures.iter().filter(|(_, value)| holds_id(value));
    for (name, value) in longest_first(
        bound
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
    ) {
        marked = marked.replace(&value, &format!("{CAPTURE}{name}{END}"));
    }
    let marked = replace_ids(&marked, |id| {
        match captures.iter().find(|(_, value)| *value == id) {
            Some((name, _)) => format!("{CAPTURE}{name}{END}"),
            None => String::from(ANY),
        }
    });
    unmark(&escape(&marked), kept)
}

fn holds_id(value: &str) -> bool {
    replace_ids(value, |_| String::new()) != value
}

fn unmark(marked: &str, kept: &[&str]) -> String {
    let mut kept = kept.iter();
    let mut pattern = String::new();
    let mut rest = marked;
    while let Some(at) = rest.find([ANY, KEPT, CAPTURE, WORD]) {
        pattern.push_str(&rest[..at]);
        let mark = rest[at..].chars().next().unwrap_or(ANY);
        rest = &rest[at + mark.len_utf8()..];
        let (name, after) = match mark {
            CAPTURE | WORD => rest.split_once(END).unwrap_or((rest, "")),
            _ => ("", rest),
        };
        rest = after;
        // A bracket before a wildcard would double it: it is left to the wildcard.
        let bracket = mark != WORD && pattern.ends_with('[');
        while bracket && pattern.ends_with('[') {
            pattern.pop();
        }
        match mark {
            WORD => pattern.push_str(&format!("{{{name}}}")),
            CAPTURE if !bracket => pattern.push_str(&format!("[{name}]")),
            KEPT => pattern.push_str(kept.next().copied().unwrap_or("[..]")),
            _ => pattern.push_str("[..]"),
        }
    }
    pattern + rest
}

/// What stands between blanks in a pattern.
struct Piece<'o> {
    source: &'o str,
    pattern: LinePattern,
}

fn pieces<'o>(old: &'o str, words: &Words) -> Vec<Piece<'o>> {
    let mut found = Vec::new();
    let mut rest = old.trim_start();
    while !rest.is_empty() && found.len() < MOST_WORDS {
        let (source, after) = rest.split_at(piece_length(rest));
        if let Ok(pattern) = LinePattern::parse(&fill_pattern(source, words)) {
            found.push(Piece { source, pattern });
        }
        rest = after.trim_start();
    }
    found
}

/// Up to the next blank outside a wildcard: `[STATUS 3]` is one piece.
fn piece_length(text: &str) -> usize {
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        if letter.is_whitespace() {
            return at;
        }
        let doubled = letter == '[' && starts_wildcard(&text[at + 1..]);
        let wildcard = !doubled && starts_wildcard(&text[at..]);
        at += match text[at..].find(']') {
            Some(length) if wildcard => length + 1,
            _ if doubled => 2,
            _ => letter.len_utf8(),
        };
    }
    at
}

/// What a word that is written out is worth.
const EQUAL: u32 = 8;

/// What it is worth that `piece` stands for `word`, if it does.
fn worth(piece: &Piece, word: &str, captures: &Captures) -> Option<u32> {
    let fits = piece.pattern.matches(word, &mut captures.clone());
    let worth = match piece.source {
        _ if piece.pattern.is_literal() => EQUAL,
        "[..]" => 1,
        // A capture fits any word; most are made for what changes from run to run, or for a path.
        _ if holds_id(word) => 7,
        _ if word.starts_with('/') || word.starts_with(|first: char| first.is_ascii_digit()) => 5,
        _ => 3,
    };
    fits.then_some(worth)
}

/// The pairs of pieces and places in `line`, in order, that are worth most; and their worth.
fn pair(pieces: &[Piece], line: &str, captures: &Captures) -> (Vec<(usize, Range<usize>)>, u32) {
    let places: Vec<Range<usize>> = line
        .split_whitespace()
        .take(MOST_WORDS)
        .map(|word| {
            let start = word.as_ptr() as usize - line.as_ptr() as usize;
            start..start + word.len()
        })
        .collect();
    // best[piece][place]: the worth from here on, and how many words the piece takes: none if it is passed over,
    // and then whether it is the piece or the word that is.
    let mut best = vec![vec![(0u32, Choice::Piece); places.len() + 1]; pieces.len() + 1];
    for piece in (0..pieces.len()).rev() {
        for place in (0..places.len()).rev() {
            let mut choice = (best[piece + 1][place].0, Choice::Piece);
            let mut offer = |offered: (u32, Choice)| {
                if offered.0 > choice.0 {
                    choice = offered;
                }
            };
            offer((best[piece][place + 1].0, Choice::Word));
            let source = pieces[piece].source;
            let most = if source.contains("[ERROR ") || source.contains("[STATUS ") {
                MOST_IN_ONE
            } else {
                1
            };
            for taken in 1..=most.min(places.len() - place) {
                let text = &line[places[place].start..places[place + taken - 1].end];
                if let Some(worth) = worth(&pieces[piece], text, captures) {
                    offer((
                        worth + best[piece + 1][place + taken].0,
                        Choice::Both(taken),
                    ));
                }
            }
            best[piece][place] = choice;
        }
    }
    let (mut pairs, mut piece, mut place) = (Vec::new(), 0, 0);
    while piece < pieces.len() && place < places.len() {
        match best[piece][place].1 {
            Choice::Piece => piece += 1,
            Choice::Word => place += 1,
            Choice::Both(taken) => {
                pairs.push((piece, places[place].start..places[place + taken - 1].end));
                (piece, place) = (piece + 1, place + taken);
            }
        }
    }
    (pairs, best[0][0].0)
}

#[derive(Clone, Copy)]
enum Choice {
    /// The piece has no word.
    Piece,
    /// The word has no piece.
    Word,
    /// The piece stands for so many words.
    Both(usize),
}
