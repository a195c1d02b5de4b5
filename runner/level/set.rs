//! The levels there are: those in the binary, or those of a directory.

use super::embedded::Embedded;
use super::{LoadedLevel, parse};
use crate::document::Diagnostics;
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Levels in the order of their ids, each id once.
#[derive(Debug, Clone)]
pub struct LevelSet {
    levels: Vec<Held>,
}

#[derive(Debug, Clone)]
enum Held {
    /// One of the binary is read when it is first asked for: grading one must not cost the reading of all.
    Embedded(&'static Embedded, OnceCell<Rc<LoadedLevel>>),
    Read(Rc<LoadedLevel>),
}

impl Held {
    fn id(&self) -> &str {
        match self {
            Held::Embedded(embedded, _) => embedded.id(),
            Held::Read(level) => &level.level.level,
        }
    }

    fn level(&self) -> &Rc<LoadedLevel> {
        match self {
            Held::Embedded(embedded, read) => read.get_or_init(|| Rc::new(embedded.read())),
            Held::Read(level) => level,
        }
    }
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
    /// None; those of a directory have some, and both are used alike. A mistake in them is found by a test of ours, and so
    /// is a file that is not named after its level.
    pub fn embedded() -> Result<LevelSet, SetError> {
        let levels = Embedded::all()
            .iter()
            .map(|embedded| Held::Embedded(embedded, OnceCell::new()));
        Ok(LevelSet {
            levels: levels.collect(),
        })
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
        let levels = levels
            .into_iter()
            .map(|level| Held::Read(Rc::new(level)))
            .collect();
        Ok(LevelSet { levels })
    }

    /// The levels, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &LoadedLevel> {
        self.levels.iter().map(|held| &**held.level())
    }

    /// Their ids, in order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.levels.iter().map(Held::id)
    }

    /// The level at this place of the order.
    pub(super) fn at(&self, place: usize) -> Option<&Rc<LoadedLevel>> {
        self.levels.get(place).map(Held::level)
    }

    /// The level of that id.
    pub fn get(&self, id: &str) -> Option<&LoadedLevel> {
        let held = self.levels.iter().find(|held| held.id() == id);
        held.map(|held| &**held.level())
    }
}
