//! What discovery finds, in the words of a manifest.

use super::discover;
use super::template::with_defaults;
use super::{FindError, HOME};
use std::path::Path;

/// How a program is built and run, as a manifest says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelled {
    /// The command that builds it, if it is built.
    pub build: Option<Vec<String>>,
    /// The template of its command line.
    pub run: Vec<String>,
}

/// How `directory`'s program for `level` is built and run, as if there were no manifest.
///
/// # Errors
/// As [`super::Submission::find`].
pub fn spelled(directory: &Path, level: &str) -> Result<Spelled, FindError> {
    let found = discover::guessed(directory, level)?;
    // The interpreter is in the program's first line, and found again from there.
    let inside = found.launch.words.last().map_or("", String::as_str);
    let program = inside.strip_prefix(&format!("{HOME}/")).unwrap_or(inside);
    Ok(Spelled {
        build: found
            .build
            .map(|words| words.into_iter().map(tool).collect()),
        run: with_defaults(&[format!("./{program}")], level),
    })
}

/// A tool by its name: on another machine it is elsewhere.
fn tool(word: String) -> String {
    match Path::new(&word).file_name() {
        Some(name) if word.starts_with('/') => name.to_string_lossy().into_owned(),
        _ => word,
    }
}
