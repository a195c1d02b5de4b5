//! The regression suite of the workshop: grades what the fixtures hold and hands it to `checks::suite`.

use crate::fixture::{Fault, FaultId, Faults, FixtureError};
use crate::grade::{Graded, RunError, Settings, Signals, Task, grade, settle};
use crate::image::ImageStore;
use crate::level::Chosen;
use crate::submission::{CopyError, CopyKind, FindError, Submission};
use checks::report::LevelResult;
use checks::suite::{Entry, Kind};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a level could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The fixtures of a level are wrong.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
    /// A file of the fixtures cannot be read.
    #[error("failed to read {}: {source}; give the directory with --fixtures", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A program of the fixtures cannot be used.
    #[error("failed to use {}: {why}", path.display())]
    Program {
        /// The program.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// What a fault or forger speaks of cannot be used.
    #[error("{}: {what} {id}: {error}", path.display())]
    Of {
        /// The file of faults.
        path: PathBuf,
        /// `fault` or `forger`.
        what: &'static str,
        /// Its id.
        id: FaultId,
        /// Why not.
        #[source]
        error: Box<VerifyError>,
    },
    /// Grading stopped.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl VerifyError {
    /// Says whose program it is, where the error does not yet.
    fn of(self, faults: &Faults, what: &'static str, id: &FaultId) -> Self {
        match self {
            error @ (VerifyError::Read { .. } | VerifyError::Program { .. }) => VerifyError::Of {
                path: faults.path().to_path_buf(),
                what,
                id: id.clone(),
                error: Box::new(error),
            },
            error => error,
        }
    }

    fn find(path: &Path) -> impl FnOnce(FindError) -> Self {
        let path = path.to_path_buf();
        move |error| VerifyError::Program {
            path,
            why: error.to_string(),
        }
    }

    fn copy(path: &Path) -> impl FnOnce(CopyError) -> Self {
        let path = path.to_path_buf();
        move |error| VerifyError::Program {
            path,
            why: error.to_string(),
        }
    }
}

/// What verifying needs.
pub struct Suite<'a> {
    /// Directory with one folder per level.
    pub fixtures: &'a Path,
    /// The images.
    pub store: &'a ImageStore,
    /// Workers side by side.
    pub jobs: usize,
    /// Deadlines and seed.
    pub settings: Settings,
    /// Signals of this process.
    pub signals: &'a Signals,
}

impl Suite<'_> {
    /// Grades everything the fixtures hold for a level; `graded` is told the name of each program before its turn.
    ///
    /// # Errors
    /// See [`VerifyError`].
    pub fn level(
        &self,
        chosen: &Chosen,
        mut graded: impl FnMut(&str),
    ) -> Result<Vec<Entry>, VerifyError> {
        let level = &chosen.loaded.level;
        let folder = self.fixtures.join(&level.level);
        let faults = Faults::load(&folder.join("faults.yaml"))?;
        faults.name_only_checks_of(level.checks.iter().map(|check| check.id.as_str()))?;
        let mut entries = Vec::new();
        let mut add = |name: &str, kind: Kind, result: LevelResult| {
            entries.push(Entry {
                name: name.to_owned(),
                kind,
                result,
            });
        };
        graded("--reference");
        let reference =
            Submission::reference(&level.level).map_err(|source| VerifyError::Read {
                path: "/proc/self/exe".into(),
                source,
            })?;
        add(
            "--reference",
            Kind::Right,
            self.grade(reference, chosen, None)?,
        );
        for path in solved(&folder)? {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            graded(&name);
            let submission =
                Submission::find(&path, &level.level).map_err(VerifyError::find(&path))?;
            add(&name, Kind::Right, self.grade(submission, chosen, None)?);
        }
        for fault in &faults.faults {
            graded(fault.id.as_str());
            let result = self
                .fault(&folder, fault, chosen)
                .map_err(|error| error.of(&faults, "fault", &fault.id))?;
            let set = |ids: &[String]| ids.iter().cloned().collect();
            add(
                fault.id.as_str(),
                Kind::Fault {
                    fails: set(&fault.fails),
                    blocked: set(&fault.blocked),
                },
                result,
            );
        }
        for forger in &faults.forgers {
            graded(forger.id.as_str());
            let path = folder.join(&forger.program);
            let graded = Submission::find(&path, &level.level)
                .map_err(VerifyError::find(&path))
                .and_then(|submission| self.grade(submission, chosen, None))
                .map_err(|error| error.of(&faults, "forger", &forger.id))?;
            let earns = forger.earns.iter().cloned().collect();
            add(forger.id.as_str(), Kind::Forger { earns }, graded);
        }
        Ok(entries)
    }

    fn fault(
        &self,
        folder: &Path,
        fault: &Fault,
        chosen: &Chosen,
    ) -> Result<LevelResult, VerifyError> {
        let path = folder.join(&fault.program);
        let source = fs::read_to_string(&path).map_err(|source| VerifyError::Read {
            path: path.clone(),
            source,
        })?;
        let faulty = fault.apply(&source)?;
        let submission = Submission::find(&path, &chosen.loaded.level.level)
            .map_err(VerifyError::find(&path))?;
        self.grade(submission, chosen, Some((&path, faulty)))
    }

    /// Grades a program; `edited` puts another text in the place of one of its files.
    fn grade(
        &self,
        submission: Submission,
        chosen: &Chosen,
        edited: Option<(&Path, String)>,
    ) -> Result<LevelResult, VerifyError> {
        let mut copied = submission
            .copied()
            .map_err(VerifyError::copy(Path::new(&submission.name)))?;
        if let Some((path, text)) = edited {
            let real = |path: &Path| path.canonicalize().ok();
            let whole = real(path);
            let file = copied
                .iter_mut()
                .find(|entry| real(&entry.from) == whole)
                .map(|entry| &mut entry.kind);
            // A fault that is not in the program proves nothing.
            let Some(kind @ CopyKind::File { .. }) = file else {
                let why = "it is not among the files that are graded".to_owned();
                return Err(VerifyError::Program {
                    path: path.to_path_buf(),
                    why,
                });
            };
            if let CopyKind::File { mode, .. } = *kind {
                *kind = CopyKind::Text { text, mode };
            }
        }
        let chosen = [chosen.clone()];
        let task = Task::new(submission, copied, &chosen, self.store, self.settings)
            .map_err(RunError::from)?;
        let name = task.submission.name.clone();
        match grade(&task, self.jobs, self.signals, |_, _| {}).map_err(RunError::from)? {
            Graded::Results(results) => {
                settle(&task, results)
                    .pop()
                    .ok_or_else(|| VerifyError::Program {
                        path: name.into(),
                        why: "its level has no checks".to_owned(),
                    })
            }
            Graded::Not(why) => Err(VerifyError::Program {
                path: name.into(),
                why: format!("{}; {}", why.reason, why.remedy),
            }),
            Graded::Interrupted => Err(RunError::Interrupted.into()),
        }
    }
}

/// The solved programs of a level: files and directories named `solved` or `solved.*`, in their names' order.
fn solved(folder: &Path) -> Result<Vec<PathBuf>, VerifyError> {
    let read = |source| VerifyError::Read {
        path: folder.to_path_buf(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        let path = entry.map_err(read)?.path();
        if path.file_stem().is_some_and(|stem| stem == "solved") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
