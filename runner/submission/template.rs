//! Templates of command lines.

use super::Invocation;
use std::collections::BTreeMap;

/// What may stand in braces. `options` and `command` stand for several words, hence alone.
const ONE: [&str; 3] = ["images", "containers", "image"];
const SEVERAL: [&str; 2] = ["options", "command"];

/// The level before there are images, and an option to choose one.
const WITHOUT_IMAGES: &str = "level00";

/// The workshop's own command line for a program at a level: it relies on the default directories.
pub(crate) fn with_defaults<S: AsRef<str>>(program: &[S], level: &str) -> Vec<String> {
    let program = program.iter().map(|word| literal(word.as_ref()));
    let own: &[&str] = match level {
        WITHOUT_IMAGES => &["run", "{options}", "{command}"],
        _ => &["run", "{options}", "-i", "{image}", "{command}"],
    };
    program
        .chain(own.iter().copied().map(String::from))
        .collect()
}

/// `word` such that no brace in it is a placeholder's: a directory may be called `{image}`.
fn literal(word: &str) -> String {
    word.replace('{', "{{")
}

/// A part of a word.
enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// `{name}` is a placeholder, `{{` a brace, and every other brace itself.
fn parts(word: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = word;
    while let Some(at) = rest.find('{') {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        parts.push(Part::Text(before));
        let name = after
            .find(|c: char| !c.is_ascii_lowercase() && c != '-' && c != '_')
            .unwrap_or(after.len());
        if let Some(after) = after.strip_prefix('{') {
            parts.push(Part::Text("{"));
            rest = after;
        } else if name > 0 && after[name..].starts_with('}') {
            parts.push(Part::Name(&after[..name]));
            rest = &after[name + 1..];
        } else {
            parts.push(Part::Text("{"));
            rest = after;
        }
    }
    parts.push(Part::Text(rest));
    parts
}

/// The placeholders in a word.
fn names(word: &str) -> impl Iterator<Item = &str> {
    parts(word).into_iter().filter_map(|part| match part {
        Part::Name(name) => Some(name),
        Part::Text(_) => None,
    })
}

/// A mistake in a template: the word's index, what is wrong, what to do.
pub(crate) struct Mistake {
    pub word: Option<usize>,
    pub message: String,
    pub remedy: String,
}

pub(crate) struct Template<'a>(pub &'a [String]);

impl Template<'_> {
    pub fn expand(
        &self,
        invocation: &Invocation<'_>,
        spelled: &BTreeMap<String, String>,
    ) -> Vec<String> {
        let mut words = Vec::new();
        for word in self.0 {
            match word.as_str() {
                "{options}" => words.extend(options(invocation, spelled)),
                "{command}" => words.extend_from_slice(invocation.command),
                _ => words.push(one(word, invocation)),
            }
        }
        words
    }

    /// Everything wrong with the template.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let mut found = Vec::new();
        for (index, word) in self.0.iter().enumerate() {
            for name in names(word) {
                found.extend(placeholder(name, word).map(|(message, remedy)| Mistake {
                    word: Some(index),
                    message,
                    remedy,
                }));
            }
        }
        let missing = |message: &str, remedy: &str| Mistake {
            word: None,
            message: message.into(),
            remedy: remedy.into(),
        };
        if self.0.is_empty() {
            found.push(missing(
                "`run` is empty",
                "write the program's words: run: [./rd, run, \"{command}\"]",
            ));
        } else if !self
            .0
            .iter()
            .any(|word| names(word).any(|name| name == "command"))
        {
            let remedy = "end it with \"{command}\"";
            found.push(missing("`run` does not say where the command goes", remedy));
        }
        found
    }
}

fn placeholder(name: &str, word: &str) -> Option<(String, String)> {
    if ONE.contains(&name) || (SEVERAL.contains(&name) && word.len() == name.len() + 2) {
        return None;
    }
    if SEVERAL.contains(&name) {
        let message = format!("`{{{name}}}` stands for several words and cannot be part of one");
        return Some((
            message,
            format!("make it a word of its own: \"{{{name}}}\""),
        ));
    }
    let known = [ONE.as_slice(), SEVERAL.as_slice()].concat();
    let remedy = match checks::format::nearest(name, &known) {
        Some(near) => format!("did you mean `{{{near}}}`?"),
        None => "placeholders are {images} {containers} {image} {options} {command}; {{ is a brace"
            .into(),
    };
    Some((format!("unknown placeholder `{{{name}}}`"), remedy))
}

fn one(word: &str, invocation: &Invocation<'_>) -> String {
    let fill = |part| match part {
        Part::Text(text) => text,
        Part::Name("images") => invocation.images,
        Part::Name("containers") => invocation.containers,
        Part::Name("image") => invocation.image,
        Part::Name(_) => "",
    };
    parts(word).into_iter().map(fill).collect()
}

/// `memory: 64m` is `--memory 64m`, or what the manifest says: `--mem` two words, `--mem={value}` one.
fn options(invocation: &Invocation<'_>, spelled: &BTreeMap<String, String>) -> Vec<String> {
    let mut words = Vec::new();
    for (name, value) in invocation.options {
        let default = format!("--{name}");
        let spelling = spelled.get(name).unwrap_or(&default);
        if spelling.contains("{value}") {
            words.push(spelling.replace("{value}", value));
        } else {
            words.extend([spelling.clone(), value.clone()]);
        }
    }
    words
}
