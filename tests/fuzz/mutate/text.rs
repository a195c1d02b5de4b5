//! Changes of texts that are made of lines and words.

use super::Random;
use std::ops::Range;

/// Changes one thing: a line moves, is copied, goes, is indented; a word is replaced by another of the text or one of
/// `words`; a number grows; the end is cut off.
pub fn text(input: &mut Vec<u8>, random: &mut Random, words: &[&str]) {
    let lines = pieces(input, |byte| byte == b'\n');
    match random.below(11) {
        0 => remove(input, &lines, random),
        1 | 2 => copy(input, &lines, random),
        3 => indent(input, &lines, random),
        4 => {
            let at = random.below(input.len() + 1);
            input.truncate(at);
        }
        5 => {
            // Blanks, brackets, quotes: what grammars are made of.
            let marks = b" \n\t\r\0:.,-=/[]{}'\"\\|>#&*!%@$()";
            let at = random.below(input.len() + 1);
            if let Some(mark) = random.one_of(marks) {
                input.insert(at, *mark);
            }
        }
        6 | 7 => number(input, random),
        _ => word(input, words, random),
    }
}

/// The pieces between separators, each with its separator.
fn pieces(input: &[u8], is_separator: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, byte) in input.iter().enumerate() {
        if is_separator(*byte) {
            pieces.push(start..at + 1);
            start = at + 1;
        }
    }
    if start < input.len() {
        pieces.push(start..input.len());
    }
    pieces
}

/// Some neighbouring pieces, few more often than many.
fn some(pieces: &[Range<usize>], random: &mut Random) -> Range<usize> {
    let first = random.below(pieces.len());
    let most = 1 + random.below(8);
    let last = first + random.below(most);
    match (
        pieces.get(first),
        pieces.get(last.min(pieces.len().saturating_sub(1))),
    ) {
        (Some(first), Some(last)) => first.start..last.end,
        _ => 0..0,
    }
}

fn remove(input: &mut Vec<u8>, lines: &[Range<usize>], random: &mut Random) {
    input.drain(some(lines, random));
}

fn copy(input: &mut Vec<u8>, lines: &[Range<usize>], random: &mut Random) {
    let copied = input[some(lines, random)].to_vec();
    let to = random.one_of(lines).map_or(0, |line| line.start);
    if random.below(2) == 0 {
        input.splice(to..to, copied);
    } else {
        let replaced = some(lines, random);
        input.splice(replaced, copied);
    }
}

fn indent(input: &mut Vec<u8>, lines: &[Range<usize>], random: &mut Random) {
    let Some(line) = random.one_of(lines) else {
        return;
    };
    if random.below(2) == 0 {
        let blanks = vec![b' '; 1 + random.below(4)];
        input.splice(line.start..line.start, blanks);
    } else {
        let blanks = input[line.clone()]
            .iter()
            .take_while(|byte| **byte == b' ')
            .count();
        let fewer = random.below(blanks + 1);
        input.drain(line.start..line.start + fewer);
    }
}

fn number(input: &mut Vec<u8>, random: &mut Random) {
    let digits = runs(input, |byte| byte.is_ascii_digit());
    let Some(place) = random.one_of(&digits) else {
        return;
    };
    if random.below(2) == 0 {
        let at = place.start + random.below(place.len());
        input[at] = random.one_of(b"0123456789").copied().unwrap_or(b'0');
        return;
    }
    let numbers = [
        "0",
        "1",
        "7",
        "9",
        "-1",
        "008",
        "255",
        "256",
        "65534",
        "65535",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "18446744073709551615",
        "18446744073709551616",
        "1e9",
        "0x10",
    ];
    if let Some(other) = random.one_of(&numbers) {
        input.splice(place.clone(), other.bytes());
    }
}

fn word(input: &mut Vec<u8>, words: &[&str], random: &mut Random) {
    let own = runs(input, |byte| {
        byte.is_ascii_alphanumeric() || b"_-".contains(&byte)
    });
    let new = match (random.below(3), random.one_of(&own)) {
        (0, Some(other)) => input[other.clone()].to_vec(),
        _ => random
            .one_of(words)
            .map_or(Vec::new(), |word| word.as_bytes().to_vec()),
    };
    let at = random.below(input.len() + 1);
    let place = match (random.below(3), random.one_of(&own)) {
        (0, _) | (_, None) => at..at,
        (_, Some(place)) => place.clone(),
    };
    input.splice(place, new);
}

/// The longest stretches of bytes for which `holds`.
fn runs(input: &[u8], holds: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let pieces = pieces(input, |byte| !holds(byte));
    let words = pieces.into_iter().map(|piece| {
        let end = input[piece.clone()]
            .iter()
            .position(|byte| !holds(*byte))
            .map_or(piece.end, |length| piece.start + length);
        piece.start..end
    });
    words.filter(|word| !word.is_empty()).collect()
}
