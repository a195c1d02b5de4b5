//! Lays text out for people: wrapped at a width, with or without colour.
//!
//! Everything that is handed to a [`Page`] is made harmless here, so no caller can forget it; the only escape
//! sequences that come out are the page's own.

use crate::terminal::{expand_tabs, neutral, one_line};
use anstyle::{AnsiColor, Style};
use textwrap::{Options, WordSplitter, core::display_width};

/// Whether a page may use colour. Nothing is said by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Text alone.
    Plain,
    /// ANSI styles.
    Colour,
}

/// What a piece of text means, hence how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Running text.
    Plain,
    /// Headings and what to type next.
    Strong,
    /// Labels and asides.
    Dim,
    /// A pass.
    Good,
    /// A failure.
    Bad,
    /// Blocked, or not gradable here.
    Warn,
    /// rdgrade's own fault.
    Fault,
}

impl Tone {
    fn style(self) -> Style {
        let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
        match self {
            Tone::Plain => Style::new(),
            Tone::Strong => Style::new().bold(),
            Tone::Dim => Style::new().dimmed(),
            Tone::Good => colour(AnsiColor::Green),
            Tone::Bad => colour(AnsiColor::Red).bold(),
            Tone::Warn => colour(AnsiColor::Yellow),
            Tone::Fault => colour(AnsiColor::Magenta).bold(),
        }
    }
}

/// Columns that the text of an entry has at least.
const LEFT: usize = 16;

const NOTHING: (&str, Tone, usize) = ("", Tone::Plain, 0);

/// What stands at the left of a block's first line; the following lines are indented by its width.
#[derive(Debug, Clone, Copy)]
pub struct Lead<'a> {
    /// Columns before the label.
    pub indent: usize,
    /// The label.
    pub label: &'a str,
    /// How the label looks.
    pub tone: Tone,
    /// Columns the label takes at least, the gap after it included.
    pub columns: usize,
    /// A second label: text, look, columns.
    second: (&'a str, Tone, usize),
}

impl<'a> Lead<'a> {
    /// Nothing but `indent` columns.
    pub fn blank(indent: usize) -> Self {
        Lead {
            indent,
            label: "",
            tone: Tone::Plain,
            columns: 0,
            second: NOTHING,
        }
    }

    /// A label in a column of its own.
    pub fn label(indent: usize, label: &'a str, columns: usize) -> Self {
        Lead {
            indent,
            label,
            tone: Tone::Dim,
            columns,
            second: NOTHING,
        }
    }

    /// A sign such as `✓`, and a space.
    pub fn sign(indent: usize, sign: &'a str, tone: Tone) -> Self {
        Lead {
            indent,
            label: sign,
            tone,
            columns: 2,
            second: NOTHING,
        }
    }

    /// The same, with another look.
    pub fn toned(self, tone: Tone) -> Self {
        Lead { tone, ..self }
    }

    /// The same, followed by a second label.
    pub fn then(self, label: &'a str, tone: Tone, columns: usize) -> Self {
        Lead {
            second: (label, tone, columns),
            ..self
        }
    }

    fn width(&self) -> usize {
        let (second, _, columns) = self.second;
        self.indent
            + self.columns.max(display_width(self.label))
            + columns.max(display_width(second))
    }
}

/// A text under construction.
#[derive(Debug)]
pub struct Page {
    width: usize,
    paint: Paint,
    text: String,
}

