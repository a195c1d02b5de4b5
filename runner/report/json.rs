//! The JSON report: `rdgrade/report/v1`, one object for each submission, one on a line.

use super::{Holds, Kind, Output, Reporter, order::InOrder};
use crate::event::{Event, SubmissionReport};
use crate::terminal::is_harmful;
use serde::Serialize;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "json",
    about: "rdgrade/report/v1, one object a line for each submission",
    holds: Holds::Several,
    open: |opening| Ok(Box::new(Json::new(opening.output))),
};

/// Writes reports as JSON. Text is as the submission printed it, but what a terminal would obey is spelled
/// `\u009b`: the same string to a program, and harmless to whoever looks at the file.
pub struct Json {
    output: Output,
    order: InOrder,
}

impl Json {
    /// A reporter that writes to `output`.
    pub fn new(output: Output) -> Self {
        Json {
            output,
            order: InOrder::default(),
        }
    }

    fn write(&mut self, reports: &[SubmissionReport]) -> io::Result<()> {
        for report in reports {
            line(&mut self.output, report)?;
        }
        self.output.flush()
    }
}

impl Reporter for Json {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::SubmissionFinished { submission, report } => {
                let ready = self.order.push(*submission, (**report).clone());
                self.write(&ready)
            }
            Event::RunFinished => {
                let rest = self.order.rest();
                self.write(&rest)
            }
            Event::RunStarted { .. }
            | Event::SubmissionStarted { .. }
            | Event::CheckTimed { .. }
            | Event::CheckFinished { .. } => Ok(()),
        }
    }
}

/// Writes `value` on a line of its own, harmless to whoever looks at it.
///
/// # Errors
/// Those of the writer.
pub(crate) fn line(output: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    write_harmless(output, value)?;
    output.write_all(b"\n")
}

/// Writes `value` as JSON that no terminal obeys.
///
/// # Errors
/// Those of the writer.
pub(super) fn write_harmless(output: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(output, Escaping);
    Ok(value.serialize(&mut serializer)?)
}

/// JSON without blanks, C1 controls and invisible characters escaped too; serde_json escapes C0 alone. So is the sign that CI
/// systems look for anywhere in a line (`##[command]`).
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c| c == '#' || is_harmful(c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let harmful = rest[at..].chars().next().unwrap_or_default();
            for unit in harmful.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + harmful.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}
