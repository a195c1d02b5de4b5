//! The directory of the pages. Files are named by a submission's index: names that people choose are no file names.

use crate::recording::Recording;
use crate::report::file::ReportFile;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What `index.html` of an earlier report begins with: only that is replaced.
const OURS: &str = "<!doctype html>\n<!-- rdgrade: a report";
const INDEX: &str = "index.html";
const STUDENTS: &str = "students";
const RECORDINGS: &str = "recordings";

/// A directory for a report. It has an `index.html` if and only if the report is whole.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

/// `0001`: what the files of a submission are called.
pub fn stem(index: usize) -> String {
    format!("{:04}", index + 1)
}

/// A recording that was written.
#[derive(Debug)]
pub struct RecordingFile(String);

impl RecordingFile {
    /// The way to it from a student's page.
    pub fn way(&self) -> &str {
        &self.0
    }
}

impl Folder {
    /// The directory at `path`, made if it is not there. An older report in it stays as it is for the time being.
    ///
    /// # Errors
    /// When it cannot be made, or somebody else's `index.html` lies in it.
    pub fn open(path: PathBuf) -> io::Result<Self> {
        let folder = Folder { path };
        fs::create_dir_all(folder.path.join(STUDENTS))?;
        match fs::read(folder.path.join(INDEX)) {
            Ok(index) if !index.starts_with(OURS.as_bytes()) => {
                return Err(io::Error::other(format!(
                    "{} has an index.html that is no report: name another directory",
                    folder.path.display()
                )));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        // Better now than after the run: can it be written to?
        tempfile::tempfile_in(folder.path.join(STUDENTS))?;
        Ok(folder)
    }

    /// Clears away the older report.
    pub fn begin(&self) -> io::Result<()> {
        absent(fs::remove_file(self.path.join(INDEX)))?;
        remove_numbered(&self.path.join(STUDENTS), ".html", |page| {
            fs::remove_file(page)
        })?;
        remove_numbered(&self.path.join(RECORDINGS), "", |folder| {
            fs::remove_dir_all(folder)
        })
    }

    /// Writes a student's page.
    pub fn student(&self, index: usize, page: &str) -> io::Result<()> {
        let name = format!("{}.html", stem(index));
        write(&self.path.join(STUDENTS).join(name), |output| {
            output.write_all(page.as_bytes())
        })
    }

    /// Writes a recording.
    pub fn recording(
        &self,
        index: usize,
        level: &str,
        check: &str,
        recording: &Recording,
    ) -> io::Result<RecordingFile> {
        let folder = self.path.join(RECORDINGS).join(stem(index));
        fs::create_dir_all(&folder)?;
        let name = crate::recording::file_name(level, check);
        write(&folder.join(&name), |output| recording.write(output))?;
        Ok(RecordingFile(format!(
            "../{RECORDINGS}/{}/{name}",
            stem(index)
        )))
    }

    /// Reads a recording that was written.
    pub fn read(&self, file: &RecordingFile) -> io::Result<Recording> {
        let path = self.path.join(STUDENTS).join(file.way());
        Recording::read(BufReader::new(File::open(path)?))
    }

    /// Writes the class's page: from now on the report is whole.
    pub fn finish(&self, page: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        write(&self.path.join(INDEX), page)
    }
}

fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let file = ReportFile::create(path)?;
    let mut output = BufWriter::new(file.writer()?);
    content(&mut output)?;
    output.flush()?;
    drop(output);
    file.commit()
}

/// Removes what is called as a submission's files are, and nothing else: the directory is the user's.
fn remove_numbered(
    folder: &Path,
    suffix: &str,
    remove: impl Fn(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(suffix));
        if number.is_some_and(|n| n.len() >= 4 && n.bytes().all(|b| b.is_ascii_digit())) {
            absent(remove(&entry.path()))?;
        }
    }
    Ok(())
}

fn absent(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
