//! What a recording keeps of a terminal's stream.
//!
//! A recording is a terminal's stream by nature: played, it is printed on somebody's terminal. Kept is what paints and what
//! moves the cursor on the screen: text, line ends, tabs, backspaces, and of the control sequences (ECMA-48 5.4, CSI) SGR, cursor
//! movement, erasing, inserting and deleting. Everything else is spelled out (`^[]0;owned^G`), so that it is seen and not
//! obeyed: titles and clipboards (OSC), device control strings (DCS, APC, PM, SOS), reports that a terminal would type as
//! input (DSR, DA), modes, scroll regions, character sets, resets, C1 controls, and characters that hide or reorder text.

use crate::terminal::{is_harmful, neutral};

/// Final bytes of the sequences that are kept.
const KEPT: &[u8] = b"ABCDEFGHJKLMPX@dfmsu";
/// Longest sequence and longest UTF-8 character that is waited for.
const LONGEST: usize = 48;

/// Tames one stream, whose sequences may come in pieces.
#[derive(Debug, Default)]
pub struct Tamer {
    pending: Vec<u8>,
    after_return: bool,
}

/// What stands at the beginning of some bytes.
enum Piece {
    /// This many bytes are a sequence to keep.
    Keep(usize),
    /// An escape that begins nothing to keep.
    Spell,
    /// Too short to tell.
    Partial,
}

impl Tamer {
    /// The next bytes, as far as they are complete.
    pub fn take(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let all = std::mem::take(&mut self.pending);
        let mut text = String::with_capacity(all.len());
        let mut rest = all.as_slice();
        while let Some(first) = rest.first() {
            if *first == 0x1b {
                match sequence(rest) {
                    Piece::Keep(length) => {
                        text.push_str(&String::from_utf8_lossy(&rest[..length]));
                        rest = &rest[length..];
                    }
                    Piece::Spell => {
                        text.push_str("^[");
                        rest = &rest[1..];
                    }
                    Piece::Partial => break,
                }
                self.after_return = false;
                continue;
            }
            let end = rest
                .iter()
                .position(|byte| *byte == 0x1b)
                .unwrap_or(rest.len());
            let run = &rest[..end];
            let whole = run.len() - unfinished(run, end == rest.len());
            self.text(&String::from_utf8_lossy(&run[..whole]), &mut text);
            rest = &rest[whole..];
            if whole < run.len() {
                break;
            }
        }
        self.pending = rest.to_vec();
        text
    }

    fn text(&mut self, run: &str, text: &mut String) {
        for c in run.chars() {
            match c {
                // A pipe's lines end without the return that a terminal needs.
                '\n' if !self.after_return => text.push_str("\r\n"),
                '\n' | '\r' | '\t' | '\x08' => text.push(c),
                c if is_harmful(c) => text.push_str(&neutral(c.encode_utf8(&mut [0; 4]))),
                c => text.push(c),
            }
            self.after_return = c == '\r';
        }
    }
}

/// The control sequence at the beginning: ESC [, parameters, a final byte.
fn sequence(bytes: &[u8]) -> Piece {
    match bytes {
        [_] => return Piece::Partial,
        [_, b'[', ..] => {}
        _ => return Piece::Spell,
    }
    let parameters = bytes[2..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || matches!(byte, b';' | b':'))
        .count();
    match bytes.get(2 + parameters) {
        _ if parameters > LONGEST => Piece::Spell,
        None => Piece::Partial,
        // Erasing what has scrolled away is the viewer's loss, not the screen's.
        Some(b'J') if bytes[2..2 + parameters].contains(&b'3') => Piece::Spell,
        Some(last) if KEPT.contains(last) => Piece::Keep(3 + parameters),
        Some(_) => Piece::Spell,
    }
}

/// How many bytes at the end of a run are the beginning of a character that is still to come.
fn unfinished(run: &[u8], more_may_come: bool) -> usize {
    if !more_may_come {
        return 0;
    }
    match std::str::from_utf8(run) {
        Ok(_) => 0,
        // `None`: the input ended in the middle of a character, at most three bytes of it.
        Err(error) if error.error_len().is_none() => run.len() - error.valid_up_to(),
        // An invalid byte earlier on says nothing about the end.
        Err(_) => (1..=3.min(run.len()))
            .find(|back| {
                let tail = std::str::from_utf8(&run[run.len() - back..]);
                tail.is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
            })
            .unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn tame(bytes: &[u8]) -> String {
        Tamer::default().take(bytes)
    }

    #[rstest]
    #[case::colour(b"\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m")]
    #[case::cursor(b"\x1b[2A\x1b[10;3H\x1b[K", "\x1b[2A\x1b[10;3H\x1b[K")]
    #[case::clear(b"\x1b[2J", "\x1b[2J")]
    #[case::history(b"\x1b[3J", "^[[3J")]
    #[case::title(b"\x1b]0;owned\x07", "^[]0;owned^G")]
    #[case::clipboard(b"\x1b]52;c;aGk=\x1b\\", "^[]52;c;aGk=^[\\")]
    #[case::device(b"\x1bPq#0\x1b\\", "^[Pq#0^[\\")]
    #[case::asks_where_the_cursor_is(b"\x1b[6n", "^[[6n")]
    #[case::asks_who_you_are(b"\x1b[c", "^[[c")]
    #[case::mode(b"\x1b[?1049h", "^[[?1049h")]
    #[case::repeats(b"\x1b[99999b", "^[[99999b")]
    #[case::reset(b"\x1bc", "^[c")]
    #[case::eight_bit("\u{9b}2J".as_bytes(), "<U+009B>2J")]
    #[case::bell(b"\x07", "^G")]
    #[case::reordered("\u{202e}x".as_bytes(), "<U+202E>x")]
    #[case::pipe(b"a\nb\n", "a\r\nb\r\n")]
    #[case::terminal(b"a\r\nb", "a\r\nb")]
    #[case::overwritten(b"10%\r20%\x08", "10%\r20%\x08")]
    #[case::no_text(b"a\xffb", "a\u{fffd}b")]
    fn what_paints_is_kept_and_what_acts_is_spelled(#[case] bytes: &[u8], #[case] kept: &str) {
        assert_eq!(tame(bytes), kept);
    }

    #[test]
    fn an_endless_sequence_is_not_waited_for() {
        let long = [b"\x1b[".as_slice(), &[b'1'; 100]].concat();
        assert!(tame(&long).starts_with("^[["));
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(bytes in prop::collection::vec(prop_oneof![
            3 => any::<u8>(), 2 => Just(0x1b), 2 => Just(b'['), 2 => b'0'..b'z', 1 => Just(b'\n')
        ], 0..60), cut in 0usize..60) {
            let cut = cut.min(bytes.len());
            let mut tamer = Tamer::default();
            let pieces = tamer.take(&bytes[..cut]) + &tamer.take(&bytes[cut..]);
            prop_assert_eq!(pieces, tame(&bytes));
        }

        #[test]
        fn escapes_begin_kept_sequences_only(bytes in prop::collection::vec(prop_oneof![
            2 => any::<u8>(), 2 => Just(0x1b), 2 => Just(b'['), 2 => b'0'..b'z'
        ], 0..60)) {
            let kept = tame(&bytes);
            for (at, _) in kept.match_indices('\x1b') {
                prop_assert!(matches!(sequence(&kept.as_bytes()[at..]), Piece::Keep(_)), "{kept:?}");
            }
            prop_assert!(!kept.chars().any(|c| is_harmful(c) && !"\x1b\r\x08".contains(c)), "{kept:?}");
        }
    }
}
