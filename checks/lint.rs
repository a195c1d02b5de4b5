//! What is wrong with a level, beyond its syntax: every mistake, each with its place and a remedy.

mod evidence;
mod patterns;
mod rules;
mod scenario;
#[cfg(test)]
mod tests;

pub use evidence::has_positive_evidence;
pub(crate) use rules::needed;

use crate::level::Level;
use alloc::{string::String, vec::Vec};

/// One step on the way from the root of a level file to a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathPart {
    /// Into a mapping.
    Key(String),
    /// Into a sequence, 0-based.
    Index(usize),
}

impl PathPart {
    pub(crate) fn key(name: &str) -> PathPart {
        PathPart::Key(String::from(name))
    }
}

/// A mistake in a level file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `checks[2].scenario[0].expect.snapshot`. It spells relations out (`expect.root.is`); where the file
    /// does not, the longest part of the path that the file has is the place. Something that is missing has
    /// the path of the mapping it should be in.
    pub path: Vec<PathPart>,
    /// Characters before the mistake within the scalar's text, newlines included, where it lies inside one.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// Collects problems below one path.
pub(crate) struct Report<'p> {
    problems: &'p mut Vec<Problem>,
    path: Vec<PathPart>,
}

impl Report<'_> {
    fn below(&mut self, parts: &[PathPart]) -> Report<'_> {
        let mut path = self.path.clone();
        path.extend_from_slice(parts);
        Report {
            problems: self.problems,
            path,
        }
    }

    fn key(&mut self, name: &str) -> Report<'_> {
        self.below(&[PathPart::key(name)])
    }

    fn item(&mut self, name: &str, index: usize) -> Report<'_> {
        self.below(&[PathPart::key(name), PathPart::Index(index)])
    }

    fn add(&mut self, message: String, remedy: &str) {
        self.push(None, message, remedy);
    }

    fn push(&mut self, column: Option<usize>, message: String, remedy: &str) {
        let (path, remedy) = (self.path.clone(), String::from(remedy));
        self.problems.push(Problem {
            path,
            column,
            message,
            remedy,
        });
    }
}

/// Every mistake in `level`, in the order of the file. None means it is sound.
pub fn lint(level: &Level) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut report = Report {
        problems: &mut problems,
        path: Vec::new(),
    };
    rules::level(level, &mut report);
    for (index, check) in level.checks.iter().enumerate() {
        let mut report = report.item("checks", index);
        rules::check(level, index, &mut report);
        scenario::scenario(check, &mut report);
        patterns::patterns(check, &mut report);
    }
    problems
}
