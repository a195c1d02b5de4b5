//! Reports: what becomes of events. A new kind is a file of its own and its line in [`KINDS`].

use crate::event::Event;
use crate::page::Paint;
use std::{fmt, io};

pub mod again;
pub mod csv;
mod destination;
mod file;
pub mod human;
pub mod json;
mod log;
mod order;
mod pace;
mod progress;

pub use again::Again;
pub use destination::{Destination, OpenError, Reporters, WriteError};
pub(crate) use file::ReportFile;
pub use log::Log;
pub use progress::Progress;

/// The kinds of report, by the name they have in `--report KIND`.
pub const KINDS: &[Kind] = &[human::KIND, json::KIND, csv::KIND];

/// A consumer of events.
pub trait Reporter: Send {
    /// Takes note of the next event. On [`Event::RunFinished`] everything must have been written and flushed.
    ///
    /// # Errors
    /// Those of the writer the reporter was opened with. After one, no further event arrives.
    fn event(&mut self, event: &Event) -> io::Result<()>;
}

/// How much a report for people tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The score, and where to start.
    Summary,
    /// Every check, failures in full.
    Failures,
    /// Transcripts too, of what passed as well.
    Everything,
}

/// How reports are to look. Kinds for machines ignore it.
#[derive(Debug, Clone)]
pub struct Look {
    /// Columns.
    pub width: usize,
    /// Colour or none.
    pub paint: Paint,
    /// How much is told.
    pub detail: Detail,
    /// How to type the command for one check.
    pub again: Again,
}

/// Where a report is written to.
pub type Output = Box<dyn io::Write + Send>;

/// A kind of report.
pub struct Kind {
    /// Its name in `--report`.
    pub name: &'static str,
    /// What it is, a few words.
    pub about: &'static str,
    /// Opens a reporter of this kind.
    pub open: fn(Output, Look) -> Box<dyn Reporter>,
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}
