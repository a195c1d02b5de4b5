//! Recording a snapshot anew from what was really printed, without losing what its author put into it.
//!
//! Old pattern lines are laid beside the new output. Those that still match stay as they are written, so do gaps; the
//! others take over the line that came in their place, and keep the wildcards and captures that still fit in it. What
//! changes from run to run never becomes text: ids become `[..]`, or the capture that is bound to them, and words
//! such as `{nonce}` are spelled as level files spell them.

mod align;
mod line;
#[cfg(test)]
mod tests;

use crate::captures::Captures;
use crate::clean;
use crate::comparison::fill_pattern;
use crate::pattern::{LinePattern, Snapshot};
use align::{Fit, Item, Part, align};
use alloc::collections::BTreeMap;
use alloc::{string::String, vec::Vec};

/// `snapshot` recorded anew from `output`, without a newline at its end; `None` if it matches as it is. `words` are the
/// values of `{nonce}` and its like. Captures are bound as comparing with the new snapshot binds them.
pub fn bless(
    snapshot: &str,
    output: &str,
    words: &BTreeMap<String, String>,
    captures: &mut Captures,
) -> Option<String> {
    let fits = |snapshot: &str, captures: &mut Captures| {
        let mut bound = captures.clone();
        let parsed = Snapshot::parse(&fill_pattern(snapshot, words));
        let fits = parsed.is_ok_and(|parsed| parsed.compare(output, &mut bound).is_ok());
        if fits {
            *captures = bound;
        }
        fits
    };
    if fits(snapshot, captures) {
        return None;
    }
    let lines = clean::lines(output);
    let items: Vec<Item> = snapshot.trim_end().split('\n').map(Item::read).collect();
    let recorder = Recorder {
        lines: &lines,
        words,
    };
    // Each attempt keeps less of the old snapshot. The last one consists of lines that each match by themselves.
    let attempts = [
        recorder.record(&items, captures),
        recorder.record(&[], captures),
        recorder.record(&[], &Captures::default()),
    ];
    let mut attempts = attempts.into_iter();
    attempts.find(|attempt| fits(attempt, captures))
}

/// One output, and what is known of the run that printed it.
struct Recorder<'r> {
    lines: &'r [String],
    words: &'r BTreeMap<String, String>,
}

impl Recorder<'_> {
    fn record(&self, items: &[Item], captures: &Captures) -> String {
        let patterns: Vec<Option<LinePattern>> =
            items.iter().map(|item| self.pattern(item)).collect();
        let fit = |item: usize, line: usize| {
            let line = &self.lines[line];
            match &patterns[item] {
                Some(pattern) if pattern.matches(line, &mut captures.clone()) => Fit::Matches,
                Some(pattern) if line.is_empty() || pattern.source().is_empty() => Fit::Never,
                Some(_) => Fit::Resembles(line::likeness(
                    items[item].source(),
                    line,
                    self.words,
                    captures,
                )),
                None => Fit::Never,
            }
        };
        let mut bound = captures.clone();
        let mut recorded: Vec<String> = Vec::new();
        for part in align(items, self.lines.len(), &fit) {
            match part {
                Part::Gap if recorded.last().is_some_and(|last| last == "...") => {}
                Part::Gap => recorded.push(String::from("...")),
                Part::Line { item, line } => {
                    let old = item.map(|item| items[item].source());
                    recorded.push(self.line(old, &self.lines[line], &mut bound));
                }
            }
        }
        recorded.join("\n")
    }

    fn pattern(&self, item: &Item) -> Option<LinePattern> {
        match item {
            Item::Gap => None,
            Item::Line(source) => LinePattern::parse(&fill_pattern(source, self.words)).ok(),
        }
    }

    /// The pattern of one line: the old one if it matches, else what can be kept of it.
    fn line(&self, old: Option<&str>, line: &str, captures: &mut Captures) -> String {
        let attempts = [
            old.map(String::from),
            old.map(|old| line::rewritten(old, line, self.words, captures)),
            Some(line::literal(line, self.words, captures)),
            Some(line::literal(line, &BTreeMap::new(), &Captures::default())),
        ];
        let mut attempts = attempts.into_iter().flatten();
        let found = attempts.find(|attempt| {
            let pattern = LinePattern::parse(&fill_pattern(attempt, self.words));
            // Alone on its line it would be a gap.
            attempt != "..." && pattern.is_ok_and(|pattern| pattern.matches(line, captures))
        });
        found.unwrap_or_else(|| String::from("[..]"))
    }
}
