//! A recording in the making.

use super::stream::Tamer;
use super::{Moment, Recording};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Bytes kept of a check, as much as of a program's output: what comes after them is left out, and said to be.
const KEPT: usize = 128 * 1024;
/// Chunks kept, so that a program which prints byte by byte costs no more than one that does not.
const MOMENTS: usize = 4_000;
/// What is printed within this time of the last is one moment: nobody sees the difference.
const AT_ONCE: Duration = Duration::from_millis(4);

/// The terminal of the jail (`jail::sys` sets it): what recordings are played in.
const COLUMNS: u16 = 200;
const ROWS: u16 = 50;

/// Collects what is typed and printed. Each source has a stream of its own, whose sequences may come in pieces.
#[derive(Debug)]
pub struct Tape {
    began: Instant,
    moments: Vec<(Duration, Source, String)>,
    tamers: BTreeMap<Source, Tamer>,
    kept: usize,
    full: bool,
    /// Whether the last moment ended a line, so that a prompt has one to itself.
    at_line_start: bool,
}

/// Who wrote on the screen: rdgrade itself, or a program by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Prompt,
    Program(usize),
}

impl Default for Tape {
    fn default() -> Self {
        Tape {
            began: Instant::now(),
            moments: Vec::new(),
            tamers: BTreeMap::new(),
            kept: 0,
            full: false,
            at_line_start: true,
        }
    }
}

impl Tape {
    /// What a person would have typed: a sign for the place, and the line.
    pub fn typed(&mut self, sign: &str, line: &str) {
        let lead = if self.at_line_start { "" } else { "\r\n" };
        let line = crate::terminal::neutral(line).replace('\n', "\r\n");
        // Bold, whatever colours a program left behind.
        self.push(
            Source::Prompt,
            format!("{lead}\x1b[0;1m{sign} {line}\x1b[0m\r\n"),
        );
    }

    /// What `program` printed.
    pub fn printed(&mut self, program: usize, bytes: &[u8]) {
        if self.full {
            return;
        }
        let tamer = self.tamers.entry(Source::Program(program)).or_default();
        let text = tamer.take(bytes);
        self.push(Source::Program(program), text);
    }

    fn push(&mut self, source: Source, text: String) {
        if text.is_empty() || self.full {
            return;
        }
        let at = self.began.elapsed();
        self.at_line_start = text.ends_with('\n') || text.ends_with("\x1b[0m\r\n");
        self.kept += text.len();
        if self.kept > KEPT || self.moments.len() >= MOMENTS {
            self.full = true;
            let note = "\x1b[0m\r\n[the rest is left out]\r\n".to_owned();
            self.moments.push((at, Source::Prompt, note));
            return;
        }
        match self.moments.last_mut() {
            Some((before, of, kept)) if *of == source && at.saturating_sub(*before) < AT_ONCE => {
                kept.push_str(&text);
            }
            _ => self.moments.push((at, source, text)),
        }
    }

    /// The recording.
    pub fn finish(self) -> Recording {
        let moment = |(at, _, text): (Duration, Source, String)| Moment {
            at_us: u64::try_from(at.as_micros()).unwrap_or(u64::MAX),
            text,
        };
        Recording {
            columns: COLUMNS,
            rows: ROWS,
            moments: self.moments.into_iter().map(moment).collect(),
        }
    }
}
