//! What of a submission is copied into the jail.

use super::Source;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A copy lies in memory, once per check.
const MAX_BYTES: u64 = 64 << 20;
const MAX_ENTRIES: usize = 20_000;
/// Deeper trees come from accidents: a link that was copied into itself, a build tool gone wild.
const MAX_DEPTH: usize = 64;

/// Version control, build results, caches, and environments that are visible where they are.
const LEFT_OUT: [&str; 14] = [
    ".git",
    ".hg",
    ".svn",
    ".jj",
    "target",
    "node_modules",
    "__pycache__",
    ".venv",
    "venv",
    ".tox",
    ".mypy_cache",
    ".pytest_cache",
    ".idea",
    ".vscode",
];

/// Something to copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyEntry {
    /// On the host.
    pub from: PathBuf,
    /// Below the submission's directory in the jail.
    pub to: PathBuf,
    /// What it is.
    pub kind: CopyKind,
}

/// Kinds of entries. Sockets, pipes and devices are not copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CopyKind {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// Size in bytes.
        bytes: u64,
        /// 0755 if anybody may execute it, else 0644: the jail's root is nobody outside, and must be able to read.
        mode: u32,
    },
    /// This text, in the place of what is on the host.
    Text {
        /// The content.
        text: String,
        /// As of a file.
        mode: u32,
    },
    /// A symbolic link and where it points.
    Link(PathBuf),
}

/// Why a submission cannot be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// It cannot be read.
    #[error("failed to read {}: {source}", path.display())]
    Io {
        /// What was read.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A link that leads out of its directory: whoever planted it does not get to choose what root reads.
    #[error("{} is a link to {}, outside its directory; put the file itself there", link.display(), target.display())]
    Outside {
        /// The link.
        link: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// It is too large.
    #[error(
        "{} holds more than {} MiB, most of it {} ({} MiB); move that elsewhere",
        directory.display(), MAX_BYTES >> 20, largest.display(), largest_bytes >> 20
    )]
    TooLarge {
        /// The submission.
        directory: PathBuf,
        /// Its largest file.
        largest: PathBuf,
        /// That file's size.
        largest_bytes: u64,
    },
    /// It has too many files.
    #[error("{} holds more than {MAX_ENTRIES} files, or directories nested deeper than {MAX_DEPTH}; is it the right directory?", .0.display())]
    TooMany(PathBuf),
}

/// Opens a file that was listed. It may have been replaced since: nobody but rdgrade's user chooses what is read.
///
/// # Errors
/// When it is no longer there, or a link now.
pub fn open(path: &Path) -> std::io::Result<impl Read + use<>> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)?;
    Ok(file.take(MAX_BYTES + 1))
}

pub(super) fn entries(source: &Source) -> Result<Vec<CopyEntry>, CopyError> {
    let mut walk = Walk {
        entries: Vec::new(),
        bytes: 0,
    };
    match source {
        Source::Nothing => {}
        Source::File(file) => {
            let name = PathBuf::from(file.file_name().unwrap_or_default());
            let io = |source| CopyError::Io {
                path: file.clone(),
                source,
            };
            let real = file.canonicalize().map_err(io)?;
            let parent = file
                .parent()
                .map(Path::canonicalize)
                .transpose()
                .map_err(io)?;
            let within = parent.is_some_and(|parent| real.starts_with(parent));
            if !within && crate::jail::Mechanism::RefusedLinks.is_on() {
                return Err(CopyError::Outside {
                    link: file.clone(),
                    target: real,
                });
            }
            walk.entry(real, name)?;
        }
        Source::Directory(directory) => walk.directory(directory, Path::new(""), 0)?,
    }
    if walk.bytes > MAX_BYTES {
        let sized = walk.entries.iter().filter_map(|entry| match entry.kind {
            CopyKind::File { bytes, .. } => Some((bytes, entry.from.clone())),
            _ => None,
        });
        let (largest_bytes, largest) = sized.max().unwrap_or_default();
        let directory = match source {
            Source::File(path) | Source::Directory(path) => path.clone(),
            Source::Nothing => PathBuf::new(),
        };
        return Err(CopyError::TooLarge {
            directory,
            largest,
            largest_bytes,
        });
    }
    Ok(walk.entries)
}

struct Walk {
    entries: Vec<CopyEntry>,
    bytes: u64,
}

impl Walk {
    fn directory(&mut self, from: &Path, to: &Path, depth: usize) -> Result<(), CopyError> {
        let io = |source| CopyError::Io {
            path: from.into(),
            source,
        };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(from).map_err(io)? {
            names.push(entry.map_err(io)?.file_name());
        }
        // Sorted, so that a copy is the same on every file system.
        names.sort();
        for name in names {
            if LEFT_OUT.iter().any(|left_out| name == *left_out) {
                continue;
            }
            let (below, inside) = (from.join(&name), to.join(&name));
            if self.entries.len() >= MAX_ENTRIES || depth >= MAX_DEPTH {
                return Err(CopyError::TooMany(from.into()));
            }
            if self.entry(below.clone(), inside.clone())? == Some(CopyKind::Directory) {
                self.directory(&below, &inside, depth + 1)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, from: PathBuf, to: PathBuf) -> Result<Option<CopyKind>, CopyError> {
        let io = |source| CopyError::Io {
            path: from.clone(),
            source,
        };
        let meta = from.symlink_metadata().map_err(io)?;
        let kind = if meta.is_dir() {
            CopyKind::Directory
        } else if meta.is_symlink() {
            CopyKind::Link(std::fs::read_link(&from).map_err(io)?)
        } else if meta.is_file() {
            let executable = meta.permissions().mode() & 0o111 != 0;
            self.bytes = self.bytes.saturating_add(meta.len());
            CopyKind::File {
                bytes: meta.len(),
                mode: if executable { 0o755 } else { 0o644 },
            }
        } else {
            return Ok(None);
        };
        self.entries.push(CopyEntry {
            from,
            to,
            kind: kind.clone(),
        });
        Ok(Some(kind))
    }
}
