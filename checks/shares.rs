//! The field `shares` of a cpu group: what `shares: 512` and `shares: default` in a level file mean.
//!
//! With cgroup version 1 the kernel counts shares, and the field is their number, or `default`. With version 2 it counts
//! weight, and the field is a list of words: ranges of cpu.shares (`500..526`) that a documented conversion turns into the
//! weight that was read, and `default`. A level file asks for a number either way.

use crate::fact::Value;
use crate::level::Scalar;
use alloc::string::String;

/// What `default` says, and what a group has that nobody writes to.
const DEFAULT: (&str, u64) = ("default", 1024);

/// Whether the shares that were read are those a level file asks for.
pub(crate) fn are(read: &Value, wanted: &Scalar) -> bool {
    match (read, wanted) {
        (Value::Number(read), Scalar::Number(wanted)) => read == wanted,
        (Value::Text(read), Scalar::Number(wanted)) => (read.as_str(), *wanted) == DEFAULT,
        (Value::Text(read), Scalar::Text(wanted)) => read == wanted,
        (Value::Words(words), Scalar::Number(wanted)) => stands_for(words, *wanted),
        (Value::Words(words), Scalar::Text(wanted)) => words.contains(wanted),
        _ => false,
    }
}

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
    use rstest::rstest;

    fn words(words: &[&str]) -> Value {
        Value::Words(words.iter().map(|word| (*word).to_owned()).collect())
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[rstest]
    #[case::version_1(Value::Number(512), 512, true)]
    #[case::version_1_another(Value::Number(513), 512, false)]
    #[case::the_default_has_a_number(text("default"), 1024, true)]
    #[case::and_no_other(text("default"), 512, false)]
    #[case::version_2(words(&["20..29", "500..526"]), 512, true)]
    #[case::version_2_another(words(&["20..29", "500..526"]), 527, false)]
    #[case::version_2_default(words(&["default", "1015..1034"]), 1024, true)]
    #[case::unreadable(text("no cpu.shares in this group"), 1024, false)]
    fn a_number_is_compared(#[case] read: Value, #[case] wanted: u64, #[case] holds: bool) {
        assert_eq!(are(&read, &Scalar::Number(wanted)), holds);
    }

    #[rstest]
    #[case::version_1(text("default"), true)]
    #[case::version_1_written(Value::Number(512), false)]
    #[case::version_2(words(&["default", "1015..1034"]), true)]
    #[case::version_2_written(words(&["500..526"]), false)]
    #[case::version_2_alone(words(&["default"]), true)]
    #[case::unreadable(text("no cpu.weight in this group"), false)]
    fn the_default_has_a_word(#[case] read: Value, #[case] holds: bool) {
        assert_eq!(are(&read, &Scalar::Text("default".to_owned())), holds);
    }

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