impl Page {
    /// An empty page, `width` columns wide (at least 40: below that, wrapping helps nobody).
    pub fn new(width: usize, paint: Paint) -> Self {
        Page {
            width: width.max(40),
            paint,
            text: String::new(),
        }
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Lines so far.
    pub fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// What was laid out.
    pub fn into_text(self) -> String {
        self.text
    }

    /// Puts another page's lines below this one's.
    pub fn append(&mut self, other: Page) {
        self.text.push_str(&other.text);
    }

    /// An empty line, unless there is one already or the page is empty.
    pub fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A text of one or several lines, wrapped; empty text is one line with the lead alone.
    pub fn block(&mut self, lead: Lead<'_>, text: &str, tone: Tone) {
        self.entry(lead, text, tone, "");
    }

    /// Like [`Page::block`], with something at the right end of the first line, or below it if it is long.
    pub fn entry(&mut self, lead: Lead<'_>, text: &str, tone: Tone, right: &str) {
        let right = one_line(right);
        let hang = lead.width();
        if hang + display_width(&right) + LEFT > self.width {
            self.block(lead, text, tone);
            self.block(Lead::blank(hang.max(2)), &right, Tone::Plain);
            return;
        }
        let beside = if right.is_empty() {
            0
        } else {
            display_width(&right) + 2
        };
        let room = self.width.saturating_sub(hang + beside).max(LEFT);
        for (index, line) in wrapped(text, room).into_iter().enumerate() {
            if index == 0 {
                self.lead(&lead);
            } else if !line.is_empty() {
                self.spaces(hang);
            }
            self.painted(&line, tone);
            if index == 0 && !right.is_empty() {
                let used = hang + display_width(&line) + display_width(&right);
                self.spaces(self.width.saturating_sub(used).max(2));
                self.painted(&right, Tone::Plain);
            }
            self.end_line();
        }
    }

    /// Text to be copied, a link or a command: on one line, however long.
    pub fn unbroken(&mut self, lead: Lead<'_>, text: &str, tone: Tone) {
        self.lead(&lead);
        self.painted(&one_line(text), tone);
        self.end_line();
    }

    fn lead(&mut self, lead: &Lead<'_>) {
        self.spaces(lead.indent);
        for (label, tone, columns) in [(lead.label, lead.tone, lead.columns), lead.second] {
            let label = one_line(label);
            self.painted(&label, tone);
            self.spaces(columns.saturating_sub(display_width(&label)));
        }
    }

    fn spaces(&mut self, columns: usize) {
        self.text.extend(std::iter::repeat_n(' ', columns));
    }

    /// Ends the line without blanks at its end: they would make copies and snapshots differ invisibly.
    fn end_line(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
        self.text.push('\n');
    }

    fn painted(&mut self, text: &str, tone: Tone) {
        let style = tone.style();
        if self.paint == Paint::Plain || tone == Tone::Plain || text.is_empty() {
            self.text.push_str(text);
        } else {
            self.text.push_str(&format!("{style}{text}{style:#}"));
        }
    }
}

/// Harmless lines of at most `room` columns. Hyphens are no place to break: ids and paths are full of them.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let options = Options::new(room).word_splitter(WordSplitter::NoHyphenation);
    let text = neutral(text);
    let mut lines: Vec<String> = text
        .trim_end()
        .lines()
        .flat_map(|line| {
            textwrap::wrap(&expand_tabs(line), &options)
                .into_iter()
                .map(|l| l.into_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

/// The width to lay out for: the terminal's where standard output is one (100 at most, since longer lines read
/// badly), else 80.
pub fn width_of_stdout() -> usize {
    terminal_size::terminal_size_of(std::io::stdout())
        .map_or(80, |(terminal_size::Width(columns), _)| {
            usize::from(columns).min(100)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn following_lines_hang_below_the_first() {
        let mut page = Page::new(40, Paint::Plain);
        page.block(
            Lead::label(2, "fix", 6),
            "chdir(\"/\") right after chroot(2), in the child",
            Tone::Plain,
        );
        assert_eq!(
            page.into_text(),
            "  fix   chdir(\"/\") right after\n        chroot(2), in the child\n"
        );
    }

    #[test]
    fn the_right_end_is_the_pages() {
        let mut page = Page::new(40, Paint::Plain);
        page.entry(
            Lead::sign(0, "✓", Tone::Good),
            "ls / lists the image",
            Tone::Plain,
            "2 of 2",
        );
        let text = page.into_text();
        assert_eq!(display_width(text.trim_end()), 40);
        assert!(text.ends_with("2 of 2\n"));
    }

    #[test]
    fn a_long_path_is_not_broken_at_its_hyphens() {
        let mut page = Page::new(60, Paint::Plain);
        page.block(
            Lead::blank(0),
            "the root is /workshop/5abb650e-8d2f-4d6c-b0b0-aaaaaaaaaaaa/rootfs",
            Tone::Plain,
        );
        assert_eq!(
            page.into_text(),
            "the root is\n/workshop/5abb650e-8d2f-4d6c-b0b0-aaaaaaaaaaaa/rootfs\n"
        );
    }

    #[test]
    fn columns_of_a_table_keep_their_blanks() {
        let mut page = Page::new(60, Paint::Plain);
        page.block(Lead::blank(2), "  PID TTY\n    1 pts/0", Tone::Plain);
        assert_eq!(page.into_text(), "    PID TTY\n      1 pts/0\n");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_page(text in "[ a-z\n\t日-]{0,200}", width in 40usize..120) {
            let mut page = Page::new(width, Paint::Plain);
            page.entry(Lead::label(2, "actual", 10), &text, Tone::Plain, "0 of 2");
            for line in page.into_text().lines() {
                prop_assert!(display_width(line) <= width, "{line:?}");
            }
        }

        #[test]
        fn only_the_pages_own_escapes_come_out(text in any::<String>(), label in "[a-z\u{1b}\n]{0,5}") {
            let mut page = Page::new(80, Paint::Plain);
            page.entry(Lead::label(0, &label, 8), &text, Tone::Bad, &text);
            prop_assert!(page.into_text().chars().all(|c| c == '\n' || !c.is_control()));
        }
    }
}
