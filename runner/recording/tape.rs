//! A recording in the making.

use super::stream::Tamer;
use super::{Moment, Recording};
use crate::report::human::prompt;
use checks::played::Side;
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
    /// What the markers begin with that tell the end of a command: they are no part of the show.
    marker: String,
}

/// Who wrote on the screen: rdgrade itself, or a program by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Prompt,
    Program(usize),
}

impl Tape {
    /// A tape that begins now. `nonce` is what this play's markers are made from.
    pub fn new(nonce: &str) -> Self {
        Tape {
            marker: format!("rd{nonce}-"),
            began: Instant::now(),
            moments: Vec::new(),
            tamers: BTreeMap::new(),
            kept: 0,
            full: false,
            at_line_start: true,
        }
    }

    /// What a person would have typed: a sign for the place, and the line.
    pub fn typed(&mut self, side: Side, line: &str) {
        let sign = prompt(side).sign;
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
        self.at_line_start = text.ends_with('\n');
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
    pub fn finish(mut self) -> Recording {
        for source in self.tamers.keys() {
            without_markers(&self.marker, *source, &mut self.moments);
        }
        self.moments.retain(|(_, _, text)| !text.is_empty());
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

/// Cuts every `rdNONCE-3=0:` and its line end out of what a source printed. It may have come in pieces.
fn without_markers(marker: &str, source: Source, moments: &mut [(Duration, Source, String)]) {
    let of_source = |(_, of, _): &&(Duration, Source, String)| *of == source;
    let whole: String = moments
        .iter()
        .filter(of_source)
        .map(|(_, _, text)| text.as_str())
        .collect();
    let mut cuts = Vec::new();
    let mut from = 0;
    while let Some(at) = whole[from..].find(marker).map(|at| at + from) {
        from = at + marker.len();
        let rest = whole[from..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '=');
        if let Some(rest) = rest.strip_prefix(':') {
            let rest = rest.strip_prefix("\r\n").unwrap_or(rest);
            from = whole.len() - rest.len();
            cuts.push(at..from);
        }
    }
    let mut begin = 0;
    for (_, of, text) in moments.iter_mut() {
        if *of != source {
            continue;
        }
        let end = begin + text.len();
        for cut in cuts
            .iter()
            .rev()
            .filter(|cut| cut.start < end && cut.end > begin)
        {
            text.replace_range(cut.start.max(begin) - begin..cut.end.min(end) - begin, "");
        }
        begin = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[&str]) -> String {
        let mut tape = Tape::new("abc");
        for piece in pieces {
            tape.printed(0, piece.as_bytes());
            // As if time had passed: pieces stay pieces.
            tape.moments
                .iter_mut()
                .for_each(|moment| moment.0 = Duration::ZERO);
            tape.began -= AT_ONCE * 2;
        }
        tape.finish()
            .moments
            .iter()
            .map(|moment| moment.text.as_str())
            .collect()
    }

    #[test]
    fn markers_are_cut_out_however_they_come() {
        let text = "bin\r\nrdabc-1=0:\r\netc\r\nrdabc-12=127:\r\n";
        for at in 0..text.len() {
            let (one, other) = text.split_at(at);
            assert_eq!(shown(&[one, other]), "bin\r\netc\r\n", "in two at {at}");
        }
        assert_eq!(shown(&["rdabc- is no marker"]), "rdabc- is no marker");
    }

    #[test]
    fn a_flood_is_cut_and_the_cut_is_said() {
        let mut tape = Tape::new("abc");
        for _ in 0..100 {
            tape.printed(0, &[b'x'; 16 * 1024]);
        }
        let recording = tape.finish();
        let kept: usize = recording
            .moments
            .iter()
            .map(|moment| moment.text.len())
            .sum();
        assert!(kept <= KEPT + 16 * 1024, "{kept}");
        assert!(recording.moments.last().unwrap().text.contains("left out"));
    }

    #[test]
    fn a_prompt_has_a_line_to_itself() {
        let mut tape = Tape::new("abc");
        tape.printed(0, b"no line end");
        tape.typed(Side::Outside, "ls \x1b[31m");
        let text: String = tape
            .finish()
            .moments
            .into_iter()
            .map(|moment| moment.text)
            .collect();
        assert!(
            text.contains("no line end\r\n\x1b[0;1mhost$ ls ^[[31m\x1b[0m\r\n"),
            "{text:?}"
        );
    }
}
