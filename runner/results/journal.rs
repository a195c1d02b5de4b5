//! Appending results, so that a crash or a power cut takes at most what was in flight.

use super::latest::Latest;
use super::{Header, Record, Results, ResultsError};
use crate::event::SubmissionReport;
use crate::report::{ReportFile, json};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

/// An open file of results that nobody else appends to.
///
/// The lock is one of the process (fcntl(2)): forked workers do not inherit it, so it is gone at the very moment rdgrade is,
/// however it ends, and `--resume` never has to wait.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Rc<File>,
    /// Where the next line goes.
    end: u64,
    unsynced: bool,
    latest: Latest,
}

impl Journal {
    /// Opens `path` for appending, creating it if it is not there; and what is in it already, a torn last line aside.
    ///
    /// # Errors
    /// When another process appends to it, or what it holds cannot be read.
    pub fn open(path: &Path) -> Result<(Journal, Option<Results>), ResultsError> {
        let write = written(path);
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(&write)?;
        lock(&file, path)?;
        // It may have been replaced between opening and locking it.
        let here = file.metadata().map_err(&write)?;
        let there = path.metadata().map_err(&write)?;
        if (here.dev(), here.ino()) != (there.dev(), there.ino()) {
            return Err(ResultsError::InUse(path.to_owned()));
        }
        let file = Rc::new(file);
        let results = Results::read(file.clone(), path)?;
        let end = results.as_ref().map_or(0, |results| results.end);
        file.set_len(end).map_err(&write)?;
        let journal = Journal {
            path: path.to_owned(),
            file,
            end,
            unsynced: false,
            latest: Latest::default(),
        };
        Ok((journal, results))
    }

    /// Begins a new file at the path of the one that is open.
    ///
    /// # Errors
    /// When it cannot be written. The old one is then still there.
    pub fn begin(self, header: &Header) -> Result<Journal, ResultsError> {
        let write = written(&self.path);
        let new = ReportFile::create(&self.path).map_err(&write)?;
        let mut to = io::BufWriter::new(new.writer().map_err(&write)?);
        let begun = Record::Run(Box::new(header.clone()));
        json::line(&mut to, &begun).map_err(&write)?;
        to.flush().map_err(&write)?;
        drop(to);
        new.commit_durably().map_err(&write)?;
        let path = self.path.clone();
        drop(self);
        Ok(Journal::open(&path)?.0)
    }

    /// Appends a line. It has reached the system when this returns: only a power cut can still take it, until
    /// [`Journal::sync`].
    ///
    /// # Errors
    /// When the disk is full.
    pub fn append(&mut self, record: &Record) -> Result<(), ResultsError> {
        let mut bytes = Vec::new();
        json::line(&mut bytes, record).map_err(written(&self.path))?;
        // At a known place: what an earlier failed write left behind is written over.
        self.file
            .write_all_at(&bytes, self.end)
            .map_err(written(&self.path))?;
        let length = bytes.len() as u64;
        self.latest.push(record, self.end, length, Instant::now());
        self.end += length;
        self.unsynced = true;
        Ok(())
    }

    /// Takes back what was failed shortly before now: the run was interrupted, and with it perhaps what it played.
    ///
    /// # Errors
    /// When it cannot be read or written. What was recorded before is then still there.
    pub(super) fn doubt(&mut self) -> Result<(), ResultsError> {
        let write = written(&self.path);
        let latest = self.latest.take(Instant::now());
        let Some(first) = latest.iter().find(|line| !line.stands) else {
            return Ok(());
        };
        let begins = first.begins;
        let mut kept = Vec::new();
        for line in latest
            .iter()
            .filter(|line| line.begins > begins && line.stands)
        {
            let mut bytes = vec![0; line.length as usize];
            self.file
                .read_exact_at(&mut bytes, line.begins)
                .map_err(&write)?;
            kept.extend(bytes);
        }
        // A crash in between takes a few that passed.
        self.file.set_len(begins).map_err(&write)?;
        self.file.write_all_at(&kept, begins).map_err(&write)?;
        self.end = begins + kept.len() as u64;
        self.unsynced = true;
        Ok(())
    }

    /// Has the disk keep what was appended. Called once for all results that came together.
    ///
    /// # Errors
    /// Those of fdatasync(2).
    pub fn sync(&mut self) -> Result<(), ResultsError> {
        if std::mem::take(&mut self.unsynced) {
            self.file.sync_data().map_err(written(&self.path))?;
        }
        Ok(())
    }

    /// Leaves the header and one report for each submission, in the order of the roster.
    ///
    /// # Errors
    /// When it cannot be read or written. All results are then still there.
    pub(super) fn close(mut self) -> Result<Ended, ResultsError> {
        self.sync()?;
        let Some(results) = Results::read(self.file.clone(), &self.path)? else {
            return Ok(Ended::Early);
        };
        if results.is_complete() {
            settled(
                &self.path,
                &results.header,
                results
                    .expected()
                    .map(|expected| results.report(&expected.entry.id)),
            )?;
            return Ok(Ended::Complete);
        }
        Ok(Ended::Early)
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Every submission has its report.
    Complete,
    /// There is something to resume.
    Early,
}

/// Writes a file of results that is complete.
///
/// # Errors
/// Those of the reports, and of writing.
pub(super) fn settled(
    path: &Path,
    header: &Header,
    reports: impl Iterator<Item = Result<Option<SubmissionReport>, ResultsError>>,
) -> Result<(), ResultsError> {
    let write = written(path);
    let file = ReportFile::create(path).map_err(&write)?;
    let mut to = io::BufWriter::new(file.writer().map_err(&write)?);
    json::line(&mut to, &Record::Run(Box::new(header.clone()))).map_err(&write)?;
    for report in reports {
        if let Some(report) = report? {
            json::line(&mut to, &Record::Report(Box::new(report))).map_err(&write)?;
        }
    }
    to.flush().map_err(&write)?;
    drop(to);
    file.commit_durably().map_err(&write)
}

fn lock(file: &File, path: &Path) -> Result<(), ResultsError> {
    let whole = libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    match fcntl(file, FcntlArg::F_SETLK(&whole)) {
        Ok(_) => Ok(()),
        Err(Errno::EACCES | Errno::EAGAIN) => Err(ResultsError::InUse(path.to_owned())),
        Err(errno) => Err(written(path)(errno.into())),
    }
}

fn written(path: &Path) -> impl Fn(io::Error) -> ResultsError + use<> {
    let path = path.to_owned();
    move |source| ResultsError::Write {
        path: path.clone(),
        source,
    }
}
