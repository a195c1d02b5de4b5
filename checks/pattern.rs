//! The pattern language of level files.
//!
//! | written | matches |
//! | --- | --- |
//! | `[..]` | any text within a line, none included |
//! | a line `...` | any lines, up to the first that matches the next pattern; as the last line, all the rest |
//! | `[NAME]` | one or more characters without blanks, the same ones wherever the name occurs |
//! | `[STATUS 3]` | a wait status, raw (768) or decoded (3), as languages print it |
//! | `[STATUS nonzero]`, `[STATUS SIGKILL]` | a failure; the end by that signal: 9, 137, -9, `signal: 9 (SIGKILL)` |
//! | `[ERROR ENOENT]` | that error in the words of C, Python, Go, Rust, bash, dash |
//! | `[[NAME]` | the text `[NAME]` itself: a doubled bracket before what would be a wildcard |
//!
//! Anything else is literal, a lone `[` included. Blanks at the end of lines do not count, nor do empty lines at
//! the end of the output, control sequences, or carriage returns.
//!
//! Matching never goes back to an earlier line, and within a line a wildcard commits to its first fit, so that a
//! hostile output costs time linear in its length: each line has a budget of [`STEPS_PER_BYTE`] steps a byte,
//! and a line that exhausts it does not match.

mod line;
mod parse;
mod snapshot;

pub use line::{LinePattern, STEPS_PER_BYTE, Steps};
pub(crate) use parse::starts_wildcard;
pub use parse::{BadPattern, escape};
pub use snapshot::{Mismatch, Snapshot};

#[cfg(test)]
mod tests;
