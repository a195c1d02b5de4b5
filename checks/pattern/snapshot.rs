//! Matching a whole output.

use super::line::{LinePattern, Steps};
use super::parse::BadPattern;
use crate::captures::Captures;
use crate::clean;
use crate::diff;
use alloc::{format, string::String, vec::Vec};

/// Pattern lines and the gaps between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    Gap,
    Line(LinePattern),
}

/// Where an output stopped matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The 0-based line of the snapshot that found no partner; its last line when the output goes on after it.
    pub pattern_line: usize,
    /// What happened, a sentence's end: ``no line of the output matches `…` ``.
    pub reason: String,
    /// The snapshot with lines that matched shown as they were printed: made to be compared with `actual`.
    pub expected: String,
    /// The output, with `...` for what a gap had passed over; long ones without their middle.
    pub actual: String,
}

impl Snapshot {
    /// Reads a snapshot. Empty lines at its end do not count.
    ///
    /// # Errors
    /// A bad pattern, or two gaps in a row.
    pub fn parse(text: &str) -> Result<Snapshot, BadPattern> {
        let mut items = Vec::new();
        let mut base = 0;
        for line in text.trim_end().split('\n') {
            if line.trim_end() == "..." {
                if items.last() == Some(&Item::Gap) {
                    return Err(BadPattern {
                        offset: base,
                        message: String::from("`...` follows `...`"),
                        remedy: String::from("one is enough"),
                    });
                }
                items.push(Item::Gap);
            } else {
                items.push(Item::Line(LinePattern::parse_at(line, base)?));
            }
            base += line.chars().count() + 1;
        }
        if text.trim_end().is_empty() {
            items.clear();
        }
        Ok(Snapshot { items })
    }

    /// The names it captures.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.items
            .iter()
            .flat_map(|item| match item {
                Item::Line(line) => Some(line.names()),
                Item::Gap => None,
            })
            .flatten()
    }

    /// Compares an output, as captured, with this snapshot. Captures of the lines that matched are bound, even if
    /// a later line does not match.
    ///
    /// # Errors
    /// The first line of the snapshot that found no partner.
    pub fn compare(&self, output: &str, captures: &mut Captures) -> Result<(), Mismatch> {
        self.compare_counting(output, captures, &mut Steps::default())
    }

    /// As [`Snapshot::compare`], adding the work done to `steps`.
    ///
    /// # Errors
    /// As [`Snapshot::compare`].
    pub fn compare_counting(
        &self,
        output: &str,
        captures: &mut Captures,
        steps: &mut Steps,
    ) -> Result<(), Mismatch> {
        let lines = clean::lines(output);
        let mut shared: Vec<&str> = Vec::new();
        let mut at = 0;
        let mut gap = false;
        for (index, item) in self.items.iter().enumerate() {
            let pattern = match item {
                Item::Gap => {
                    gap = true;
                    shared.push("...");
                    continue;
                }
                Item::Line(pattern) => pattern,
            };
            let reach = if gap {
                lines.len()
            } else {
                lines.len().min(at + 1)
            };
            let found =
                (at..reach).find(|line| pattern.matches_counting(&lines[*line], captures, steps));
            match found {
                Some(line) => {
                    shared.push(&lines[line]);
                    at = line + 1;
                    gap = false;
                }
                None => {
                    let wanted = captures.fill(pattern.source());
                    let reason = match (gap, lines.get(at)) {
                        (true, Some(_)) => {
                            format!("no further line of the output matches `{wanted}`")
                        }
                        (false, Some(line)) => {
                            format!(
                                "where `{wanted}` was expected stands `{}`",
                                diff::clip(line, 120)
                            )
                        }
                        (_, None) => format!("the output ends before `{wanted}`"),
                    };
                    return Err(self.mismatch(index, reason, &shared, &lines[at..], captures));
                }
            }
        }
        match lines.get(at) {
            Some(line) if !gap => {
                let reason = format!("the output goes on with `{}`", diff::clip(line, 120));
                let last = self.items.len();
                Err(self.mismatch(last, reason, &shared, &lines[at..], captures))
            }
            _ => Ok(()),
        }
    }

    fn mismatch(
        &self,
        index: usize,
        reason: String,
        shared: &[&str],
        rest: &[String],
        captures: &Captures,
    ) -> Mismatch {
        let mut expected: Vec<String> = shared.iter().map(|line| diff::clip(line, 400)).collect();
        let mut actual = expected.clone();
        expected.extend(self.items.iter().skip(index).map(|item| match item {
            Item::Gap => String::from("..."),
            Item::Line(pattern) => captures.fill(pattern.source()),
        }));
        actual.extend(diff::excerpt(rest.iter().map(String::as_str)));
        Mismatch {
            pattern_line: index.min(self.items.len().saturating_sub(1)),
            reason,
            expected: expected.join("\n"),
            actual: actual.join("\n"),
        }
    }
}
