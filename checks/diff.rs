//! Texts cut to what a person can take in, and line diffs of expected against actual.

use alloc::{format, string::String, vec::Vec};
use similar::{ChangeTag, TextDiff};

/// Lines kept from the beginning of a long text.
pub const HEAD_LINES: usize = 20;
/// Lines kept from its end.
pub const TAIL_LINES: usize = 20;
/// Characters kept of a line.
pub const LINE_CHARS: usize = 400;
/// Lines that are the same on both sides, kept around a difference.
const CONTEXT: usize = 3;
/// Lines of either side a diff is made of; what comes after them is left out.
const DIFFED_LINES: usize = 1000;

/// `text` cut after `limit` characters, with a `…` where it was cut.
pub fn clip(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => String::from(text),
    }
}

/// The first and the last lines, with a line that says how many are missing between them.
pub fn excerpt<'l>(lines: impl Iterator<Item = &'l str>) -> Vec<String> {
    let lines: Vec<&str> = lines.collect();
    let clipped = |lines: &[&str]| -> Vec<String> {
        lines.iter().map(|line| clip(line, LINE_CHARS)).collect()
    };
    // One line left out would be replaced by one that says so.
    if lines.len() <= HEAD_LINES + TAIL_LINES + 1 {
        return clipped(&lines);
    }
    let left_out = lines.len() - HEAD_LINES - TAIL_LINES;
    let mut kept = clipped(&lines[..HEAD_LINES]);
    kept.push(format!("… {left_out} lines left out …"));
    kept.extend(clipped(&lines[lines.len() - TAIL_LINES..]));
    kept
}

/// A diff of lines: `- ` expected only, `+ ` actual only, two blanks for both, `…` for what is the same and far
/// from any difference. Empty when the two are equal; capped as [`excerpt`] does.
pub fn lines(expected: &str, actual: &str) -> String {
    let head = |text: &str| -> String {
        let lines = text.lines().take(DIFFED_LINES);
        lines.map(|line| clip(line, LINE_CHARS) + "\n").collect()
    };
    let (expected, actual) = (head(expected), head(actual));
    if expected == actual {
        return String::new();
    }
    let diff = TextDiff::from_lines(&expected, &actual);
    let mut shown: Vec<String> = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            shown.push(String::from("…"));
        }
        for change in group
            .iter()
            .flat_map(|operation| diff.iter_changes(operation))
        {
            let sign = match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            };
            shown.push(format!("{sign} {}", change.value().trim_end_matches('\n')));
        }
    }
    excerpt(shown.iter().map(String::as_str)).join("\n")
}

/// A unified diff of a file before and after, as patch(1) takes it. Empty when the two are equal.
pub fn unified(file: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let mut unified = diff.unified_diff();
    format!("{}", unified.context_radius(CONTEXT).header(file, file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_diff_shows_what_differs_and_what_is_near() {
        let expected = "1\n2\n3\n4\n5\nsix\n7";
        let actual = "1\n2\n3\n4\n5\n6\n7";
        assert_eq!(lines(expected, actual), "  3\n  4\n  5\n- six\n+ 6\n  7");
        assert_eq!(lines(actual, actual), "");
    }

    #[test]
    fn a_long_text_keeps_head_and_tail() {
        let text: Vec<String> = (0..100).map(|number| format!("{number}")).collect();
        let kept = excerpt(text.iter().map(String::as_str));
        assert_eq!(kept.len(), HEAD_LINES + TAIL_LINES + 1);
        assert_eq!(kept[0], "0");
        assert_eq!(kept[HEAD_LINES], "… 60 lines left out …");
        assert_eq!(kept[kept.len() - 1], "99");
    }

    proptest! {
        #[test]
        fn a_diff_holds_every_changed_line(one in "[ab\n]{0,30}", other in "[ab\n]{0,30}") {
            let shown = lines(&one, &other);
            prop_assert_eq!(shown.is_empty(), one.lines().eq(other.lines()));
        }

        #[test]
        fn clipping_never_panics(text in "\\PC{0,50}", limit in 0usize..60) {
            prop_assert!(clip(&text, limit).chars().count() <= limit + 1);
        }
    }
}
