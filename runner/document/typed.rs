//! Typed values from documents that hold mistakes.

use super::{Diagnostic, Document, MAX_MISTAKES, wording};
use checks::lint::PathPart;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use serde_yaml::Value;

/// What was read, and what had to be left out for it.
#[derive(Debug)]
pub struct Typed<T> {
    /// Everything that could be read.
    pub value: T,
    /// Mistakes of shape: unknown keys, wrong types.
    pub found: Vec<Diagnostic>,
    /// Where they were; what other passes say about these places is a consequence.
    pub left_out: Vec<Vec<PathPart>>,
}

impl<T> Typed<T> {
    /// Whether `path` is at, above or below something that was left out.
    pub fn touched(&self, path: &[PathPart]) -> bool {
        self.left_out
            .iter()
            .any(|out| out.starts_with(path) || path.starts_with(out))
    }
}

/// serde stops at the first mistake. It is noted and taken out of the value, then reading starts again: the value
/// shrinks with every round, so this ends.
pub(super) fn read<T: DeserializeOwned + Default>(document: &Document) -> Typed<T> {
    let mut value = document.value.clone();
    let mut typed = Typed {
        value: T::default(),
        found: Vec::new(),
        left_out: Vec::new(),
    };
    while typed.found.len() <= MAX_MISTAKES {
        let error = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(read) => {
                typed.value = read;
                break;
            }
            Err(error) => error,
        };
        let mut path = parts(error.path());
        let mistake = wording::Mistake::read(&error.inner().to_string());
        // The key of an unknown field belongs to the path, whichever way it was found.
        if let Some(key) = mistake.unknown_key() {
            let key = PathPart::Key(key.into());
            if path.last() != Some(&key) {
                path.push(key);
            }
        }
        let (message, remedy) = mistake.words(&path);
        let span = match mistake.unknown_key() {
            Some(_) => document.root.at(&path).0.headline(),
            None => document.span(&path, None),
        };
        typed.found.push(Diagnostic::new(span, message, remedy));
        let removed = remove(&mut value, &path);
        typed.left_out.push(path);
        if !removed {
            break;
        }
    }
    typed
}

fn parts(path: &serde_path_to_error::Path) -> Vec<PathPart> {
    let segments = path.iter().map_while(|segment| match segment {
        Segment::Seq { index } => Some(PathPart::Index(*index)),
        Segment::Map { key } => Some(PathPart::Key(key.clone())),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    segments.collect()
}

/// Takes the entry at `path` out. An item of a list is not taken out alone, since later indices would then lie:
/// the entry that holds the list goes.
fn remove(value: &mut Value, path: &[PathPart]) -> bool {
    let Some(last) = path
        .iter()
        .rposition(|part| matches!(part, PathPart::Key(_)))
    else {
        return false;
    };
    let PathPart::Key(key) = &path[last] else {
        return false;
    };
    let mut node = value;
    for part in &path[..last] {
        let below = match part {
            PathPart::Key(key) => node.get_mut(key.as_str()),
            PathPart::Index(index) => node.get_mut(*index),
        };
        match below {
            Some(below) => node = below,
            None => return false,
        }
    }
    node.as_mapping_mut()
        .is_some_and(|entries| entries.shift_remove(key.as_str()).is_some())
}
