//! Recordings: what a terminal showed while a check was played, and when.
//!
//! Not part of a report and never read for a verdict: something to watch. Times are real; what is kept of the stream is what
//! [`tame`](stream::tame) leaves of it.

mod cast;
mod files;
mod stream;
mod tape;

pub use files::Files;
pub use tape::Tape;

use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};

/// A finished recording.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// Columns of the terminal.
    pub columns: u16,
    /// Its rows.
    pub rows: u16,
    /// What appeared, in order.
    pub moments: Vec<Moment>,
}

/// Something that appeared on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Microseconds since the check began.
    pub at_us: u64,
    /// Text with the harmless control sequences of a terminal in it.
    pub text: String,
}

/// Whether recordings are made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Record {
    /// They are not.
    #[default]
    Off,
    /// They are.
    On,
}

impl Recording {
    /// Reads what [`Recording::write`] has written, and no more of asciicast v2 than that.
    ///
    /// # Errors
    /// Those of the reader, and when it is something else.
    pub fn read(input: impl BufRead) -> io::Result<Self> {
        cast::read(input)
    }

    /// Writes it as asciicast v2.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, output: &mut dyn Write) -> io::Result<()> {
        cast::write(self, output)
    }

    /// How long it is, in milliseconds.
    pub fn duration_ms(&self) -> u64 {
        self.moments.last().map_or(0, |last| last.at_us / 1000)
    }
}

/// `level01-sees-the-image.cast`: names come from level files, which anybody may write.
pub fn file_name(level: &str, check: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let name: String = format!("{level}-{check}")
        .chars()
        .map(plain)
        .take(120)
        .collect();
    format!("{name}.cast")
}
