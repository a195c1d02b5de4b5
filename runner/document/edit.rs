//! Changing one scalar of a document and nothing else.

use super::Document;
use super::tree::{Content, Style};
use checks::lint::PathPart;
use serde_yaml::Value;
use std::ops::Range;

impl Document {
    /// The whole text of the document with `text` in the place of the scalar at `path`. Where the scalar is written
    /// after `|` its lines and their indentation are kept to, elsewhere it is put in quotes; everything else stays
    /// byte for byte. `None` if there is no such scalar, if it is an empty block, one without indentation (as a whole document
    /// may be), one of a file with unusual line ends, or not written at all, or if it is written after `>`, where lines are
    /// joined; nor if the text cannot be held in that place, or the result is not read as this document with nothing but
    /// that scalar changed. (A flow list whose lines begin left of where they should is such a place: it is read while
    /// what comes first in it stands in no quotes.)
    pub fn with_scalar(&self, path: &[PathPart], text: &str) -> Option<String> {
        let (node, missing) = self.root.at(path);
        let Content::Scalar { text: old, style } = &node.content else {
            return None;
        };
        if missing > 0 {
            return None;
        }
        let (span, written) = match style {
            Style::Literal => {
                let (span, indentation) = block(&self.source, node.span.start, old)?;
                // The file's: the block itself may be one line, whose end is not replaced.
                let ending = if self.source.contains("\r\n") {
                    "\r\n"
                } else {
                    "\n"
                };
                (span, lines(text, old, indentation, ending))
            }
            Style::Folded => return None,
            // Nothing is written there: `a:`, or `{a}`.
            Style::Flow
                if old.is_empty() && !self.source[node.span.start..].starts_with(['\'', '"']) =>
            {
                return None;
            }
            Style::Flow => (
                flow(&self.source, node.span.clone()),
                serde_json::to_string(text).ok()?,
            ),
        };
        let (before, after) = (&self.source[..span.start], &self.source[span.end..]);
        let edited = format!("{before}{written}{after}");
        self.differs_only_at(path, text, &edited).then_some(edited)
    }

    /// That `edited` is this document with `text` at `path`. Blanks around the text and its last line's end are not looked
    /// at, since blocks differ in them, nor the pattern that may stand for its first line's blanks.
    fn differs_only_at(&self, path: &[PathPart], text: &str, edited: &str) -> bool {
        let Ok(edited) = Document::read(&self.file, edited.as_bytes()) else {
            return false;
        };
        let mut expected = self.value.clone();
        let (Some(old), Some(new)) = (
            value_at(&mut expected, path),
            value_at(&mut edited.value.clone(), path).map(|new| new.clone()),
        ) else {
            return false;
        };
        let bare = |text: &str| text.trim().trim_start_matches(ANY).trim_start().to_owned();
        let is_text = new.as_str().is_some_and(|new| bare(new) == bare(text));
        *old = new;
        is_text && expected == edited.value
    }
}

/// The pattern that matches anything within a line, which stands for blanks that YAML would take for indentation.
const ANY: &str = "[..]";

fn value_at<'v>(value: &'v mut Value, path: &[PathPart]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, part| match part {
        PathPart::Key(key) => value.get_mut(key.as_str()),
        PathPart::Index(index) => value.get_mut(*index),
    })
}

/// A scalar within a line. The parser sees it end where the next token begins, behind a comment perhaps.
fn flow(source: &str, span: Range<usize>) -> Range<usize> {
    let text = &source[span.clone()];
    let length = match text.chars().next() {
        Some(quote @ ('\'' | '"')) => closing(text, quote),
        _ => text
            .find(" #")
            .map(|comment| text[..comment].trim_end().len()),
    };
    span.start..span.start + length.unwrap_or(text.trim_end().len())
}

/// Where a quoted scalar ends: behind the quote that is neither doubled (single quotes) nor escaped (double ones).
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quote == '"' {
            characters.next();
        } else if character == quote {
            let doubled =
                quote == '\'' && characters.peek().is_some_and(|(_, next)| *next == quote);
            if !doubled {
                return Some(at + quote.len_utf8());
            }
            characters.next();
        }
    }
    None
}

/// What ends a line for one version of YAML or another, and for `str::lines` does not.
const LINE_ENDS: [char; 4] = ['\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// The lines of a literal block, the last line's end left out, and the indentation of each. `start` is where the parser
/// sees the block begin: on its first line that is not empty, behind the indentation.
fn block<'s>(source: &'s str, start: usize, text: &str) -> Option<(Range<usize>, &'s str)> {
    let empty = text.lines().position(|line| !line.is_empty())?;
    let line_start = |at: usize| source[..at].rfind('\n').map_or(0, |at| at + 1);
    let mut first = line_start(start);
    let indentation = &source[first..start];
    if indentation.is_empty() || source.replace("\r\n", "\n").contains(LINE_ENDS) {
        // Parsers differ over what may stand there, and over where it ends.
        return None;
    }
    for _ in 0..empty {
        first = line_start(first.checked_sub(1)?);
    }
    let mut lines = source[first..].split_inclusive('\n');
    let taken = lines.by_ref().take(text.trim_end().lines().count());
    let length: usize = taken.map(str::len).sum();
    let end = first
        + source[first..first + length]
            .trim_end_matches(['\r', '\n'])
            .len();
    Some((first..end, indentation))
}

