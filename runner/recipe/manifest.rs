//! `rdgrade.yaml` for a submission: what discovery finds there, spelled out, to be changed where it is wrong.

use super::{Made, Mode};
use crate::event::NotGraded;
use crate::level::LevelSet;
use crate::submission::{FindError, Spelled, spelled};
use std::path::Path;

/// The manifest of the submission in `folder`, and why nothing was found there if nothing was.
///
/// # Errors
/// A directory that cannot be read.
pub fn manifest(folder: &Path, levels: &LevelSet) -> Result<(Made, Option<NotGraded>), FindError> {
    let mut found: Vec<(&str, Spelled)> = Vec::new();
    let mut nothing = None;
    for level in levels.ids() {
        match spelled(folder, level) {
            Ok(spelled) => found.push((level, spelled)),
            Err(FindError::NotGraded(why)) => nothing = Some(why),
            Err(error) => return Err(error),
        }
    }
    if nothing.is_some() || found.is_empty() {
        found = Vec::new();
    }
    let made = Made {
        path: "rdgrade.yaml",
        text: text(&found),
        mode: Mode::Text,
    };
    Ok((made, nothing))
}

/// The comments that a reader needs, and what was found; an example where nothing was.
fn text(found: &[(&str, Spelled)]) -> String {
    let example = Spelled {
        build: None,
        run: crate::submission::template::with_defaults(&["./rd"], "level01"),
    };
    // What most levels have in common; the others say what is different there.
    let common = found
        .iter()
        .map(|(_, spelled)| spelled)
        .max_by_key(|one| found.iter().filter(|(_, other)| other == *one).count())
        .unwrap_or(&example);
    let mut text = String::from(
        "# How rdgrade builds and runs this submission. Written by `rdgrade init`.\n\n",
    );
    if found.is_empty() {
        text.push_str(
            "# Nothing was found here that rdgrade knows: say how your program is run.\n",
        );
    }
    text.push_str("# Run once, in this directory, without a network:\n");
    match &common.build {
        Some(build) => text.push_str(&format!("build: {}\n\n", flow(build))),
        None => text.push_str("# build: [make]\n\n"),
    }
    text.push_str(
        "# A word each. {options} and {command} stand for several words, {images} and {containers} for directories, {image} for a name:\n",
    );
    text.push_str(&format!("run: {}\n\n", flow(&common.run)));
    text.push_str(
        "# How options are spelled, where it is not --memory 64m and the like:\n# options: {memory: \"--mem={value}\", user: -u}\n",
    );
    let others: Vec<_> = found
        .iter()
        .filter(|(_, spelled)| spelled != common)
        .collect();
    if !others.is_empty() {
        text.push_str("\n# What is different at some levels:\nlevels:\n");
    }
    for (level, spelled) in others {
        text.push_str(&format!("  {level}:\n"));
        if let Some(build) = spelled
            .build
            .as_ref()
            .filter(|_| spelled.build != common.build)
        {
            text.push_str(&format!("    build: {}\n", flow(build)));
        }
        if spelled.run != common.run {
            text.push_str(&format!("    run: {}\n", flow(&spelled.run)));
        }
    }
    text
}

/// A list on one line. JSON's strings are YAML's; words that are nothing but themselves go without quotes.
fn flow(words: &[String]) -> String {
    let plain = |word: &str| {
        let letters = |letter: char| letter.is_ascii_alphanumeric() || "./_-".contains(letter);
        let read = serde_yaml::from_str::<serde_yaml::Value>(word);
        word.chars().all(letters) && matches!(read, Ok(serde_yaml::Value::String(_)))
    };
    let words = words.iter().map(|word| match plain(word) {
        true => word.clone(),
        false => serde_json::Value::from(word.as_str()).to_string(),
    });
    format!("[{}]", words.collect::<Vec<_>>().join(", "))
}
