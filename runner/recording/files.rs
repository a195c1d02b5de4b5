//! `--record DIR`: a file for each check.

use super::{Recording, file_name};
use crate::event::Event;
use crate::report::Reporter;
use crate::terminal::one_line;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// Writes each recording as it comes: `level01-sees-the-image.cast`, in a directory of its own for each submission where there
/// are several.
pub struct Files {
    folder: PathBuf,
    several: bool,
    names: BTreeMap<usize, String>,
}

impl Files {
    /// Recordings below `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Files {
            folder,
            several: false,
            names: BTreeMap::new(),
        })
    }

    fn write(&self, submission: usize, name: &str, recording: &Recording) -> io::Result<()> {
        let mut folder = self.folder.clone();
        if self.several {
            folder.push(self.names.get(&submission).map_or("", String::as_str));
            fs::create_dir_all(&folder)?;
        }
        let mut output = BufWriter::new(File::create(folder.join(name))?);
        recording.write(&mut output)?;
        output.flush()
    }
}

impl Reporter for Files {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted { submissions, .. } => {
                self.several = *submissions > 1;
                Ok(())
            }
            Event::SubmissionStarted { submission, name } => {
                self.names.insert(*submission, directory(*submission, name));
                Ok(())
            }
            Event::CheckFinished {
                submission,
                level,
                result,
                recording: Some(recording),
            } => self.write(*submission, &file_name(level, &result.id), recording),
            Event::SubmissionFinished { submission, .. } => {
                self.names.remove(submission);
                Ok(())
            }
            Event::CheckFinished { .. } | Event::CheckTimed { .. } | Event::RunFinished => Ok(()),
        }
    }
}

/// `0001-alice_rd.py`: unique by its number, and with nothing in it that a file system or a shell minds.
fn directory(submission: usize, name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') {
            c
        } else {
            '_'
        }
    };
    let name: String = one_line(name).chars().rev().take(60).map(plain).collect();
    let name: String = name.chars().rev().collect();
    format!(
        "{:04}-{}",
        submission + 1,
        name.trim_matches(['.', '_', '/'])
    )
}
