//! Level files: read, checked and chosen from.

mod embedded;
mod select;
mod set;

pub use select::{Chosen, SelectError};
pub use set::{LevelSet, SetError};

use crate::document::{Diagnostics, Document};
use checks::format::LevelFile;
use checks::level::Level;
use checks::lint::{PathPart, Problem};

/// A level that holds no mistake, and the file it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedLevel {
    /// The level.
    pub level: Level,
    /// The file's name as messages show it: `levels/level01.yaml`.
    pub file: String,
    /// The file's text.
    pub source: String,
}

/// Reads a level file; `file` is the name shown in messages.
///
/// # Errors
/// Every mistake of the file, as caret diagnostics.
pub fn parse(file: &str, bytes: &[u8]) -> Result<LoadedLevel, Diagnostics> {
    let document = Document::read(file, bytes)?;
    let mut typed = document.typed::<LevelFile>();
    let (mut level, problems) = checks::format::read(std::mem::take(&mut typed.value));
    let problems: Vec<Problem> = problems
        .into_iter()
        .filter(|problem| !typed.touched(&problem.path))
        .collect();
    let consequence = |problem: &Problem| {
        // A check that was not read whole, or not at all, does not add up.
        let check = problem.path.get(..2).unwrap_or(&problem.path);
        typed.touched(check)
            || problems
                .iter()
                .any(|earlier| earlier.path.starts_with(&problem.path))
    };
    let linted: Vec<Problem> = checks::lint::lint(&level)
        .into_iter()
        .filter(|problem| !consequence(problem))
        .collect();
    let mut found = std::mem::take(&mut typed.found);
    found.extend(linted.iter().map(|problem| document.diagnostic(problem)));
    found.extend(problems.iter().map(|problem| document.diagnostic(problem)));
    if !found.is_empty() {
        return Err(document.diagnostics(found));
    }
    number_lines(&document, &mut level);
    Ok(LoadedLevel {
        level,
        file: file.into(),
        source: document.source().into(),
    })
}

fn number_lines(document: &Document, level: &mut Level) {
    for (c, check) in level.checks.iter_mut().enumerate() {
        for (s, step) in check.scenario.iter_mut().enumerate() {
            let key = |name: &str| PathPart::Key(name.into());
            let path = [
                key("checks"),
                PathPart::Index(c),
                key("scenario"),
                PathPart::Index(s),
            ];
            step.line = document.line(&path);
        }
    }
}
