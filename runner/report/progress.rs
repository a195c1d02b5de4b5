//! One line on the terminal while grading is under way.

use super::pace::Pace;
use super::{Output, Reporter};
use crate::event::Event;
use crate::terminal::one_line;
use std::io;
use std::time::Instant;
use unicode_width::UnicodeWidthChar;

/// Back to the first column, and erase to the end of the line (ECMA-48 EL).
const ERASE: &str = "\r\x1b[K";

/// Rewrites a line of progress; to be opened on a terminal only. The line is gone before a report is printed,
/// so this reporter comes before those that print.
pub struct Progress {
    output: Output,
    width: usize,
    pace: Pace,
    shown: bool,
}

impl Progress {
    /// A line of at most `width` columns on `output`.
    pub fn new(output: Output, width: usize) -> Self {
        Progress {
            output,
            width,
            pace: Pace::new(Instant::now()),
            shown: false,
        }
    }

    fn line(&self, what: &str) -> String {
        let Pace { done, total, .. } = &self.pace;
        let pace = self.pace.words(Instant::now());
        format!("{done} of {total} checks{pace} · {what}")
    }

    fn erase(&mut self) -> io::Result<()> {
        if self.shown { self.show("") } else { Ok(()) }
    }

    fn show(&mut self, text: &str) -> io::Result<()> {
        // A line that wraps cannot be erased again.
        let mut room = self.width.saturating_sub(1);
        let fits = |c: &char| {
            let left = room.checked_sub(c.width().unwrap_or(1));
            room = left.unwrap_or(0);
            left.is_some()
        };
        let text: String = text.chars().take_while(fits).collect();
        self.shown = !text.is_empty();
        write!(self.output, "{ERASE}{text}")?;
        self.output.flush()
    }
}

impl Reporter for Progress {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted {
                submissions,
                checks,
                ..
            } => {
                self.pace.expect(*submissions, *checks);
                Ok(())
            }
            Event::SubmissionStarted { name, .. } => {
                let line = self.line(&one_line(name));
                self.show(&line)
            }
            Event::CheckFinished {
                submission,
                level,
                result,
                ..
            } => {
                self.pace.step(*submission);
                let line = self.line(&one_line(&format!("{level}/{}", result.id)));
                self.show(&line)
            }
            Event::CheckTimed { .. } => Ok(()),
            Event::SubmissionFinished { submission, .. } => {
                self.pace.finish(*submission);
                self.erase()
            }
            Event::RunFinished => self.erase(),
        }
    }
}

impl Drop for Progress {
    /// A run that stops early leaves no line behind, either.
    fn drop(&mut self) {
        let _ = self.erase();
    }
}
