//! A directory of reports, a file for each submission: for formats that know only one.

use super::file::ReportFile;
use super::tame::tame;
use super::{Environment, Holds, Kind, Look, Opening, Reporter};
use crate::event::{Event, SubmissionReport};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// Bytes of a file's name at most, `-2` and extension excepted (NAME_MAX is 255).
const NAME: usize = 200;

/// Writes each submission's report to a file of its own, as soon as it is finished.
pub struct Each {
    kind: &'static Kind,
    extension: &'static str,
    folder: PathBuf,
    look: Look,
    environment: Environment,
    started: Option<Event>,
    taken: BTreeSet<String>,
}

impl Each {
    /// A reporter, if the kind's files hold one submission and `path` is a directory: one that is there, or one
    /// that is asked for by a `/` at the end and made.
    pub fn new(
        kind: &'static Kind,
        path: &Path,
        look: &Look,
        environment: &Environment,
    ) -> Option<io::Result<Self>> {
        let Holds::One { extension } = kind.holds else {
            return None;
        };
        let asked_for = path.as_os_str().as_encoded_bytes().ends_with(b"/");
        if !asked_for && !path.is_dir() {
            return None;
        }
        Some(fs::create_dir_all(path).map(|()| Each {
            kind,
            extension,
            folder: path.to_owned(),
            look: look.clone(),
            environment: environment.clone(),
            started: None,
            taken: BTreeSet::new(),
        }))
    }

    fn write(&mut self, report: &SubmissionReport) -> io::Result<()> {
        let name = self.name(report);
        let path = self.folder.join(name);
        let file = ReportFile::create(&path)?;
        let mut reporter = (self.kind.open)(Opening {
            output: Box::new(BufWriter::new(file.writer()?)),
            file: Some(path),
            look: self.look.clone(),
            environment: self.environment.clone(),
        })?;
        if let Some(started) = &self.started {
            reporter.event(started)?;
        }
        reporter.event(&Event::SubmissionFinished {
            submission: 0,
            report: Box::new(report.clone()),
        })?;
        reporter.event(&Event::RunFinished)?;
        file.commit()
    }

    /// `alice_rd.py.json`: the student's id, else the submission, in letters that no file system and no shell minds.
    fn name(&mut self, report: &SubmissionReport) -> String {
        let report = tame(report.clone());
        let id = report
            .student
            .map_or(report.submission, |student| student.id);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+');
        let name: String = id
            .trim_start_matches(['.', '/', '-'])
            .trim_end_matches('/')
            .chars()
            .map(|c| if plain(c) { c } else { '_' })
            .take(NAME)
            .collect();
        let name = if name.is_empty() {
            "submission".to_owned()
        } else {
            name
        };
        // Two names may have become one.
        let with = |more: String| format!("{name}{more}.{}", self.extension);
        let free = (1..)
            .map(|n| {
                with(if n == 1 {
                    String::new()
                } else {
                    format!("-{n}")
                })
            })
            .find(|name| !self.taken.contains(name))
            .unwrap_or_default();
        self.taken.insert(free.clone());
        free
    }
}

impl Reporter for Each {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted {
                seed,
                isolation,
                checks,
                ..
            } => {
                self.started = Some(Event::RunStarted {
                    seed: *seed,
                    isolation: isolation.clone(),
                    submissions: 1,
                    checks: *checks,
                });
                Ok(())
            }
            Event::SubmissionFinished { report, .. } => self.write(report),
            Event::SubmissionStarted { .. }
            | Event::CheckTimed { .. }
            | Event::CheckFinished { .. }
            | Event::RunFinished => Ok(()),
        }
    }
}
