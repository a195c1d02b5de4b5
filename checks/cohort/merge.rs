//! What several machines say of one submission, put together in any order, any number of times.

use super::Marks;
use alloc::{collections::BTreeMap, vec::Vec};
use core::cmp::Reverse;

/// How much a result is worth. A better one takes the place of a worse one; two of the best that disagree are a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// Nothing was judged: whatever was missing may be there elsewhere.
    NotGraded,
    /// So many checks ended by rdgrade's own fault.
    Flawed(Reverse<usize>),
    /// Every check has a verdict.
    Clean,
}

impl Quality {
    /// Of these marks.
    pub fn of(marks: &Marks) -> Quality {
        match (&marks.not_graded, marks.errors()) {
            (Some(_), _) => Quality::NotGraded,
            (None, 0) => Quality::Clean,
            (None, errors) => Quality::Flawed(Reverse(errors)),
        }
    }
}

/// The best results known of one submission, by their marks. Of those with the same marks the smallest is kept, whatever
/// `V` is: which one that is must not depend on the order they came in.
///
/// [`Candidates::join`] is the join of a semilattice: commutative, associative, idempotent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates<V> {
    quality: Quality,
    by_marks: BTreeMap<Marks, V>,
}

/// Results that disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict<V> {
    /// Each with its marks; two at least.
    pub results: Vec<(Marks, V)>,
}

impl<V: Ord> Candidates<V> {
    /// One result.
    pub fn new(marks: Marks, value: V) -> Self {
        Candidates {
            quality: Quality::of(&marks),
            by_marks: BTreeMap::from([(marks, value)]),
        }
    }

    /// What both know.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        if self.quality != other.quality {
            return if self.quality > other.quality {
                self
            } else {
                other
            };
        }
        let mut both = self;
        for (marks, value) in other.by_marks {
            let least = match both.by_marks.remove(&marks) {
                Some(known) => known.min(value),
                None => value,
            };
            both.by_marks.insert(marks, least);
        }
        both
    }

    /// The result.
    ///
    /// # Errors
    /// When results that nothing is wrong with disagree: about verdicts, or about what was graded.
    pub fn settle(self) -> Result<(Marks, V), Conflict<V>> {
        if self.quality == Quality::Clean && self.by_marks.len() > 1 {
            return Err(Conflict {
                results: self.by_marks.into_iter().collect(),
            });
        }
        let first = self.by_marks.into_iter().next();
        // There is one from the beginning, and none is ever taken away.
        first.ok_or(Conflict {
            results: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Inputs, Verdict};
    use super::*;
    use crate::report::Status;
    use alloc::string::ToString;
    use proptest::prelude::*;

    fn marks(submission: u8, status: Status, graded: bool) -> Marks {
        let inputs = Inputs {
            submission: submission.to_string(),
            ..Inputs::default()
        };
        let verdict = Verdict {
            status,
            points: 1,
            max_points: 1,
        };
        Marks {
            inputs,
            not_graded: (!graded).then(|| "python3 is missing".to_string()),
            verdicts: BTreeMap::from([(("level01".into(), "a".into()), verdict)]),
            score: 0,
            max_score: 1,
        }
    }

    fn known() -> impl Strategy<Value = Candidates<u8>> {
        let status = prop_oneof![Just(Status::Pass), Just(Status::Fail), Just(Status::Error)];
        let one = (0u8..2, status, any::<bool>(), 0u8..4).prop_map(
            |(submission, status, graded, value)| {
                Candidates::new(marks(submission, status, graded), value)
            },
        );
        prop::collection::vec(one, 1..4)
            .prop_map(|all| all.into_iter().reduce(Candidates::join).unwrap())
    }

    proptest! {
        #[test]
        fn merging_is_commutative(a in known(), b in known()) {
            prop_assert_eq!(a.clone().join(b.clone()), b.join(a));
        }

        #[test]
        fn merging_is_associative(a in known(), b in known(), c in known()) {
            prop_assert_eq!(a.clone().join(b.clone()).join(c.clone()), a.join(b.join(c)));
        }

        #[test]
        fn merging_is_idempotent(a in known(), b in known()) {
            let both = a.clone().join(b.clone());
            prop_assert_eq!(both.clone().join(a).join(b), both);
        }
    }

    #[test]
    fn an_error_of_ours_gives_way_and_a_verdict_does_not() {
        let error = Candidates::new(marks(0, Status::Error, true), 1);
        let missing = Candidates::new(marks(0, Status::Fail, false), 0);
        let failed = Candidates::new(marks(0, Status::Fail, true), 2);
        let passed = Candidates::new(marks(0, Status::Pass, true), 3);
        let settled = missing.join(error).join(failed.clone()).settle();
        assert_eq!(settled.unwrap().1, 2);
        assert_eq!(failed.join(passed).settle().unwrap_err().results.len(), 2);
    }
}
