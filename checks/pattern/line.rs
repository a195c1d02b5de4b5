//! Matching one line.

use super::parse::{BadPattern, Status, Token, tokens};
use crate::captures::Captures;
use alloc::{collections::BTreeMap, format, string::String, string::ToString, vec::Vec};

/// Steps a line may take for each byte it has.
pub const STEPS_PER_BYTE: u64 = 64;

/// Counts the work of matching, in bytes looked at.
#[derive(Debug, Default)]
pub struct Steps(u64);

impl Steps {
    /// Bytes looked at so far.
    pub fn taken(&self) -> u64 {
        self.0
    }
}

/// A pattern within one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePattern {
    source: String,
    tokens: Vec<Token>,
}

impl LinePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A wildcard that is not closed, unknown, or not separated from the one before it.
    pub fn parse(source: &str) -> Result<LinePattern, BadPattern> {
        LinePattern::parse_at(source, 0)
    }

    pub(crate) fn parse_at(source: &str, base: usize) -> Result<LinePattern, BadPattern> {
        let source = source.trim_end();
        Ok(LinePattern {
            source: String::from(source),
            tokens: tokens(source, base)?,
        })
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names it captures.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Capture(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether it is plain text without any wildcard.
    pub fn is_literal(&self) -> bool {
        self.tokens
            .iter()
            .all(|token| matches!(token, Token::Text(_)))
    }

    /// Whether `line` matches; if so, its captures are bound, else nothing is.
    pub fn matches(&self, line: &str, captures: &mut Captures) -> bool {
        self.matches_counting(line, captures, &mut Steps::default())
    }

    /// As [`LinePattern::matches`], adding the work done to `steps`.
    pub fn matches_counting(&self, line: &str, captures: &mut Captures, steps: &mut Steps) -> bool {
        let line = line.trim_end();
        let budget = STEPS_PER_BYTE * (line.len() as u64 + 64);
        let mut attempt = Attempt {
            line,
            captures,
            fresh: BTreeMap::new(),
            left: budget,
        };
        let matched = attempt.whole(&self.tokens);
        let fresh = attempt.fresh;
        steps.0 += budget - attempt.left;
        if matched {
            for (name, value) in fresh {
                captures.bind(name, value);
            }
        }
        matched
    }
}

struct Attempt<'l, 'c> {
    line: &'l str,
    captures: &'c Captures,
    fresh: BTreeMap<&'l str, &'l str>,
    left: u64,
}

/// Where a run of tokens has to end.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Anywhere,
    LineEnd,
}

