//! `--partition slice:1/4`, `--partition hash:1/4`: a part of a cohort, the same part on every machine.

use alloc::{format, string::String};
use core::fmt;
use core::str::FromStr;

/// A part of a cohort. The parts 1 to N of one kind hold every submission exactly once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Partition {
    kind: Kind,
    /// 1-based.
    index: u32,
    count: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Every N-th submission of the roster: parts of the same size.
    Slice,
    /// By the id alone: a submission stays in its part when others join or leave the roster.
    Hash,
}

/// A partition that means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionError(String);

impl fmt::Display for PartitionError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

impl core::error::Error for PartitionError {}

impl Partition {
    /// Whether the submission at `position` (0-based, in the whole roster) with this id belongs to the part.
    pub fn holds(&self, position: usize, id: &str) -> bool {
        let number = match self.kind {
            Kind::Slice => position as u64,
            Kind::Hash => hash(id),
        };
        number % u64::from(self.count) == u64::from(self.index - 1)
    }

    /// How many parts there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// All parts of the same kind and count.
    pub fn siblings(self) -> impl Iterator<Item = Partition> {
        (1..=self.count).map(move |index| Partition { index, ..self })
    }

    /// Whether both are parts of one and the same division.
    pub fn divides_as(&self, other: &Partition) -> bool {
        (self.kind, self.count) == (other.kind, other.count)
    }
}

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, PartitionError> {
        let wrong = |why: &str| {
            PartitionError(format!(
                "`{text}` is no partition: {why}; write slice:1/4 or hash:1/4 for the first of four parts"
            ))
        };
        let (kind, numbers) = text
            .split_once(':')
            .ok_or_else(|| wrong("a kind is missing"))?;
        let kind = match kind {
            "slice" => Kind::Slice,
            "hash" => Kind::Hash,
            _ => return Err(wrong("its kind is unknown")),
        };
        let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
        let (index, count) = numbers
            .split_once('/')
            .and_then(|(index, count)| Some((number(index)?, number(count)?)))
            .ok_or_else(|| wrong("parts are counted from 1"))?;
        if index > count {
            return Err(wrong("there are fewer parts than that"));
        }
        Ok(Partition { kind, index, count })
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Slice => "slice",
            Kind::Hash => "hash",
        };
        write!(to, "{kind}:{}/{}", self.index, self.count)
    }
}

/// FNV-1a, 64 bits (draft-eastlake-fnv), its bits mixed once more: the lowest of FNV's are weak, and they decide here.
/// It must never change: machines with different versions would grade a submission twice, or not at all.
fn hash(id: &str) -> u64 {
    let fnv = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (fnv ^ (fnv >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{string::ToString, vec::Vec};
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("")]
    #[case("1/4")]
    #[case("slice:0/4")]
    #[case("slice:5/4")]
    #[case("slice:1/0")]
    #[case("slice:1")]
    #[case("count:1/4")]
    #[case("hash:-1/4")]
    #[case("hash:1/99999999999")]
    fn what_means_nothing_is_refused_with_an_example(#[case] text: &str) {
        let error = text.parse::<Partition>().unwrap_err().to_string();
        assert!(error.contains("slice:1/4"), "{error}");
    }

    #[test]
    fn a_hash_is_the_same_for_ever() {
        let part = |id: &str| {
            let first: Partition = "hash:1/4".parse().unwrap();
            first.siblings().position(|part| part.holds(0, id)).unwrap()
        };
        let parts: Vec<usize> = ["alice", "bob", "carol", "dave", "erin", "frank"]
            .map(part)
            .into();
        // Computed by an independent implementation.
        assert_eq!(parts, [1, 0, 2, 0, 2, 3]);
    }

    proptest! {
        #[test]
        fn every_submission_is_in_exactly_one_part(ids in prop::collection::vec(".{0,12}", 0..40), count in 1u32..9, kind in "slice|hash") {
            let first: Partition = format!("{kind}:1/{count}").parse().unwrap();
            for (position, id) in ids.iter().enumerate() {
                let holders = first.siblings().filter(|part| part.holds(position, id)).count();
                prop_assert_eq!(holders, 1);
            }
        }

        #[test]
        fn what_is_shown_is_read_again(index in 1u32..99, more in 0u32..99, kind in "slice|hash") {
            let text = format!("{kind}:{index}/{}", index + more);
            prop_assert_eq!(text.parse::<Partition>().unwrap().to_string(), text);
        }

        #[test]
        fn a_hash_does_not_depend_on_the_others(id in ".{0,12}", here in 0usize..1000, there in 0usize..1000) {
            let part: Partition = "hash:2/3".parse().unwrap();
            prop_assert_eq!(part.holds(here, &id), part.holds(there, &id));
        }
    }
}
