//! Files are laid out in a directory: all of them or none, and nobody's are replaced without being asked.

use super::{Made, Mode};
use crate::report::ReportFile;
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Laid {
    /// It was not there.
    Written,
    /// It was there, with another text.
    Replaced,
    /// It was there as it is to be.
    Unchanged,
}

/// Why nothing was laid out.
#[derive(Debug, thiserror::Error)]
pub enum LayOutError {
    /// Somebody's files are there.
    #[error(
        "failed to write {}: there already, with another text; look at it, then --force replaces it (--dry-run shows what would be written)",
        .0.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    There(Vec<PathBuf>),
    /// A file or its directory cannot be made.
    #[error("failed to write {}: {source}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Writes `files` below `folder`, which is made if it is missing. Files with another text are replaced only with `force`.
///
/// # Errors
/// See [`LayOutError`]: if anything is in the way nothing is written.
pub fn lay_out(
    folder: &Path,
    files: &[Made],
    force: Force,
) -> Result<Vec<(PathBuf, Laid)>, LayOutError> {
    let mut plan = Vec::new();
    for file in files {
        let path = folder.join(file.path);
        let laid = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Laid::Written,
            Err(source) => return Err(LayOutError::Write { path, source }),
            // What lies elsewhere is not ours to replace, and neither is a device.
            Ok(meta) if !meta.is_file() => {
                let source = io::Error::other("it is there, and no regular file");
                return Err(LayOutError::Write { path, source });
            }
            Ok(meta) => {
                let same = fs::read(&path).is_ok_and(|text| text == file.text.as_bytes());
                let executable = meta.permissions().mode() & 0o100 != 0;
                match same && executable == (file.mode == Mode::Program) {
                    true => Laid::Unchanged,
                    false => Laid::Replaced,
                }
            }
        };
        plan.push((path, laid));
    }
    let there = plan.iter().filter(|(_, laid)| *laid == Laid::Replaced);
    let there: Vec<PathBuf> = there.map(|(path, _)| path.clone()).collect();
    if !there.is_empty() && force == Force::No {
        return Err(LayOutError::There(there));
    }
    for (file, (path, laid)) in files.iter().zip(&plan) {
        if *laid != Laid::Unchanged {
            write(path, file).map_err(|source| LayOutError::Write {
                path: path.clone(),
                source,
            })?;
        }
    }
    Ok(plan)
}

/// Whether files that are there may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// They may.
    Yes,
    /// They may not.
    No,
}

fn write(path: &Path, file: &Made) -> io::Result<()> {
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        fs::create_dir_all(parent)?;
    }
    let new = ReportFile::create(path)?;
    let mut output = new.writer()?;
    output.write_all(file.text.as_bytes())?;
    if file.mode == Mode::Program {
        // Whoever may read it may execute it: the umask has had its say about the former.
        let read = output.metadata()?.permissions().mode() & 0o444;
        let mode = output.metadata()?.permissions().mode() | read >> 2;
        output.set_permissions(Permissions::from_mode(mode & 0o777))?;
    }
    new.commit()
}
