//! Which hints were needed, and by how many.

use checks::report::CheckResult;
use std::collections::{BTreeMap, BTreeSet};

/// Hints come from level files, so there are a few hundred; a results file that was tampered with has no say in memory.
const MOST: usize = 4_000;

/// Hints and how many students they were shown to.
#[derive(Debug, Default)]
pub struct Hints {
    shown: BTreeMap<(String, String), usize>,
}

/// A hint that was needed.
#[derive(Debug, PartialEq, Eq)]
pub struct Needed<'a> {
    /// `level01/sees-the-image`.
    pub check: &'a str,
    /// The hint.
    pub hint: &'a str,
    /// To how many students it was shown.
    pub students: usize,
}

impl Hints {
    /// Counts what a student was shown for a check that failed.
    pub fn shown(&mut self, level: &str, check: &CheckResult) {
        let name = format!("{level}/{}", check.id);
        for hint in of(check) {
            let key = (name.clone(), hint.to_owned());
            if self.shown.len() < MOST || self.shown.contains_key(&key) {
                *self.shown.entry(key).or_default() += 1;
            }
        }
    }

    /// The hints needed most.
    pub fn most(&self, count: usize) -> Vec<Needed<'_>> {
        let needed = self.shown.iter().map(|((check, hint), students)| Needed {
            check,
            hint,
            students: *students,
        });
        let mut needed: Vec<Needed> = needed.collect();
        needed.sort_by_key(|one| std::cmp::Reverse(one.students));
        needed.truncate(count);
        needed
    }
}

/// The hints that a failed check shows: its steps' own, and the check's where a step at fault has none.
pub fn of(check: &CheckResult) -> BTreeSet<&str> {
    let findings = check.findings.iter();
    let mut hints: BTreeSet<&str> = findings
        .map(|finding| finding.hint.as_deref().unwrap_or(&check.hint))
        .collect();
    if check.findings.is_empty() {
        hints.insert(&check.hint);
    }
    hints.retain(|hint| !hint.trim().is_empty());
    hints
}
