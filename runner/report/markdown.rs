//! Markdown, as GitHub shows it in a job's summary, a release or a comment.
//!
//! What a submission wrote is either in `<code>`, every punctuation mark an entity, or in `<pre>`, which Markdown ends
//! at `</pre>` alone and which holds no `<` (CommonMark, "HTML blocks", condition 1): it cannot become markup.

use super::human::{points, sign, tally};
use super::one_by_one::{InTurn, OneByOne};
use super::told::{Told, capped, each, failed, score};
use super::{Holds, Kind, Look, Output};
use crate::event::SubmissionReport;
use std::io::{self, Write};

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "markdown",
    about: "Markdown, for a job summary or a release",
    holds: Holds::Several,
    open: |opening| {
        let room = Room::of_a_summary(0);
        Ok(InTurn::boxed(Markdown::new(
            opening.output,
            opening.look,
            room,
        )))
    },
};

/// How much may be written.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Bytes in all.
    pub bytes: usize,
    /// Characters of an explanation.
    pub explanation: usize,
}

impl Room {
    /// A job's summary has 1 MiB a step, of which `taken` bytes are taken; beyond that GitHub shows nothing at all.
    pub fn of_a_summary(taken: u64) -> Self {
        let taken = usize::try_from(taken).unwrap_or(usize::MAX);
        Room {
            bytes: 1_000_000_usize.saturating_sub(taken),
            explanation: 10_000,
        }
    }
}

/// Bytes kept free for the note that something was left out.
const NOTE: usize = 200;

/// Writes Markdown, and no more than there is room for: what does not fit as a whole is left out, and that is said.
pub struct Markdown {
    output: Output,
    look: Look,
    room: Room,
    left_out: usize,
}

impl Markdown {
    /// A report on `output`.
    pub fn new(output: Output, look: Look, room: Room) -> Self {
        Markdown {
            output,
            look,
            room,
            left_out: 0,
        }
    }

    fn piece(&mut self, text: &str) -> io::Result<()> {
        match self.room.bytes.checked_sub(text.len()) {
            Some(left) if left >= NOTE => {
                self.room.bytes = left;
                self.output.write_all(text.as_bytes())
            }
            _ => {
                self.left_out += 1;
                Ok(())
            }
        }
    }
}

impl OneByOne for Markdown {
    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()> {
        self.piece(&overview(report))?;
        for told in each(report).filter(|told| failed(told.check) || told.uncounted().is_some()) {
            let text = details(told, &self.look, self.room.explanation);
            self.piece(&text)?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        if self.left_out > 0 && self.room.bytes >= NOTE {
            let pieces = self.left_out;
            writeln!(
                self.output,
                "*Left out, since there is no more room: {pieces} submissions or explanations.*"
            )?;
        }
        self.output.flush()
    }
}

fn overview(report: &SubmissionReport) -> String {
    let mut text = format!("### {}: {}\n\n", code(&report.submission), score(report));
    if let Some(student) = &report.student {
        text += &format!("{} {}\n\n", code(&student.id), code(&student.name));
    }
    if let Some(why) = &report.not_graded {
        text += &format!(
            "Not graded: {} {}\n\n",
            code(&why.reason),
            code(&why.remedy)
        );
    }
    if !report.levels.is_empty() {
        text += "| level | points | checks |\n| --- | --- | --- |\n";
    }
    for level in &report.levels {
        text += &format!(
            "| {} {} | {} of {} | {} |\n",
            code(&level.level),
            entities(&level.title),
            level.score,
            level.max_score,
            tally(level)
        );
    }
    text + "\n"
}

fn details(told: Told<'_>, look: &Look, explanation: usize) -> String {
    let check = told.check;
    let (sign, _) = sign(check.status);
    format!(
        "<details><summary>{sign} {} {}: {}</summary>\n\n<pre>\n{}</pre>\n\n</details>\n\n",
        code(&told.name()),
        points(check),
        entities(&check.title),
        html(&capped(&told.explained(look), explanation)),
    )
}

/// Text in a line of Markdown.
fn code(text: &str) -> String {
    format!("<code>{}</code>", entities(text))
}

/// Every character that could mean something to Markdown or HTML as a number. An entity never is markup (CommonMark,
/// "Entity and numeric character references").
fn entities(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '-' | '.' | '/' | ',' => safe.push(c),
            c if c.is_ascii_punctuation() => safe.push_str(&format!("&#{};", c as u32)),
            c => safe.push(c),
        }
    }
    safe
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