fn lines(text: &str, old: &str, indentation: &str, ending: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    // Blanks at the start of a block's first line count as indentation, unless its header says how deep that is: then
    // the old text began with some as well.
    let begins_blank = |text: &str| {
        text.lines()
            .find(|line| !line.is_empty())
            .is_some_and(|line| line.starts_with(' '))
    };
    if begins_blank(text)
        && !begins_blank(old)
        && let Some(first) = lines.iter_mut().find(|line| !line.is_empty())
    {
        *first = format!("{ANY}{}", first.trim_start());
    }
    let indented = lines.iter().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!("{indentation}{line}")
        }
    });
    indented.collect::<Vec<_>>().join(ending)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn edited(source: &str, text: &str) -> Option<String> {
        let document = Document::read("x.yaml", source.as_bytes()).unwrap();
        document.with_scalar(&[PathPart::Key("a".into())], text)
    }

    #[rstest]
    #[case::block(
        "a: |\n  one\n  two\n# kept\nb: 1\n",
        "three",
        "a: |\n  three\n# kept\nb: 1\n"
    )]
    #[case::longer(
        "a: |\n    one\nb: 1\n",
        "one\n\ntwo",
        "a: |\n    one\n\n    two\nb: 1\n"
    )]
    #[case::empty_lines_around("a: |\n\n  one\n\n\nb: 1\n", "two", "a: |\n  two\n\n\nb: 1\n")]
    #[case::last_of_the_file("a: |\n  one", "two", "a: |\n  two")]
    #[case::commented_header("a: | # why\n  one\n", "two", "a: | # why\n  two\n")]
    #[case::indented_text("a: |\n  one\n", "  two", "a: |\n  [..]two\n")]
    #[case::indicated("a: |2\n    one\n", "  two", "a: |2\n    two\n")]
    #[case::carriage_returns("a: |\r\n  one\r\nb: 1\r\n", "1\n2", "a: |\r\n  1\r\n  2\r\nb: 1\r\n")]
    #[case::quoted("a: 'one' # why\n", "two\n\"3\"", "a: \"two\\n\\\"3\\\"\" # why\n")]
    #[case::quote_in_quotes("a: 'it''s' # why\n", "two", "a: \"two\" # why\n")]
    #[case::escaped_quote("a: \"a \\\" b\" # why\n", "two", "a: \"two\" # why\n")]
    #[case::plain_and_comment("a: one # why\n", "two", "a: \"two\" # why\n")]
    #[case::plain("{a: one, b: 2}\n", "two", "{a: \"two\", b: 2}\n")]
    fn only_the_scalar_changes(#[case] source: &str, #[case] text: &str, #[case] expected: &str) {
        let result = edited(source, text).unwrap();
        assert_eq!(result, expected);
        let again = Document::read("x.yaml", result.as_bytes()).unwrap();
        let value = again
            .value
            .get("a")
            .and_then(serde_yaml::Value::as_str)
            .unwrap();
        // Blanks in front are the indentation's, where it is given by a number.
        let value = value.trim_end().trim_start_matches("[..]");
        assert_eq!(value.trim_start(), text.trim_start());
    }

    #[test]
    fn a_place_that_cannot_hold_the_text_is_left_alone() {
        let source = "a: [x, \"y\"\n, z]\n";
        let document = Document::read("x.yaml", source.as_bytes()).unwrap();
        let first = [PathPart::Key("a".into()), PathPart::Index(0)];
        assert_eq!(document.with_scalar(&first, "two"), None);
    }

    #[test]
    fn a_block_without_indentation_is_not_edited() {
        let document = Document::read("x.yaml", b"|\n# one\n# two\n").unwrap();
        assert_eq!(document.with_scalar(&[], "x"), None);
    }

    #[rstest]
    #[case::missing("b: 1\n")]
    #[case::a_list("a: [1]\n")]
    #[case::an_empty_block("a: |\nb: 1\n")]
    #[case::nothing("a:\nb: 1\n")]
    #[case::nothing_in_braces("{a}\n")]
    #[case::a_bare_carriage_return("a: |\n  one\rb: []\n")]
    #[case::a_line_separator("a: |\n  one\u{2028}  two\n")]
    #[case::a_folded_block("a: >-\n  one\n  two\nb: 1\n")]
    fn what_is_no_scalar_is_not_edited(#[case] source: &str) {
        assert_eq!(edited(source, "x"), None);
    }
}
