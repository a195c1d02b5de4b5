//! A recording as text with times, for pages without a terminal.

use crate::recording::Recording;
use crate::terminal::neutral;
use serde::Serialize;

/// Moments shown on a page; the file has all of them.
const SHOWN: usize = 400;

/// What is shown of a recording.
#[derive(Debug, Serialize)]
pub struct Timeline {
    /// Where the file is, from the page.
    file: String,
    /// Seconds, with two decimals.
    seconds: String,
    moments: Vec<Shown>,
    left_out: usize,
}

#[derive(Debug, Serialize)]
struct Shown {
    /// Milliseconds since the beginning.
    at: u64,
    seconds: String,
    text: String,
}

/// The timeline of a recording that lies in `file`.
pub fn timeline(file: &str, recording: &Recording) -> Timeline {
    let moments = recording.moments.iter().take(SHOWN).map(|moment| Shown {
        at: moment.at_us / 1000,
        seconds: format!("{:.3}", moment.at_us as f64 / 1e6),
        text: plain(&moment.text),
    });
    Timeline {
        file: file.to_owned(),
        seconds: format!("{:.2}", recording.duration_ms() as f64 / 1e3),
        moments: moments.collect(),
        left_out: recording.moments.len().saturating_sub(SHOWN),
    }
}

/// Without the sequences that paint, and what else there is spelled out.
fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        shown.push_str(&rest[..at]);
        let sequence = &rest[at + 2..];
        let end = sequence.find(|c: char| c.is_ascii_alphabetic() || c == '@');
        rest = end.map_or("", |end| &sequence[end + 1..]);
    }
    shown.push_str(rest);
    neutral(&shown).into_owned()
}
