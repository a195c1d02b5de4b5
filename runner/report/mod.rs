//! Reports: what becomes of events. A new kind is a file of its own and its line in [`KINDS`].

use crate::event::Event;
use crate::page::Paint;
use std::path::PathBuf;
use std::{fmt, io};

pub mod again;
pub mod check50;
pub mod classroom;
pub mod classroom50;
pub mod codequality;
pub mod csv;
pub mod ctrf;
mod destination;
mod each;
mod environment;
mod fence;
mod file;
pub mod github;
pub mod gradescope;
pub mod html;
pub mod human;
pub mod json;
pub mod junit;
mod log;
pub mod markdown;
mod one_by_one;
mod order;
mod pace;
mod progress;
mod reporters;
mod tame;
pub mod tap;
mod timings;
mod told;

pub use again::Again;
pub use destination::{Destination, OpenError};
pub use environment::Environment;
pub(crate) use file::ReportFile;
pub use log::Log;
pub use progress::Progress;
pub use reporters::{Reporters, WriteError};
pub use timings::TimeTable;

/// The kinds of report, by the name they have in `--report KIND`.
pub const KINDS: &[Kind] = &[
    human::KIND,
    json::KIND,
    csv::KIND,
    junit::KIND,
    tap::KIND,
    ctrf::KIND,
    gradescope::KIND,
    classroom50::KIND,
    classroom::KIND,
    check50::KIND,
    github::KIND,
    markdown::KIND,
    codequality::KIND,
    html::KIND,
];

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

/// What a reporter is opened with.
pub struct Opening {
    /// Where the report is written to.
    pub output: Output,
    /// The file behind `output`; absent where it is standard output. What a kind writes besides goes beside it.
    pub file: Option<PathBuf>,
    /// How it is to look.
    pub look: Look,
    /// The environment variables, for kinds that are read by a system that tells what it wants in them.
    pub environment: Environment,
}

/// How many submissions one file of a kind holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Any number.
    Several,
    /// One: several submissions go to a directory, a file each, whose names end in this.
    One {
        /// Without the dot.
        extension: &'static str,
    },
    /// Any number, and it is no file: the kind writes a directory of them, wherever it is.
    Folder,
}

/// A kind of report.
pub struct Kind {
    /// Its name in `--report`.
    pub name: &'static str,
    /// What it is, a few words.
    pub about: &'static str,
    /// How many submissions a file holds.
    pub holds: Holds,
    /// Opens a reporter of this kind; an error says what is missing, before anything is graded.
    pub open: fn(Opening) -> io::Result<Box<dyn Reporter>>,
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
