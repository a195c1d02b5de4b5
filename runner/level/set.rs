//! The levels there are: those in the binary, or those of a directory.

use super::{LoadedLevel, parse};
use crate::document::Diagnostics;
use std::path::{Path, PathBuf};

include!(concat!(env!("OUT_DIR"), "/levels.rs"));

/// Levels in the order of their ids, each id once.
#[derive(Debug, Clone)]
pub struct LevelSet {
    levels: Vec<LoadedLevel>,
}

/// Why there are no levels.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The directory or a file in it could not be read.
    #[error("failed to read {}: {source}", path.display())]
    Io {
        /// What was read.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The directory holds no `*.yaml`.
    #[error("no level file (*.yaml) in {}", .0.display())]
    Empty(PathBuf),
    /// Files with mistakes: each file's, in order.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))]
    Mistakes(Vec<Diagnostics>),
    /// Two files hold the same level.
    #[error("{first} and {second} both hold `{level}`: give one of them another name")]
    Twice {
        /// The id.
        level: String,
        /// The file met first.
        first: String,
        /// The other one.
        second: String,
    },
}

impl LevelSet {
    /// The levels in the binary.
    ///
    /// # Errors
    /// A mistake in them: a test of ours keeps it from being released.
    pub fn embedded() -> Result<LevelSet, SetError> {
        let files = EMBEDDED
            .iter()
            .map(|(name, text)| (format!("levels/{name}"), text.as_bytes()));
        LevelSet::collect(files)
    }

    /// Every `*.yaml` in `dir`, instead of those in the binary.
    ///
    /// # Errors
    /// Files that cannot be read, and every mistake of every file.
    pub fn load(dir: &Path) -> Result<LevelSet, SetError> {
        let io = |path: &Path| {
            let path = path.to_path_buf();
            move |source| SetError::Io { path, source }
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(io(dir))? {
            let path = entry.map_err(io(dir))?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                paths.push(path);
            }
        }
        paths.sort();
        if paths.is_empty() {
            return Err(SetError::Empty(dir.into()));
        }
        let mut files = Vec::new();
        for path in paths {
            let bytes = crate::document::file(&path).map_err(io(&path))?;
            files.push((path.display().to_string(), bytes));
        }
        LevelSet::collect(files)
    }

    fn collect(
        files: impl IntoIterator<Item = (String, impl AsRef<[u8]>)>,
    ) -> Result<LevelSet, SetError> {
        let mut levels: Vec<LoadedLevel> = Vec::new();
        let mut mistakes = Vec::new();
        for (name, bytes) in files {
            match parse(&name, bytes.as_ref()) {
                Ok(level) => levels.push(level),
                Err(found) => mistakes.push(found),
            }
        }
        if !mistakes.is_empty() {
            return Err(SetError::Mistakes(mistakes));
        }
        levels.sort_by(|a, b| a.level.level.cmp(&b.level.level));
        for (first, second) in levels.iter().zip(levels.iter().skip(1)) {
            if first.level.level == second.level.level {
                return Err(SetError::Twice {
                    level: first.level.level.clone(),
                    first: first.file.clone(),
                    second: second.file.clone(),
                });
            }
        }
        Ok(LevelSet { levels })
    }

    /// The levels, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, LoadedLevel> {
        self.levels.iter()
    }

    /// The level of that id.
    pub fn get(&self, id: &str) -> Option<&LoadedLevel> {
        self.levels.iter().find(|loaded| loaded.level.level == id)
    }
}
