//! The pattern language once more: every way to read a line is tried, however long that takes.

use checks::captures::Captures;
use checks::errno;

/// A piece of a line pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// This character.
    Letter(char),
    /// `[..]`
    Any,
    /// `[NAME]`
    Name(String),
    /// `[STATUS …]`
    Status(String),
    /// `[ERROR …]`
    Error(String),
}

/// The pieces of a pattern without mistakes.
pub fn pieces(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = pattern.trim_end();
    while let Some(letter) = rest.chars().next() {
        if letter == '[' && wildcard(&rest[1..]).is_some() {
            pieces.push(Piece::Letter('['));
            rest = &rest[2..];
        } else if let Some((piece, length)) = wildcard(rest) {
            pieces.push(piece);
            rest = &rest[length..];
        } else {
            pieces.push(Piece::Letter(letter));
            rest = &rest[letter.len_utf8()..];
        }
    }
    pieces
}

/// The wildcard that `text` begins with, and its length. A text that begins one without going on as one counts too:
/// it can be written literally with a doubled bracket.
fn wildcard(text: &str) -> Option<(Piece, usize)> {
    let inner = text.strip_prefix('[')?;
    let end = inner.find([' ', ']', '[']).unwrap_or(inner.len());
    let word = &inner[..end];
    let capital = |first: char| first.is_ascii_uppercase();
    let more = |letter: char| capital(letter) || letter.is_ascii_digit() || "_-".contains(letter);
    if !(inner.starts_with("..") || word.starts_with(capital) && word.chars().all(more)) {
        return None;
    }
    let close = inner.find(']').unwrap_or(inner.len());
    let argument = || {
        inner[..close]
            .split_once(' ')
            .map_or("", |(_, argument)| argument)
            .to_owned()
    };
    let piece = match word {
        _ if inner.starts_with("..") => Piece::Any,
        "STATUS" => Piece::Status(argument()),
        "ERROR" => Piece::Error(argument()),
        name => Piece::Name(name.to_owned()),
    };
    Some((piece, (close + 2).min(text.len())))
}

/// Whether the whole of `line` can be read as `pieces`, with names bound as in `captures`. An unbound name is any run
/// without blanks.
pub fn fits(pieces: &[Piece], line: &str, captures: &Captures) -> bool {
    // What can be reached: before the first piece, the beginning alone.
    let mut ends = vec![false; line.len() + 1];
    ends[0] = true;
    for piece in pieces {
        let mut next = vec![false; line.len() + 1];
        for (start, _) in ends.iter().enumerate().filter(|(_, reached)| **reached) {
            for (end, reached) in next.iter_mut().enumerate().skip(start) {
                *reached |= line
                    .get(start..end)
                    .is_some_and(|text| one(piece, text, captures));
            }
        }
        ends = next;
    }
    ends[line.len()]
}

fn one(piece: &Piece, text: &str, captures: &Captures) -> bool {
    match piece {
        Piece::Letter(letter) => text.chars().eq([*letter]),
        Piece::Any => true,
        Piece::Name(name) => match captures.get(name) {
            Some(value) => text == value,
            None => !text.is_empty() && !text.contains([' ', '\t']),
        },
        Piece::Status(wanted) => is_status(wanted, text),
        Piece::Error(name) => is_error(name, text),
    }
}

/// Whether `text` may be how some language prints a status: what is said of signals is not told apart here.
fn is_status(wanted: &str, text: &str) -> bool {
    if wanted == "nonzero" || wanted.starts_with("SIG") {
        let word = text
            .strip_prefix("signal ")
            .or(text.strip_prefix("signal: "));
        if word.is_some() || text.starts_with("SIG") {
            return true;
        }
    }
    let digits = [
        "exit status: ",
        "exit status ",
        "exit code: ",
        "exit code ",
        "",
    ]
    .into_iter()
    .find_map(|introduction| text.strip_prefix(introduction));
    let Some(number) = digits.and_then(|digits| digits.parse::<i64>().ok()) else {
        return false;
    };
    match wanted {
        "nonzero" => number != 0,
        _ => match checks::signal::number(wanted) {
            Some(signal) => [signal, -signal, 128 + signal]
                .map(i64::from)
                .contains(&number),
            None => wanted
                .parse()
                .is_ok_and(|code: i64| number == code || number == code * 256),
        },
    }
}

fn is_error(name: &str, text: &str) -> bool {
    let Some(errno) = errno::by_name(name) else {
        return false;
    };
    let text = text.to_ascii_lowercase();
    let number = errno.number.to_string();
    let numbered = ["os error ", "os { code: ", "errno ", "errno="]
        .into_iter()
        .any(|introduction| {
            text.strip_prefix(introduction)
                .is_some_and(|digits| digits.trim_start_matches('0') == number)
        });
    numbered
        || text == errno.name.to_ascii_lowercase()
        || errno
            .texts
            .iter()
            .any(|known| text == known.to_ascii_lowercase())
}
