//! A run that keeps its results: begun, resumed, or begun anew with what is known.

use super::journal::Ended;
use super::known::{Place, Source};
use super::{CheckRecord, Header, Journal, Known, Record, Results, ResultsError};
use crate::event::SubmissionReport;
use checks::cohort::Wish;
use std::fs;
use std::path::{Path, PathBuf};

/// How to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// A new run. What was graded before with the same inputs is taken.
    New,
    /// A new run that grades everything.
    Anew,
    /// Go on with the run that is there; begin one if there is none.
    Resume,
}

/// Where the results of a run are kept.
#[derive(Debug)]
pub struct Session {
    path: PathBuf,
    journal: Journal,
    /// What need not be graded again.
    pub known: Known,
    /// What the run is about.
    pub header: Header,
}

impl Session {
    /// Opens the results at `path` for a run about `header`. `seed` is the one the user named, if any: else a resumed run
    /// keeps the one it has.
    ///
    /// A run that came to its end is kept as [`older`], so that the two can be compared; one that did not, until this one does.
    ///
    /// # Errors
    /// When the file is in use or cannot be read or written; when what is to be resumed is about something else.
    pub fn open(
        path: &Path,
        mut header: Header,
        begin: Begin,
        seed: Option<u64>,
    ) -> Result<Session, ResultsError> {
        let (journal, there) = Journal::open(path)?;
        let (journal, there) = match (there, begin) {
            (None, _) => (journal.begin(&header)?, None),
            (Some(there), Begin::Resume) => {
                header.seed = seed.unwrap_or(there.header.seed);
                header.anew = there.header.anew;
                if let Some(what) = different(&there.header, &header) {
                    let path = path.to_owned();
                    return Err(ResultsError::Other { path, what });
                }
                header.isolation.clone_from(&there.header.isolation);
                (journal, Some(there))
            }
            (Some(there), _) => {
                let write = |source| ResultsError::Write {
                    path: path.to_owned(),
                    source,
                };
                let kept = match there.is_complete() {
                    true => older(path),
                    false => interrupted(path),
                };
                fs::rename(path, kept).map_err(write)?;
                (journal.begin(&header)?, None)
            }
        };
        let earlier = match header.anew {
            true => Vec::new(),
            // Whatever is wrong with one of them, this run can do without it.
            false => [interrupted(path), older(path)]
                .iter()
                .flat_map(|path| Results::open(path))
                .collect(),
        };
        let mut sources: Vec<Source> = there
            .into_iter()
            .map(|results| (results, Place::Here))
            .chain(
                earlier
                    .into_iter()
                    .map(|results| (results, Place::Elsewhere)),
            )
            .map(|(results, place)| Source { results, place })
            .collect();
        // With a longer deadline or other limits there may be another verdict.
        let conditions = |header: &Header| (header.timeout_ms, header.limits.clone());
        sources.retain(|source| conditions(&source.results.header) == conditions(&header));
        // A resumed run takes what it has itself.
        let wish = match begin {
            Begin::Anew => Wish::Anew,
            Begin::New | Begin::Resume => Wish::Known,
        };
        let known = Known {
            sources,
            wish,
            seed,
        };
        Ok(Session {
            path: path.to_owned(),
            journal,
            known,
            header,
        })
    }

    /// Keeps the result of a check.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn check(&mut self, record: CheckRecord) -> Result<(), ResultsError> {
        self.journal.append(&Record::Check(Box::new(record)))
    }

    /// Keeps the report of a submission that is complete.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn report(&mut self, report: &SubmissionReport) -> Result<(), ResultsError> {
        self.journal
            .append(&Record::Report(Box::new(report.clone())))
    }

    /// Has the disk keep what was written.
    ///
    /// # Errors
    /// Those of fdatasync(2).
    pub fn sync(&mut self) -> Result<(), ResultsError> {
        self.journal.sync()
    }

    /// Says that the run was interrupted: what was failed shortly before is to be judged again.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn interrupted(&mut self) -> Result<(), ResultsError> {
        self.journal.doubt()
    }

    /// Ends the run. If every submission has its report, nothing else is left in the file.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn close(self) -> Result<(), ResultsError> {
        if self.journal.close()? == Ended::Complete {
            // Usually there is none.
            let _ = fs::remove_file(interrupted(&self.path));
        }
        Ok(())
    }
}

/// Where the results of the run before are kept: `class.jsonl.old`.
pub fn older(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".old");
    name.into()
}

/// Where the results of a run are kept that was neither completed nor resumed: `class.jsonl.interrupted`.
fn interrupted(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".interrupted");
    name.into()
}

/// In which way two runs are about different things.
fn different(then: &Header, now: &Header) -> Option<String> {
    let differences = [
        (
            then.levels != now.levels,
            "other levels, or other level files".to_owned(),
        ),
        (
            then.submissions != now.submissions,
            "another roster".to_owned(),
        ),
        (
            then.partitions != now.partitions,
            match then.partitions.as_slice() {
                [] => "the whole roster".to_owned(),
                parts => format!("--partition {}", parts.join(" and ")),
            },
        ),
        (then.seed != now.seed, format!("--seed {}", then.seed)),
        (
            then.timeout_ms != now.timeout_ms,
            format!("--timeout {}ms", then.timeout_ms),
        ),
        (
            then.limits != now.limits,
            match then.limits.as_slice() {
                [] => "no --limit".to_owned(),
                limits => format!("--limit {}", limits.join(" --limit ")),
            },
        ),
    ];
    differences
        .into_iter()
        .find_map(|(differs, what)| differs.then_some(what))
}
