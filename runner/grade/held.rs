//! Reports in the order of the submissions, whichever was graded first. Those that wait for an earlier one wait on the disk.

use crate::event::SubmissionReport;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// So many may wait in memory; a few always do when checks are played side by side.
const IN_MEMORY: usize = 4;

/// Holds reports back until all before them have come.
#[derive(Debug, Default)]
pub(super) struct Held {
    next: usize,
    near: BTreeMap<usize, SubmissionReport>,
    far: BTreeMap<usize, (u64, usize)>,
    /// A file without a name, made when it is first needed.
    file: Option<File>,
    end: u64,
}

impl Held {
    /// Takes the report of submission `index`.
    pub fn push(&mut self, index: usize, report: SubmissionReport) -> io::Result<()> {
        if index == self.next || self.near.len() < IN_MEMORY {
            self.near.insert(index, report);
            return Ok(());
        }
        let bytes = serde_json::to_vec(&report)?;
        let file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile()?,
        };
        let written = file.write_all_at(&bytes, self.end);
        self.file = Some(file);
        written?;
        self.far.insert(index, (self.end, bytes.len()));
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// The report whose turn it is, if it has come.
    pub fn pop(&mut self) -> io::Result<Option<(usize, SubmissionReport)>> {
        let index = self.next;
        let report = match (
            self.near.remove(&index),
            self.far.remove(&index),
            &self.file,
        ) {
            (Some(report), ..) => report,
            (None, Some((offset, length)), Some(file)) => {
                let mut bytes = vec![0; length];
                file.read_exact_at(&mut bytes, offset)?;
                serde_json::from_slice(&bytes)?
            }
            _ => return Ok(None),
        };
        if self.far.is_empty() {
            self.end = 0;
        }
        self.next += 1;
        Ok(Some((index, report)))
    }
}
