//! YAML documents people write: read with every mistake noted and shown where it is.
//!
//! The value comes from `serde_yaml`; positions come from one marked event pass of our own, since that library
//! knows none. The same pass sets the limits: a level file or a manifest may come from a stranger.

mod diagnostic;
mod edit;
mod events;
mod tree;
mod typed;
mod wording;

pub use diagnostic::{Diagnostic, Diagnostics};
pub use typed::Typed;

use checks::lint::{PathPart, Problem};
use serde::de::DeserializeOwned;
use std::ops::Range;
use tree::Node;

/// No document is larger: 1 MiB.
pub const MAX_BYTES: usize = 1 << 20;
/// No list or mapping is nested deeper. Level files use ten levels at most.
pub const MAX_DEPTH: usize = 32;
/// So many mistakes are shown at most.
const MAX_MISTAKES: usize = 50;

/// A well-formed document: its value and where each node is written.
#[derive(Debug)]
pub struct Document {
    file: String,
    source: String,
    value: serde_yaml::Value,
    root: Node,
}

impl Document {
    /// Reads `bytes`; `file` is the name shown in messages.
    ///
    /// # Errors
    /// What makes the document unusable as a whole: too large, not UTF-8, not YAML, empty, several documents,
    /// nested too deep, anchors and aliases, duplicate keys.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Document, Diagnostics> {
        if bytes.len() > MAX_BYTES {
            let message = format!("this file has {} bytes", bytes.len());
            let remedy = format!("{MAX_BYTES} bytes are the limit; is this the right file?");
            return Err(Diagnostics::new(
                file,
                "",
                vec![Diagnostic::new(0..0, message, remedy)],
            ));
        }
        let source = utf8(file, bytes)?;
        let refuse = |found| Err(Diagnostics::new(file, &source, found));
        let root = match events::tree(&source) {
            Ok(root) => root,
            Err(found) => return refuse(vec![found]),
        };
        let repeated = tree::duplicates(&root);
        if !repeated.is_empty() {
            return refuse(repeated);
        }
        match serde_yaml::from_str(&source) {
            Ok(value) => Ok(Document {
                file: file.into(),
                value,
                root,
                source,
            }),
            Err(error) => refuse(vec![wording::syntax(&error, &source)]),
        }
    }

    /// The value as a `T`. Mistakes of shape are noted, what is wrong is left out, and reading goes on.
    pub fn typed<T: DeserializeOwned + Default>(&self) -> Typed<T> {
        typed::read(self)
    }

    /// The text as it was read.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// 1-based line of the node at `path`, or of the nearest one above it.
    pub fn line(&self, path: &[PathPart]) -> usize {
        let start = self.root.at(path).0.span.start;
        self.source[..start]
            .bytes()
            .filter(|byte| *byte == b'\n')
            .count()
            + 1
    }

    /// Shows `problem` where it is.
    pub fn diagnostic(&self, problem: &Problem) -> Diagnostic {
        let span = self.span(&problem.path, problem.column);
        Diagnostic::new(span, problem.message.clone(), problem.remedy.clone())
    }

    /// All of `found`, in the order of the file.
    pub fn diagnostics(&self, found: Vec<Diagnostic>) -> Diagnostics {
        Diagnostics::new(&self.file, &self.source, found)
    }

    fn span(&self, path: &[PathPart], column: Option<usize>) -> Range<usize> {
        let (node, missing) = self.root.at(path);
        // A bare value means `is`: then the path is one part longer than what is written.
        match column {
            _ if missing > 0 && !node.is_scalar() => node.headline(),
            Some(column) => node.inside(&self.source, column),
            None => node.shown(),
        }
    }
}

fn utf8(file: &str, bytes: &[u8]) -> Result<String, Diagnostics> {
    let text = match std::str::from_utf8(bytes) {
        // A byte order mark is legal at the start of YAML, and would only shift columns.
        Ok(text) => return Ok(text.trim_start_matches('\u{feff}').into()),
        Err(error) => error.valid_up_to(),
    };
    let shown = String::from_utf8_lossy(bytes).into_owned();
    let span = text..text + '\u{fffd}'.len_utf8();
    let found = Diagnostic::new(
        span,
        "this file is not UTF-8",
        "save it with the encoding UTF-8",
    );
    Err(Diagnostics::new(file, &shown, vec![found]))
}

/// The bytes of `path`, one more than [`MAX_BYTES`] at most: enough to know that it is too large.
///
/// # Errors
/// What the system says.
pub fn file(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
