//! Who is graded: a program, and whose it is.

use crate::event::Student;
use std::path::PathBuf;

/// What is graded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// The program of this file or directory.
    At(PathBuf),
    /// What a git repository of this machine holds at a revision.
    Revision {
        /// The repository.
        repository: PathBuf,
        /// A commit, tag or branch.
        revision: String,
    },
    /// The reference container, each level with its own step.
    Reference,
}

impl Program {
    /// Its name on reports.
    pub fn name(&self) -> String {
        match self {
            Program::At(path) => path.display().to_string(),
            Program::Revision {
                repository,
                revision,
            } => format!("{}@{revision}", repository.display()),
            Program::Reference => "--reference".to_owned(),
        }
    }
}

/// A program, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// The program.
    pub program: Program,
    /// Whose it is; `None` where no roster says so. A large class given without one has nothing to keep there.
    pub student: Option<Box<Student>>,
}

impl Entrant {
    /// What results are filed under: the student's id, or the program's name where there is no roster.
    pub fn id(&self) -> String {
        match &self.student {
            Some(student) => student.id.clone(),
            None => self.program.name(),
        }
    }
}

impl From<Program> for Entrant {
    fn from(program: Program) -> Self {
        Entrant {
            program,
            student: None,
        }
    }
}
