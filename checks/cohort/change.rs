//! Whose marks changed between two runs, check by check, and why.

use super::{Marks, Verdict};
use alloc::{collections::BTreeMap, collections::BTreeSet, string::String, vec::Vec};

/// What is different about what a result depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The submission's files.
    Submission,
    /// A level's file.
    Level(String),
    /// rdgrade's version.
    Tool,
    /// The machine: kernel, abilities, images.
    Host,
}

/// What became of one submission's marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Only the new run knows it.
    Joined,
    /// Only the old run knows it.
    Left,
    /// Its marks are different.
    Marks {
        /// Points before and after; `None` where it was not graded.
        score: (Option<u32>, Option<u32>),
        /// The checks that ended otherwise, in the order of their levels and ids.
        checks: Vec<MarkChange>,
        /// What is different; empty where nothing that is known is: the verdict is flaky, or nobody took digests.
        causes: BTreeSet<Cause>,
    },
}

/// A check that ended otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkChange {
    /// Level id.
    pub level: String,
    /// Check id.
    pub check: String,
    /// Before; `None` if it was not among the checks.
    pub old: Option<Verdict>,
    /// After.
    pub new: Option<Verdict>,
}

/// Everyone whose marks changed, by id. Those with other inputs and the same marks are not among them.
pub fn changes(
    old: &BTreeMap<String, Marks>,
    new: &BTreeMap<String, Marks>,
) -> BTreeMap<String, Change> {
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = ids.into_iter().filter_map(|id| {
        let change = match (old.get(id), new.get(id)) {
            (Some(old), Some(new)) => change(old, new)?,
            (None, _) => Change::Joined,
            (_, None) => Change::Left,
        };
        Some((id.clone(), change))
    });
    changed.collect()
}

fn change(old: &Marks, new: &Marks) -> Option<Change> {
    let keys: BTreeSet<_> = old.verdicts.keys().chain(new.verdicts.keys()).collect();
    let checks: Vec<MarkChange> = keys
        .into_iter()
        .map(|key| MarkChange {
            level: key.0.clone(),
            check: key.1.clone(),
            old: old.verdicts.get(key).copied(),
            new: new.verdicts.get(key).copied(),
        })
        .filter(|change| change.old != change.new)
        .collect();
    if checks.is_empty() && old.not_graded.is_some() == new.not_graded.is_some() {
        return None;
    }
    let score = |marks: &Marks| marks.not_graded.is_none().then_some(marks.score);
    Some(Change::Marks {
        score: (score(old), score(new)),
        checks,
        causes: causes(old, new),
    })
}

fn causes(old: &Marks, new: &Marks) -> BTreeSet<Cause> {
    let (old, new) = (&old.inputs, &new.inputs);
    // What nobody took a digest of is not known to be different.
    let differ = |old: &str, new: &str| !old.is_empty() && !new.is_empty() && old != new;
    let whole = [
        (Cause::Submission, &old.submission, &new.submission),
        (Cause::Tool, &old.tool, &new.tool),
        (Cause::Host, &old.host, &new.host),
    ];
    let whole = whole
        .into_iter()
        .filter(|(_, old, new)| differ(old, new))
        .map(|(cause, ..)| cause);
    let levels = old.levels.iter().filter_map(|(level, digest)| {
        let new = new.levels.get(level)?;
        differ(digest, new).then(|| Cause::Level(level.clone()))
    });
    whole.chain(levels).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Inputs;
    use super::*;
    use crate::report::Status;
    use alloc::borrow::ToOwned;

    fn marks(submission: &str, level: &str, points: u32) -> Marks {
        let inputs = Inputs {
            submission: submission.to_owned(),
            levels: BTreeMap::from([("level01".to_owned(), level.to_owned())]),
            ..Inputs::default()
        };
        let status = if points > 0 {
            Status::Pass
        } else {
            Status::Fail
        };
        let verdict = Verdict {
            status,
            points,
            max_points: 2,
        };
        Marks {
            inputs,
            verdicts: BTreeMap::from([(("level01".to_owned(), "a".to_owned()), verdict)]),
            score: points,
            max_score: 2,
            ..Marks::default()
        }
    }

    fn between(old: Marks, new: Marks) -> Option<Change> {
        let one = |marks| BTreeMap::from([("alice".to_owned(), marks)]);
        changes(&one(old), &one(new)).remove("alice")
    }

    fn reasons(change: Option<Change>) -> Vec<Cause> {
        match change {
            Some(Change::Marks { causes, .. }) => causes.into_iter().collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_same_marks_are_no_change_whatever_they_depend_on() {
        assert_eq!(between(marks("a", "x", 2), marks("b", "y", 2)), None);
    }

    #[test]
    fn the_reason_is_what_is_different() {
        let old = || marks("a", "x", 0);
        let submission = between(old(), marks("b", "x", 2));
        assert_eq!(reasons(submission), [Cause::Submission]);
        let level = between(old(), marks("a", "y", 2));
        assert_eq!(reasons(level), [Cause::Level("level01".to_owned())]);
    }

    #[test]
    fn what_was_not_recorded_is_no_reason() {
        assert_eq!(reasons(between(marks("", "", 0), marks("b", "y", 2))), []);
    }

    #[test]
    fn who_joined_and_who_left_are_told() {
        let empty = BTreeMap::new();
        let some = BTreeMap::from([("alice".to_owned(), marks("a", "x", 1))]);
        assert_eq!(changes(&empty, &some)["alice"], Change::Joined);
        assert_eq!(changes(&some, &empty)["alice"], Change::Left);
    }

    #[test]
    fn a_submission_that_can_no_longer_be_graded_has_changed() {
        let gone = Marks {
            not_graded: Some("no program".to_owned()),
            verdicts: BTreeMap::new(),
            ..marks("b", "x", 0)
        };
        match between(marks("a", "x", 2), gone) {
            Some(Change::Marks { score, checks, .. }) => {
                assert_eq!((score, checks.len()), ((Some(2), None), 1));
            }
            other => panic!("{other:?}"),
        }
    }
}
