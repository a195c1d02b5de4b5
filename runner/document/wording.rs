//! The words of serde and YAML errors, put into ours.

use super::Diagnostic;
use checks::lint::PathPart;

/// A mistake of shape, as serde words it.
pub(super) enum Mistake {
    UnknownKey { key: String, known: Vec<String> },
    UnknownWord { word: String, known: Vec<String> },
    WrongType { found: String, expected: String },
    Other(String),
}

impl Mistake {
    /// Takes serde's message apart. Its words are stable, and tests of ours would notice.
    pub fn read(message: &str) -> Mistake {
        let other = || Mistake::Other(message.into());
        if let Some(rest) = message.strip_prefix("unknown field ") {
            return listed(rest)
                .map_or_else(other, |(key, known)| Mistake::UnknownKey { key, known });
        }
        if let Some(rest) = message.strip_prefix("unknown variant ") {
            return listed(rest)
                .map_or_else(other, |(word, known)| Mistake::UnknownWord { word, known });
        }
        let wrong = message
            .strip_prefix("invalid type: ")
            .or(message.strip_prefix("invalid value: "));
        // What was found may itself hold the separator; what is expected is ours and does not.
        match wrong.and_then(|wrong| wrong.rsplit_once(", expected ")) {
            Some((found, expected)) => Mistake::WrongType {
                found: plain(found),
                expected: plain(expected),
            },
            None => other(),
        }
    }

    /// The key, if an unknown one is the mistake.
    pub fn unknown_key(&self) -> Option<&str> {
        match self {
            Mistake::UnknownKey { key, .. } => Some(key),
            _ => None,
        }
    }

    /// Message and remedy for the mistake at `path`.
    pub fn words(&self, path: &[PathPart]) -> (String, String) {
        match self {
            Mistake::UnknownKey { key, known } => {
                (format!("unknown key `{key}`"), near(key, known, "keys"))
            }
            Mistake::UnknownWord { word, known } => {
                (format!("unknown word `{word}`"), near(word, known, "words"))
            }
            Mistake::WrongType { found, expected } => (
                format!("expected {expected}, found {found}"),
                advice(found, expected, path),
            ),
            Mistake::Other(message) => (
                message.clone(),
                "see the JSON schema beside the level files".into(),
            ),
        }
    }
}

fn near(word: &str, known: &[String], what: &str) -> String {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    match checks::format::nearest(word, &known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{what} known here: {}", known.join(", ")),
    }
}

fn advice(found: &str, expected: &str, path: &[PathPart]) -> String {
    let key = path.iter().rev().find_map(|part| match part {
        PathPart::Key(key) => Some(key.as_str()),
        PathPart::Index(_) => None,
    });
    match key {
        Some(key @ ("run" | "start" | "build")) if expected == "a list" => {
            format!("write the command as a list of words: {key}: [/bin/ls, -l]")
        }
        _ if expected == "text" && (found.starts_with("the number") || found.starts_with('`')) => {
            "put it in quotes".into()
        }
        Some(key) if expected == "a list" => format!("write a list: {key}: [one, two]"),
        Some(key) => format!("change what `{key}` holds"),
        None => "see the JSON schema beside the level files".into(),
    }
}

/// `` `key`, expected one of `a`, `b` ``: the key and what is known.
fn listed(rest: &str) -> Option<(String, Vec<String>)> {
    let rest = rest.strip_prefix('`')?;
    let at = rest
        .rfind("`, expected ")
        .or(rest.rfind("`, there are no "))?;
    let known = rest[at + 1..].split('`').skip(1).step_by(2);
    Some((rest[..at].into(), known.map(Into::into).collect()))
}

/// serde's types in the words of people who write YAML.
fn plain(words: &str) -> String {
    match words {
        "a string" => "text".into(),
        "a sequence" | "sequence" => "a list".into(),
        "map" => "keys and values".into(),
        "unit value" => "nothing".into(),
        "a boolean" => "true or false".into(),
        "u8" => "a whole number from 0 to 255".into(),
        "u32" | "u64" => "a whole number from 0 up".into(),
        _ => match words.split_once(' ') {
            Some(("integer" | "floating", number)) => {
                format!("the number {}", number.trim_start_matches("point "))
            }
            Some(("boolean", truth)) => truth.into(),
            Some(("string", text)) => format!("the text {}", shortened(text)),
            _ => words.into(),
        },
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…\"", &text[..at]),
        None => text.into(),
    }
}

/// What the YAML library says about a document our own pass has accepted.
pub(super) fn syntax(error: &serde_yaml::Error, source: &str) -> Diagnostic {
    let at = error
        .location()
        .map_or(0, |place| place.index())
        .min(source.len());
    let remedy = "check indentation, quotes and brackets here and just above";
    Diagnostic::new(at..at, format!("not YAML: {error}"), remedy)
}
