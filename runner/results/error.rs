//! What can be wrong with results that are kept.

use std::io;
use std::path::PathBuf;

/// Why results cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// They cannot be read.
    #[error("failed to read the results in {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The errno.
        source: io::Error,
    },
    /// They cannot be written.
    #[error("failed to write the results to {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The errno.
        source: io::Error,
    },
    /// A line means nothing. A torn last line is no error.
    #[error("{}:{line}: {why}; remove the line, or take a copy that is whole", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// 1-based.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// There is nothing in it that a run wrote.
    #[error("{} holds no results: `rdgrade grade LEVELS --results FILE` and `--report json=FILE` write some", .0.display())]
    Nothing(PathBuf),
    /// Another rdgrade appends to them.
    #[error("{} is in use by another rdgrade: wait for it, or keep these results in another file", .0.display())]
    InUse(PathBuf),
    /// The run that is to be resumed is about something else.
    #[error(
        "{} was begun with {what}: resume it with those, or leave --resume out (what is the same is not graded again)",
        path.display()
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// What is different: `other levels`.
        what: String,
    },
}
