//! Two texts of several lines that have much in common, as one with `-` and `+`.

use crate::page::Tone;
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
    let diff = checks::diff::lines(expected, actual);
    let lines: Vec<(Tone, String)> = diff
        .lines()
        .map(|line| (tone(line), line.to_owned()))
        .collect();
    lines
        .iter()
        .any(|(tone, _)| *tone == Tone::Plain)
        .then_some(lines)
}

/// How a line of a diff looks: what is missing, what should not be there, what is the same.
pub fn tone(line: &str) -> Tone {
    match line.as_bytes() {
        [b'-', b' ', ..] => Tone::Good,
        [b'+', b' ', ..] => Tone::Bad,
        [b' ', ..] => Tone::Plain,
        _ => Tone::Dim,
    }
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
