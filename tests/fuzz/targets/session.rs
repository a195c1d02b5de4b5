//! What comes from a terminal: markers between it, in whatever pieces it comes, and text that people are shown.
//!
//! In an input, these bytes stand for what no mutation would hit upon: 1 for the token of the marker that is awaited, 2 for
//! the whole marker, 3 for the end of a piece, 4 for a flood, once, if it is
//! the first or the last byte.

use crate::mutate::{self, Random};
use crate::{Covered, Target};
use checks::clean;
use rdgrade::parsers::{self, Awaited, Capture, Marker};

pub(super) const TARGET: Target = Target {
    name: "session",
    check,
    seeds: || SEEDS.iter().map(|text| text.as_bytes().to_vec()).collect(),
    mutate: change,
    longest: 512,
    covers: &[
        Covered::File("runner/play/awaited.rs"),
        Covered::File("runner/play/capture.rs"),
        Covered::Functions("runner/play/session.rs", &["new", "next"]),
        Covered::File("checks/clean.rs"),
    ],
};

const SEEDS: [&str; 8] = [
    "bin  dev\r\netc  lib\r\n\u{2}\r\n",
    "\u{1b}[?2004h# ls\r\n\u{1b}[01;34mbin\u{1b}[0m\r\n\u{1}\u{3}127\u{3}:\r\n",
    "sh: 1: x: not found\r\n\u{1}1\u{3}27:\r\nlate\r\n\u{1}0:",
    "\u{1}xxxxxxxxxxxxxxxxxxxxxxxxxxxx\u{2}",
    "printf '%s%s%s:\\n' 'rdabc' '-1=' \"$?\"\r\n\u{2}",
    "\u{4}\u{3}\u{4}\u{2}\u{4}",
    "\u{1b}]0;title\u{7}\u{1b}Pq\u{1b}\\\u{9b}1m\u{1b}(Bx\u{8}\u{8}\t\u{2}",
    "head\u{3}\u{4}\u{3}tail\u{2}\u{4}",
];

const WORDS: [&str; 24] = [
    "\u{1}",
    "\u{2}",
    "\u{3}",
    "\u{4}",
    "\u{1}0:",
    "\u{1}255\u{3}:",
    "\u{1}\u{1}",
    "rd",
    "rdabc",
    "rdabc-1",
    "-1=",
    ":",
    "\r\n",
    "\r",
    "\u{1b}[",
    "\u{1b}]0;",
    "\u{1b}\\",
    "\u{1b}(",
    "\u{7}",
    "\u{9b}",
    "\u{9c}",
    "\u{1b}P",
    "é",
    "\u{1b}",
];

/// As of any text, and often where a piece ends: also within a marker that is spelled out.
fn change(input: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(input.len() + 1);
    match random.below(4) {
        0 => input.insert(at, 3),
        1 => {
            let mut marker = b"rdabc-1=7:".to_vec();
            marker.insert(random.below(marker.len()), 3);
            input.splice(at..at, marker);
        }
        _ => mutate::text(input, random, &WORDS),
    }
}

fn check(input: &[u8]) {
    let mut marker = Marker::new("abc".to_owned());
    let (line, token) = parsers::next_marker(&mut marker);
    assert!(
        !holds(line.as_bytes(), &token),
        "an echo would be taken for the answer"
    );
    let (again, other) = parsers::next_marker(&mut marker);
    assert!(line != again && token != other);

    let pieces = pieces(input, &token);
    let whole = pieces.concat();
    let answer = awaited(&pieces, &token);
    if let Some(answer) = answer {
        ends_at_marker(&whole, &token, &answer);
    }
    captured(&pieces, &whole);
    let few = whole.len().min(4096);
    shown(&parsers::text(&whole[..few]));
}

