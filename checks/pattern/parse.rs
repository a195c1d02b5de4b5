//! From a pattern's text to its tokens.

use crate::captures::is_capture_name;
use crate::errno::{self, Errno};
use crate::signal;
use alloc::{format, string::String, vec::Vec};

/// A piece of a line pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Text(String),
    Any,
    Capture(String),
    Status(Status),
    Error(&'static Errno),
}

/// What `[STATUS …]` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Code(u8),
    Nonzero,
    Signal(i32),
}

/// A mistake in a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPattern {
    /// Characters before the mistake, counted from the start of the whole pattern, newlines included.
    pub offset: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
}

/// Tokens of one line. `base` characters of the whole pattern come before it.
pub(crate) fn tokens(line: &str, base: usize) -> Result<Vec<Token>, BadPattern> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    while let Some(letter) = line[at..].chars().next() {
        if letter == '[' && starts_wildcard(&line[at + 1..]) {
            literal.push('[');
            at += 2;
        } else if starts_wildcard(&line[at..]) {
            let bad = |message: String, remedy: &str| BadPattern {
                offset: base + line[..at].chars().count(),
                message,
                remedy: String::from(remedy),
            };
            let Some(length) = line[at + 1..].find(']') else {
                return Err(bad(
                    format!("`{}` is not closed", clip(&line[at..])),
                    "close it with `]`, or double the bracket (`[[`) to mean a bracket",
                ));
            };
            let inner = &line[at + 1..at + 1 + length];
            let token = wildcard(inner).map_err(|(message, remedy)| bad(message, remedy))?;
            if !literal.is_empty() {
                tokens.push(Token::Text(core::mem::take(&mut literal)));
            }
            if tokens.last().is_some_and(|last| !may_touch(last, &token)) {
                return Err(bad(
                    format!("nothing separates `[{inner}]` from the wildcard before it"),
                    "write the text that stands between the two, or leave one out",
                ));
            }
            tokens.push(token);
            at += length + 2;
        } else {
            literal.push(letter);
            at += letter.len_utf8();
        }
    }
    if !literal.is_empty() {
        tokens.push(Token::Text(literal));
    }
    Ok(tokens)
}

/// `text` as a pattern that matches it and nothing else. (A whole line `...` cannot be written literally.)
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if starts_wildcard(&text[at..]) {
            escaped.push('[');
        }
        escaped.push(letter);
    }
    escaped
}

pub(crate) fn starts_wildcard(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('[') else {
        return false;
    };
    if inner.starts_with("..") {
        return true;
    }
    // `[Errno 2]` is Python's and literal: a wildcard's first word is all capitals.
    let word = inner
        .find([' ', ']', '['])
        .map_or(inner, |end| &inner[..end]);
    is_capture_name(word)
}

fn wildcard(inner: &str) -> Result<Token, (String, &'static str)> {
    let (word, argument) = inner.split_once(' ').unwrap_or((inner, ""));
    match word {
        ".." if argument.is_empty() => Ok(Token::Any),
        "STATUS" => status(argument).map(Token::Status).ok_or_else(|| {
            (
                format!("`[{}]` names no status", clip(inner)),
                "write [STATUS 3] (0 to 255), [STATUS nonzero] or [STATUS SIGKILL]",
            )
        }),
        "ERROR" => errno::by_name(argument).map(Token::Error).ok_or_else(|| {
            (
                format!("`[{}]` names no known error", clip(inner)),
                "write the error's name in capitals, as errno(3) does: [ERROR ENOENT]",
            )
        }),
        _ if is_capture_name(inner) => Ok(Token::Capture(String::from(inner))),
        _ => Err((
            format!("`[{}]` is no wildcard", clip(inner)),
            "write [..], [NAME], [STATUS 3] or [ERROR ENOENT]; double the bracket (`[[`) to mean a bracket",
        )),
    }
}

fn status(argument: &str) -> Option<Status> {
    match argument {
        "nonzero" => Some(Status::Nonzero),
        _ if argument.starts_with("SIG") => signal::number(argument).map(Status::Signal),
        _ if argument.bytes().all(|byte| byte.is_ascii_digit()) => {
            argument.parse().ok().map(Status::Code)
        }
        _ => None,
    }
}

/// Only an error has an own beginning and end; two others side by side could be cut anywhere.
fn may_touch(one: &Token, other: &Token) -> bool {
    let open = |token: &Token| matches!(token, Token::Any | Token::Capture(_) | Token::Status(_));
    let cut_anywhere = open(one) && open(other);
    let swallowed = matches!((one, other), (Token::Capture(_), Token::Error(_)));
    !cut_anywhere && !swallowed
}

fn clip(text: &str) -> String {
    crate::diff::clip(text, 40)
}
