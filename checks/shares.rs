//! The field `shares` of a cpu group, where the kernel counts weight instead.
//!
//! With cgroup version 2 it is a list of words, each a range of cpu.shares (`500..526`) that a documented conversion turns into
//! the weight that was read, or `default`. A level file asks for a number as ever.

use alloc::string::String;

/// Whether one of the ranges holds `shares`. Words that are no range stand for nothing.
pub fn stands_for(words: &[String], shares: u64) -> bool {
    words
        .iter()
        .filter_map(|word| word.split_once(".."))
        .any(|(first, last)| match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) => (first..=last).contains(&shares),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;

    #[test]
    fn both_ends_belong_to_a_range() {
        let words = [
            "default".to_owned(),
            "200..210".to_owned(),
            "500..526".to_owned(),
            "x..9".to_owned(),
        ];
        for (shares, held) in [
            (199, false),
            (200, true),
            (210, true),
            (211, false),
            (526, true),
            (9, false),
        ] {
            assert_eq!(stands_for(&words, shares), held, "{shares}");
        }
    }
}