fn pieces(input: &[u8], token: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    // Slow, so not for everybody.
    let mut flood = input.starts_with(&[4]) || input.ends_with(&[4]);
    for byte in input {
        let Some(last) = pieces.last_mut() else { break };
        match byte {
            1 => last.extend(token),
            2 => last.extend([token, b"0:"].concat()),
            3 => pieces.push(Vec::new()),
            // More than a capture keeps, and nothing that a marker begins with.
            4 if flood => {
                flood = false;
                last.extend(std::iter::repeat_n(b"0123456789abcdef", 13_000).flatten());
            }
            byte => last.push(*byte),
        }
    }
    pieces
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    find(bytes, wanted).is_some()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    // Byte by byte where the first two agree: nothing clever, and quick enough for a flood.
    let [first, second, ..] = wanted else {
        return None;
    };
    let starts = bytes
        .windows(2)
        .enumerate()
        .filter(|(_, two)| two == &[*first, *second]);
    starts
        .map(|(at, _)| at)
        .find(|at| bytes[*at..].starts_with(wanted))
}

/// The first token that one to sixteen digits and a colon follow.
fn first_answer(bytes: &[u8], token: &[u8]) -> Option<String> {
    let mut from = 0;
    while let Some(at) = find(&bytes[from..], token) {
        let rest = &bytes[from + at + token.len()..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if (1..=16).contains(&digits) && rest.get(digits) == Some(&b':') {
            return String::from_utf8(rest[..digits].to_vec()).ok();
        }
        from += at + 1;
    }
    None
}

/// The marker is seen as soon as it is there, however it was cut to pieces, and nothing is taken for it before.
fn awaited(pieces: &[Vec<u8>], token: &[u8]) -> Option<String> {
    let mut awaited = Awaited::new(token.to_vec());
    let mut so_far = Vec::new();
    for piece in pieces {
        awaited.look(piece);
        so_far.extend(piece);
        // Without a flood this is short.
        if so_far.len() < 4096 {
            assert_eq!(
                awaited.answer,
                first_answer(&so_far, token),
                "after {so_far:?}"
            );
        }
    }
    assert_eq!(awaited.answer, first_answer(&so_far, token));
    awaited.answer
}

fn ends_at_marker(whole: &[u8], token: &[u8], answer: &str) {
    let before = parsers::before_marker(whole, token, answer);
    let marker = [token, answer.as_bytes(), b":"].concat();
    assert!(
        whole[before.len()..].starts_with(&marker),
        "the output does not end where the marker begins"
    );
    assert!(!holds(before, &marker));
}

/// Nothing is lost uncounted.
fn captured(pieces: &[Vec<u8>], whole: &[u8]) {
    let mut capture = Capture::default();
    for piece in pieces {
        capture.push(piece);
    }
    assert_eq!(capture.seen(), whole.len() as u64);
    let (kept, cut) = capture.take();
    assert_eq!(
        (capture.seen(), capture.take()),
        (0, (Vec::new(), 0)),
        "the record does not start anew"
    );
    if cut == 0 {
        assert!(kept == whole, "bytes were changed");
        return;
    }
    let note = format!("\n[{cut} bytes left out]\n");
    let Some(head) = find(&kept, note.as_bytes()) else {
        panic!("the cut is not told");
    };
    let tail = &kept[head + note.len()..];
    assert!(
        whole.starts_with(&kept[..head]) && whole.ends_with(tail),
        "bytes were changed"
    );
    assert_eq!(head as u64 + cut + tail.len() as u64, whole.len() as u64);
    assert!(kept.len() < 4 * 64 * 1024);
}

fn shown(text: &str) {
    let clean = clean::clean(text);
    assert!(
        clean
            .chars()
            .all(|letter| "\n\t".contains(letter) || !letter.is_control())
    );
    assert_eq!(clean::clean(&clean), clean);
    assert_eq!(
        clean.matches('\n').count(),
        text.matches('\n').count(),
        "a line went"
    );
    let lines = clean::lines(text);
    assert!(lines.last().is_none_or(|line| !line.is_empty()));
    assert!(
        lines
            .iter()
            .all(|line| line.trim_end() == line && !line.contains('\n'))
    );
}
