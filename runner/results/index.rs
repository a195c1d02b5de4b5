//! What is in a file of results, and where; the results themselves stay on the disk.

use super::line::{Lines, Place, at};
use super::{CheckRecord, Entry, Header, HeaderLevel, Record, ResultsError};
use crate::event::{self, SubmissionReport};
use checks::cohort::Partition;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A file of results: those of a run, or a JSON report.
#[derive(Debug)]
pub struct Results {
    path: PathBuf,
    file: Rc<File>,
    /// What the run is about.
    pub header: Header,
    reports: BTreeMap<String, Place>,
    checks: BTreeMap<(String, String, String), Place>,
    /// Where a torn last line begins, or the file ends.
    pub(super) end: u64,
}

/// A submission of the run, and whether it is graded in the part the run is about.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Its place in the roster, 0-based.
    pub position: usize,
    /// The submission.
    pub entry: &'a Entry,
}

impl Results {
    /// Opens the file at `path`, results or the lines of a JSON report.
    ///
    /// # Errors
    /// When it cannot be read, a line of it means nothing, or it is empty.
    pub fn open(path: &Path) -> Result<Results, ResultsError> {
        let file = File::open(path).map_err(|source| ResultsError::Read {
            path: path.to_owned(),
            source,
        })?;
        Results::read(Rc::new(file), path)?.ok_or_else(|| ResultsError::Nothing(path.to_owned()))
    }

    /// Reads an open file; `None` if not even its first line is complete.
    pub(super) fn read(file: Rc<File>, path: &Path) -> Result<Option<Results>, ResultsError> {
        let mut results = Results {
            path: path.to_owned(),
            file: file.clone(),
            header: Header::default(),
            reports: BTreeMap::new(),
            checks: BTreeMap::new(),
            end: 0,
        };
        let mut lines = Lines::new(&file);
        let mut kind = None;
        let mut number = 0;
        while let Some((place, line)) = lines.next().map_err(results.unread())? {
            number += 1;
            let wrong = |why: String| ResultsError::Line {
                path: path.to_owned(),
                line: number,
                why,
            };
            let kind = *kind.get_or_insert_with(|| Contents::of(&line));
            results.take(kind, number, place, &line).map_err(wrong)?;
        }
        results.end = lines.end();
        Ok(kind.map(|_| results))
    }

    fn take(
        &mut self,
        kind: Contents,
        number: usize,
        place: Place,
        line: &[u8],
    ) -> Result<(), String> {
        let json = |error: serde_json::Error| format!("this line is no result of rdgrade: {error}");
        if kind == Contents::Reports {
            let report: SubmissionReport = serde_json::from_slice(line).map_err(json)?;
            if report.schema != event::SCHEMA {
                return Err(format!("its schema is not {}", event::SCHEMA));
            }
            self.adopt(&report);
            self.reports.insert(report.id().to_owned(), place);
            return Ok(());
        }
        match serde_json::from_slice(line).map_err(json)? {
            Record::Run(header) if number == 1 => {
                if header.schema != super::SCHEMA {
                    return Err(format!("its schema is not {}", super::SCHEMA));
                }
                self.header = *header;
            }
            Record::Run(_) => return Err("a second run begins here".to_owned()),
            _ if number == 1 => {
                return Err("the first line does not say what the run is about".to_owned());
            }
            Record::Check(check) => {
                let CheckRecord {
                    id, level, result, ..
                } = *check;
                self.checks.insert((id, level, result.id), place);
            }
            Record::Report(report) => {
                self.reports.insert(report.id().to_owned(), place);
            }
        }
        Ok(())
    }

    /// A JSON report has no header: what it is about is gathered from its lines.
    fn adopt(&mut self, report: &SubmissionReport) {
        let header = &mut self.header;
        header.tool.clone_from(&report.tool);
        header.seed = report.seed;
        header.isolation.clone_from(&report.isolation);
        if !self.reports.contains_key(report.id()) {
            header.submissions.push(Entry {
                id: report.id().to_owned(),
                name: report.student.as_ref().map(|student| student.name.clone()),
                submission: report.submission.clone(),
            });
        }
        for level in &report.levels {
            if header.levels.iter().any(|known| known.level == level.level) {
                continue;
            }
            header.levels.push(HeaderLevel {
                level: level.level.clone(),
                digest: report
                    .digests
                    .levels
                    .get(&level.level)
                    .cloned()
                    .unwrap_or_default(),
                checks: level.checks.iter().map(|check| check.id.clone()).collect(),
            });
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The submissions the run is about, in the order of the roster: those of its part.
    pub fn expected(&self) -> impl Iterator<Item = Expected<'_>> {
        let parts = parts(&self.header.partitions);
        let entries = self.header.submissions.iter().enumerate();
        entries
            .filter(move |(position, entry)| {
                parts.is_empty() || parts.iter().any(|part| part.holds(*position, &entry.id))
            })
            .map(|(position, entry)| Expected { position, entry })
    }

    /// Whether every submission has its report.
    pub fn is_complete(&self) -> bool {
        self.expected()
            .all(|expected| self.reports.contains_key(&expected.entry.id))
    }

    /// How many submissions have their report.
    pub fn done(&self) -> usize {
        self.expected()
            .filter(|expected| self.reports.contains_key(&expected.entry.id))
            .count()
    }

    /// The report of a submission, the last one written.
    ///
    /// # Errors
    /// When the file can no longer be read.
    pub fn report(&self, id: &str) -> Result<Option<SubmissionReport>, ResultsError> {
        let Some(place) = self.reports.get(id) else {
            return Ok(None);
        };
        let bytes = at(&self.file, *place).map_err(self.unread())?;
        let plain = || serde_json::from_slice(&bytes);
        let report = match serde_json::from_slice(&bytes) {
            Ok(Record::Report(report)) => *report,
            _ => plain().map_err(|error| self.unread()(error.into()))?,
        };
        Ok(Some(report))
    }

    /// The result of a check, the last one written.
    ///
    /// # Errors
    /// When the file can no longer be read.
    pub fn check(
        &self,
        id: &str,
        level: &str,
        check: &str,
    ) -> Result<Option<CheckRecord>, ResultsError> {
        let key = (id.to_owned(), level.to_owned(), check.to_owned());
        let Some(place) = self.checks.get(&key) else {
            return Ok(None);
        };
        let bytes = at(&self.file, *place).map_err(self.unread())?;
        match serde_json::from_slice(&bytes).map_err(|error| self.unread()(error.into()))? {
            Record::Check(check) => Ok(Some(*check)),
            Record::Run(_) | Record::Report(_) => Ok(None),
        }
    }

    fn unread(&self) -> impl Fn(io::Error) -> ResultsError + use<> {
        let path = self.path.clone();
        move |source| ResultsError::Read {
            path: path.clone(),
            source,
        }
    }
}

/// What the lines of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contents {
    /// Records of a run.
    Records,
    /// A JSON report.
    Reports,
}

impl Contents {
    fn of(first: &[u8]) -> Contents {
        #[derive(serde::Deserialize)]
        struct Schema {
            schema: String,
        }
        match serde_json::from_slice::<Schema>(first) {
            Ok(Schema { schema }) if schema == event::SCHEMA => Contents::Reports,
            _ => Contents::Records,
        }
    }
}

/// The parts that are written in a header; what is no partition is none.
pub(super) fn parts(written: &[String]) -> Vec<Partition> {
    let unique: HashSet<&String> = written.iter().collect();
    let mut parts: Vec<Partition> = unique
        .into_iter()
        .filter_map(|part| part.parse().ok())
        .collect();
    parts.sort_unstable();
    parts
}