impl<'l> Attempt<'l, '_> {
    fn whole<'t: 'l>(&mut self, tokens: &'t [Token]) -> bool {
        let mut groups = tokens.split(|token| *token == Token::Any).peekable();
        let Some(first) = groups.next() else {
            return self.line.is_empty();
        };
        let end = |more: bool| if more { End::Anywhere } else { End::LineEnd };
        let Some(mut at) = self.group(first, 0, end(groups.peek().is_some())) else {
            return false;
        };
        while let Some(group) = groups.next() {
            match self.search(group, at, end(groups.peek().is_some())) {
                Some(next) => at = next,
                None => return false,
            }
        }
        true
    }

    /// The first place at or after `at` where `group` fits.
    fn search<'t: 'l>(&mut self, group: &'t [Token], at: usize, end: End) -> Option<usize> {
        let Some(first) = group.first() else {
            return Some(self.line.len());
        };
        if let ([Token::Text(text)], End::LineEnd) = (group, end) {
            let start = self
                .line
                .len()
                .checked_sub(text.len())
                .filter(|start| *start >= at)?;
            return self
                .line
                .is_char_boundary(start)
                .then(|| self.group(group, start, end))?;
        }
        let mut from = at;
        loop {
            let start = match first {
                Token::Text(text) => self.find(text, from)?,
                _ => from,
            };
            if let Some(found) = self.group(group, start, end) {
                return Some(found);
            }
            self.spend(1)?;
            from = start + self.line[start..].chars().next()?.len_utf8();
        }
    }

    /// Where `group` ends if it begins at `at`.
    fn group<'t: 'l>(&mut self, group: &'t [Token], at: usize, end: End) -> Option<usize> {
        let Some((token, rest)) = group.split_first() else {
            return (end == End::Anywhere || at == self.line.len()).then_some(at);
        };
        self.spend(1)?;
        let here = &self.line[at..];
        match token {
            Token::Text(text) => {
                self.spend(text.len() as u64)?;
                here.starts_with(text.as_str())
                    .then(|| self.group(rest, at + text.len(), end))?
            }
            Token::Capture(name) => self.capture(name, rest, at, end),
            Token::Status(status) => {
                let ends = status_ends(*status, here);
                ends.into_iter()
                    .find_map(|length| self.group(rest, at + length, end))
            }
            Token::Error(errno) => {
                self.spend(8)?;
                let ends = errno.spelled(here);
                ends.into_iter()
                    .find_map(|length| self.group(rest, at + length, end))
            }
            Token::Any => None,
        }
    }

    fn capture<'t: 'l>(
        &mut self,
        name: &'t str,
        rest: &'t [Token],
        at: usize,
        end: End,
    ) -> Option<usize> {
        let here = &self.line[at..];
        let captures = self.captures;
        if let Some(value) = captures.get(name).or_else(|| self.fresh.get(name).copied()) {
            self.spend(value.len() as u64)?;
            let length = value.len();
            return here
                .starts_with(value)
                .then(|| self.group(rest, at + length, end))?;
        }
        let run = here.find([' ', '\t']).unwrap_or(here.len());
        self.spend(run as u64)?;
        let try_end = |attempt: &mut Self, length: usize| {
            let line = attempt.line;
            attempt.fresh.insert(name, &line[at..at + length]);
            let found = attempt.group(rest, at + length, end);
            if found.is_none() {
                attempt.fresh.remove(name);
            }
            found
        };
        let Some(Token::Text(next)) = rest.first() else {
            return if run == 0 { None } else { try_end(self, run) };
        };
        let mut from = here.chars().next()?.len_utf8();
        while from <= run {
            let length = self.find(next, at + from)? - at;
            if length > run {
                return None;
            }
            if let Some(found) = try_end(self, length) {
                return Some(found);
            }
            from = length + here[length..].chars().next()?.len_utf8();
        }
        None
    }

    fn find(&mut self, text: &str, from: usize) -> Option<usize> {
        let rest = &self.line[from..];
        match rest.find(text) {
            Some(offset) => {
                self.spend((offset + text.len()) as u64)?;
                Some(from + offset)
            }
            None => {
                self.spend(rest.len() as u64)?;
                None
            }
        }
    }

    fn spend(&mut self, steps: u64) -> Option<()> {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Some(())
            }
            None => {
                self.left = 0;
                None
            }
        }
    }
}

/// Lengths of the texts at the start of `text` that spell `status`, the longest first.
fn status_ends(status: Status, text: &str) -> Vec<usize> {
    let signal_text = || signal_length(status, text);
    let introduction = ["exit status: ", "exit status ", "exit code: ", "exit code "]
        .into_iter()
        .find(|introduction| text.starts_with(introduction))
        .map_or(0, str::len);
    let digits = &text[introduction..];
    let sign = usize::from(digits.starts_with('-'));
    let length = sign
        + digits[sign..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
    let number: Option<i64> = digits[..length].parse().ok();
    let fits = number.is_some_and(|number| match status {
        Status::Code(code) => number == i64::from(code) || number == i64::from(code) << 8,
        Status::Nonzero => number != 0,
        Status::Signal(signal) => {
            let signal = i64::from(signal);
            // 128 + n is a shell's $?, and the raw status of a core dump as well (wait(2)).
            [signal, -signal, 128 + signal].contains(&number)
        }
    });
    let mut ends = Vec::new();
    ends.extend(fits.then_some(introduction + length));
    ends.extend(signal_text());
    ends
}

/// `signal: 9 (SIGKILL)` (Rust), `signal: killed` (Go), `SIGKILL`: up to the end of the line.
fn signal_length(status: Status, text: &str) -> Option<usize> {
    let rest = text
        .strip_prefix("signal: ")
        .or_else(|| text.strip_prefix("signal "));
    let fits = match (status, rest) {
        (Status::Code(_), _) => false,
        (Status::Nonzero, rest) => rest.is_some() || text.starts_with("SIG"),
        (Status::Signal(signal), None) => {
            text.split(' ').next() == Some(crate::signal::name(signal).as_str())
        }
        (Status::Signal(signal), Some(rest)) => {
            let word = rest.split([' ', ',', ')']).next().unwrap_or_default();
            let go = match signal {
                9 => "killed",
                15 => "terminated",
                11 => "segmentation fault",
                6 => "aborted",
                _ => "",
            };
            word == signal.to_string()
                || word == crate::signal::name(signal)
                || (!go.is_empty() && rest.starts_with(go))
                || rest.contains(&format!("({})", crate::signal::name(signal)))
        }
    };
    fits.then_some(text.len())
}
