//! Mistakes a level file can hold although it has the right shape.

use crate::level::Level;
use alloc::{string::String, vec::Vec};

/// One part of the way from the top of a document to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPart {
    /// A key of a mapping.
    Key(String),
    /// An index into a list, 0-based.
    Index(usize),
}

/// A mistake and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: from the top of the document.
    pub path: Vec<PathPart>,
    /// Characters before the mistake within the scalar's text, newlines included, where it lies inside one.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// Every mistake of a level.
pub fn lint(_level: &Level) -> Vec<Problem> {
    Vec::new()
}
