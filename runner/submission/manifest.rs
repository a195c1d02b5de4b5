//! `rdgrade.yaml`: how a submission is built and run, where that cannot be guessed.

use super::FindError;
use super::template::Template;
use crate::document::{Diagnostics, Document};
use checks::lint::{PathPart, Problem};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The manifest's name.
pub(super) const NAME: &str = "rdgrade.yaml";

/// How a submission is built and run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "the keys of a manifest")]
pub struct ManifestFile {
    /// Run once before grading, in the submission's directory.
    pub build: Option<Vec<String>>,
    /// How the program is run: words with `{images} {containers} {image} {options} {command}`.
    pub run: Option<Vec<String>>,
    /// How options are spelled there: `memory: --mem` or `memory: "--mem={value}"`.
    pub options: Option<Spellings>,
    /// By level, what is different there: `level03: {run: [...]}`.
    pub levels: Option<BTreeMap<String, Overrides>>,
}

/// What is different at one level.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "the keys build, run, options")]
pub struct Overrides {
    /// Instead of the manifest's.
    pub build: Option<Vec<String>>,
    /// Instead of the manifest's.
    pub run: Option<Vec<String>>,
    /// Beside the manifest's.
    pub options: Option<Spellings>,
}

/// Spellings of options, by their names in level files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "spellings of options"
)]
pub struct Spellings {
    /// Of `--memory`.
    pub memory: Option<String>,
    /// Of `--memory-swap`.
    pub memory_swap: Option<String>,
    /// Of `--cpu-shares`.
    pub cpu_shares: Option<String>,
    /// Of `--user`.
    pub user: Option<String>,
}

impl Spellings {
    fn named(self) -> impl Iterator<Item = (String, String)> {
        let all = [
            ("memory", self.memory),
            ("memory-swap", self.memory_swap),
            ("cpu-shares", self.cpu_shares),
            ("user", self.user),
        ];
        all.into_iter()
            .filter_map(|(name, spelling)| Some((name.into(), spelling?)))
    }
}

/// A manifest as it holds for one level.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    pub build: Option<Vec<String>>,
    pub run: Option<Vec<String>>,
    pub options: BTreeMap<String, String>,
}

/// The manifest in `directory`, if there is one.
pub(crate) fn load(directory: &Path, level: &str) -> Result<Option<Manifest>, FindError> {
    let path = directory.join(NAME);
    let bytes = match crate::document::file(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(FindError::Path { path, source }),
    };
    let file = parse(&path.display().to_string(), &bytes).map_err(FindError::Manifest)?;
    let mut levels = file.levels.unwrap_or_default();
    let here = levels.remove(level).unwrap_or_default();
    let options = [file.options, here.options]
        .into_iter()
        .flatten()
        .flat_map(Spellings::named);
    Ok(Some(Manifest {
        build: here.build.or(file.build),
        run: here.run.or(file.run),
        options: options.collect(),
    }))
}

pub(crate) fn parse(name: &str, bytes: &[u8]) -> Result<ManifestFile, Diagnostics> {
    let document = Document::read(name, bytes)?;
    let typed = document.typed::<ManifestFile>();
    let file = &typed.value;
    let mut problems = Vec::new();
    let key = |name: &str| PathPart::Key(name.into());
    words(&[], &file.build, &file.run, &mut problems);
    for (level, overrides) in file.levels.iter().flatten() {
        let above = [key("levels"), key(level)];
        let number = level.strip_prefix("level").map(str::parse::<u8>);
        if !matches!(number, Some(Ok(_))) {
            problems.push(Problem {
                path: above.to_vec(),
                column: None,
                message: format!("`{level}` is no level"),
                remedy: "write level00 … level10".into(),
            });
        }
        words(&above, &overrides.build, &overrides.run, &mut problems);
    }
    let mut found = typed.found;
    found.extend(problems.iter().map(|problem| document.diagnostic(problem)));
    if found.is_empty() {
        Ok(typed.value)
    } else {
        Err(document.diagnostics(found))
    }
}

fn words(
    above: &[PathPart],
    build: &Option<Vec<String>>,
    run: &Option<Vec<String>>,
    problems: &mut Vec<Problem>,
) {
    let below = |name: &str, word: Option<usize>| {
        let parts = [PathPart::Key(name.into())]
            .into_iter()
            .chain(word.map(PathPart::Index));
        above.iter().cloned().chain(parts).collect()
    };
    if build.as_ref().is_some_and(Vec::is_empty) {
        problems.push(Problem {
            path: below("build", None),
            column: None,
            message: "`build` is empty".into(),
            remedy: "write the command as words, or leave the key out".into(),
        });
    }
    for mistake in run.iter().flat_map(|run| Template(run).mistakes()) {
        problems.push(Problem {
            path: below("run", mistake.word),
            column: None,
            message: mistake.message,
            remedy: mistake.remedy,
        });
    }
}
