//! A class: who is graded, and where their programs are.

mod checkout;
mod rule;
mod table;
mod yaml;

pub use checkout::{CheckoutError, checkout};

use crate::document::{Diagnostics, file};
use crate::event::Student;
use crate::grade::{Entrant, Program};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// One student, as the roster has them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub id: String,
    pub name: String,
    pub path: String,
    pub revision: Option<String>,
}

/// Why a roster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// It cannot be read.
    #[error("failed to read the roster {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is neither of the two formats.
    #[error("{} is neither YAML nor CSV by its name: call it .yaml, .yml or .csv", .0.display())]
    Format(PathBuf),
    /// It has mistakes.
    #[error("{0}")]
    Mistakes(Diagnostics),
}

/// Reads the roster at `path`, YAML or CSV by its name. Paths in it are relative to it.
///
/// # Errors
/// A file that cannot be read, and every mistake in it.
pub fn load(path: &Path) -> Result<Vec<Entrant>, RosterError> {
    let bytes = file(path).map_err(|source| RosterError::Read {
        path: path.to_owned(),
        source,
    })?;
    let shown = path.display().to_string();
    let rows = match path.extension().and_then(OsStr::to_str) {
        Some("yaml" | "yml") => yaml::read(&shown, &bytes),
        Some("csv") => table::read(&shown, &bytes),
        _ => return Err(RosterError::Format(path.to_owned())),
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let rows = rows.map_err(RosterError::Mistakes)?;
    Ok(rows.into_iter().map(|row| entrant(row, folder)).collect())
}

fn entrant(row: Row, folder: &Path) -> Entrant {
    let path = folder.join(&row.path);
    let program = match row.revision {
        Some(revision) => Program::Revision {
            repository: path,
            revision,
        },
        None => Program::At(path),
    };
    let name = match row.name.as_str() {
        "" => row.id.clone(),
        _ => row.name,
    };
    Entrant {
        program,
        student: Some(Box::new(Student { id: row.id, name })),
    }
}
