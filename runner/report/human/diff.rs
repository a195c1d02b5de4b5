//! Two texts of several lines that have much in common, as one with `-` and `+`.

use crate::page::Tone;
use similar::{ChangeTag, TextDiff};

/// Lines shown around a change.
const CONTEXT: usize = 2;
/// Below this similarity (0 to 1) two texts are easier to read one after the other.
const ALIKE: f32 = 0.3;

/// The lines of a diff, with how each looks; `None` where a diff would not help: a single line, texts with
/// nothing in common, or a side that is a diff or a pattern (`...`) itself.
pub fn lines(expected: &str, actual: &str) -> Option<Vec<(Tone, String)>> {
    if expected.lines().count() < 2
        || actual.lines().count() < 2
        || marked(expected)
        || marked(actual)
    {
        return None;
    }
    let (expected, actual): (Vec<&str>, Vec<&str>) =
        (expected.lines().collect(), actual.lines().collect());
    let diff = TextDiff::from_slices(&expected, &actual);
    if diff.ratio() < ALIKE || expected == actual {
        return None;
    }
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            lines.push((Tone::Dim, "  …".to_owned()));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (mark, tone) = match change.tag() {
                ChangeTag::Delete => ('-', Tone::Good),
                ChangeTag::Insert => ('+', Tone::Bad),
                ChangeTag::Equal => (' ', Tone::Plain),
            };
            lines.push((tone, format!("{mark} {}", change.value())));
        }
    }
    Some(lines)
}

fn marked(text: &str) -> bool {
    text.lines()
        .any(|line| line.starts_with("+ ") || line.starts_with("- ") || line.trim() == "...")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn what_is_missing_and_what_is_new_are_marked() {
        let lines = lines("bin\nboot\ndev\nusr", "bin\ndev\nrootfs\nusr").unwrap();
        let text: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
        assert_eq!(text, ["  bin", "- boot", "  dev", "+ rootfs", "  usr"]);
    }

    #[rstest]
    #[case::one_line("a", "b")]
    #[case::one_against_several("the table as it was", "a\nb")]
    #[case::nothing_in_common("a\nb\nc", "x\ny\nz")]
    #[case::a_diff_already("a\nb", "+ a\nb")]
    #[case::a_pattern("...\nb", "a\nb")]
    fn elsewhere_both_are_shown(#[case] expected: &str, #[case] actual: &str) {
        assert_eq!(lines(expected, actual), None);
    }
}
