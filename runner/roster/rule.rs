//! What holds for every roster, however it is written.

use super::Row;
use std::collections::HashMap;

/// Where in a roster something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// 0-based.
    pub row: usize,
    /// `id`, `name`, `path`, `revision`.
    pub column: &'static str,
}

/// A mistake, where it is, and where what it clashes with is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub at: Cell,
    pub message: String,
    pub remedy: String,
    pub also: Option<Cell>,
}

/// Longest id: a file name may hold it, with room to spare (NAME_MAX is 255).
const LONGEST: usize = 128;

/// Everything that is wrong with `rows`.
pub(super) fn mistakes(rows: &[Row]) -> Vec<Mistake> {
    let mut found = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        let at = |column| Cell { row: index, column };
        let mut wrong = |column, message: &str, remedy: &str, also| {
            found.push(Mistake {
                at: at(column),
                message: message.to_owned(),
                remedy: remedy.to_owned(),
                also,
            });
        };
        let harmful = |text: &str| {
            text.chars().any(crate::terminal::is_harmful) || text.contains(char::is_control)
        };
        if row.id.is_empty() {
            wrong(
                "id",
                "an id is missing",
                "give every student one of their own",
                None,
            );
        } else if row.id.contains('/') || row.id == "." || row.id == ".." {
            wrong(
                "id",
                "an id may not be a path",
                "leave the slash out: an id becomes a file name",
                None,
            );
        } else if harmful(&row.id) {
            wrong(
                "id",
                "an id may not hold control characters",
                "retype it",
                None,
            );
        } else if row.id.len() > LONGEST {
            wrong(
                "id",
                "an id may not be that long",
                "use 128 bytes at most",
                None,
            );
        } else if row.id.trim() != row.id {
            wrong(
                "id",
                "blanks around an id",
                "take them away: nobody would see them",
                None,
            );
        } else if let Some(first) = known.get(row.id.as_str()) {
            let first = Cell {
                row: *first,
                column: "id",
            };
            wrong(
                "id",
                "this id was used above",
                "give every student one of their own",
                Some(first),
            );
        } else {
            known.insert(&row.id, index);
        }
        if harmful(&row.name) {
            wrong(
                "name",
                "a name may not hold control characters",
                "retype it",
                None,
            );
        }
        if row.path.is_empty() {
            wrong(
                "path",
                "a path is missing",
                "name the student's program or directory",
                None,
            );
        } else if row.path.contains('\0') {
            wrong("path", "no path holds a NUL", "retype it", None);
        }
        match row.revision.as_deref() {
            Some("") => wrong(
                "revision",
                "a revision is missing",
                "write a commit, tag or branch, or leave it out",
                None,
            ),
            Some(word) if word.starts_with('-') || word.contains(char::is_control) => {
                wrong(
                    "revision",
                    "this is no revision",
                    "write a commit, tag or branch",
                    None,
                );
            }
            _ => {}
        }
    }
    found
}
