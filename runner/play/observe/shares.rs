//! cpu.shares and what became of it in cpu.weight.
//!
//! Version 1 counts shares, 2 to 262144, by default 1024; version 2 counts weight, 1 to 10000, by default 100. A program that is
//! given shares and finds version 2 has to convert, and several ways of doing so are documented. None can be undone exactly, so
//! a weight stands for ranges of shares.

use checks::fact::Value;
use std::ops::RangeInclusive;

/// What a group has unless somebody writes: cpu.shares and cpu.weight (kernel docs `scheduler/sched-design-CFS`,
/// `admin-guide/cgroup-v2`).
const DEFAULT: (u64, u64) = (1024, 100);

/// All that cpu.shares can be; the kernel clamps.
const SHARES: RangeInclusive<u64> = 2..=262_144;

/// Documented conversions from shares to weight. Each never falls as shares grow.
const CONVERSIONS: [fn(u64) -> u64; 4] = [
    // systemd.resource-control(5), CPUShares=: in proportion of the defaults, cut.
    |shares| (shares * DEFAULT.1 / DEFAULT.0).clamp(1, 10_000),
    // The kernel itself, between cpu.weight and its own shares (`cpu_weight_read_u64`): the same, rounded.
    |shares| ((shares * DEFAULT.1 + DEFAULT.0 / 2) / DEFAULT.0).clamp(1, 10_000),
    // Kubernetes (KEP-2254), and for years runc and crun: range onto range.
    |shares| 1 + (shares - 2) * 9_999 / 262_142,
    // Their successor in runc and crun: a curve through smallest, default and greatest.
    |shares| {
        let power = (shares as f64).log2();
        10f64
            .powf((power * power + 125.0 * power) / 612.0 - 7.0 / 34.0)
            .ceil()
            .clamp(1.0, 10_000.0) as u64
    },
];

/// The value of the field `shares` on version 1: the number, or `default`.
pub fn of_shares(shares: u64) -> Value {
    if shares == DEFAULT.0 {
        Value::Text("default".to_owned())
    } else {
        Value::Number(shares)
    }
}

/// The value of the field `shares` on version 2: the ranges of shares, `500..526`, that a documented conversion turns into this
/// weight, and `default` where nobody need have written anything.
pub fn of_weight(weight: u64) -> Value {
    let mut ranges: Vec<_> = CONVERSIONS
        .iter()
        .filter_map(|convert| inverse(*convert, weight))
        .collect();
    ranges.sort_by_key(|range| (*range.start(), *range.end()));
    ranges.dedup();
    let mut words: Vec<String> = ranges
        .iter()
        .map(|range| format!("{}..{}", range.start(), range.end()))
        .collect();
    if weight == DEFAULT.1 {
        words.insert(0, "default".to_owned());
    }
    Value::Words(words)
}

/// The shares that `convert` turns into `weight`.
fn inverse(convert: fn(u64) -> u64, weight: u64) -> Option<RangeInclusive<u64>> {
    let first = lowest(|shares| convert(shares) >= weight)?;
    let beyond = lowest(|shares| convert(shares) > weight).unwrap_or(SHARES.end() + 1);
    (first < beyond).then(|| first..=beyond - 1)
}

/// The least shares for which `holds`, which goes on to hold from there.
fn lowest(holds: impl Fn(u64) -> bool) -> Option<u64> {
    let (mut low, mut high) = (*SHARES.start(), *SHARES.end());
    if !holds(high) {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle
        } else {
            low = middle + 1
        }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use checks::shares::stands_for;
    use rstest::rstest;

    #[rstest]
    fn whatever_the_conversion_the_shares_asked_for_are_found_again(
        #[values(0, 1, 2, 3)] conversion: usize,
        #[values(2, 3, 128, 256, 512, 1000, 2048, 10_000, 262_144)] asked: u64,
    ) {
        let weight = CONVERSIONS[conversion](asked);
        assert!((1..=10_000).contains(&weight));
        let Value::Words(words) = of_weight(weight) else {
            panic!("no words")
        };
        assert!(
            stands_for(&words, asked),
            "{asked} became {weight}, read as {words:?}"
        );
    }

    #[rstest]
    #[case::untouched(100, 512)]
    #[case::written_unconverted(512, 512)]
    #[case::half_of_it(10, 512)]
    fn another_weight_is_not_taken_for_what_was_asked(#[case] weight: u64, #[case] asked: u64) {
        let Value::Words(words) = of_weight(weight) else {
            panic!("no words")
        };
        assert!(!stands_for(&words, asked), "{words:?}");
    }

    #[rstest]
    // What the curve was drawn through.
    #[case(2, 1)]
    #[case(1024, 100)]
    #[case(262_144, 10_000)]
    fn the_curve_meets_its_three_points(#[case] shares: u64, #[case] weight: u64) {
        assert_eq!(CONVERSIONS[3](shares), weight);
    }

    #[test]
    fn only_the_default_weight_is_called_default() {
        let named = |weight| matches!(of_weight(weight), Value::Words(words) if words.contains(&"default".to_owned()));
        assert!(named(100) && !named(99) && !named(101));
        assert_eq!(of_shares(1024), Value::Text("default".to_owned()));
        assert_eq!(of_shares(512), Value::Number(512));
    }
}
