//! The JSON report: `rdgrade/report/v1`, one object for each submission, one on a line.

use super::{Kind, Look, Output, Reporter, order::InOrder};
use crate::event::{Event, SubmissionReport};
use std::io;

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "json",
    about: "rdgrade/report/v1, one object a line for each submission",
    open: |output, look| Box::new(Json::new(output, look)),
};

/// Writes reports as JSON. Text is as the submission printed it: JSON's own escapes keep control characters
/// from a terminal, and programs want the bytes.
pub struct Json {
    output: Output,
    order: InOrder,
}

impl Json {
    /// A reporter that writes to `output`.
    pub fn new(output: Output, _look: Look) -> Self {
        Json { output, order: InOrder::default() }
    }

    fn write(&mut self, reports: &[SubmissionReport]) -> io::Result<()> {
        for report in reports {
            serde_json::to_writer(&mut self.output, report)?;
            self.output.write_all(b"\n")?;
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
            Event::RunStarted { .. } | Event::SubmissionStarted { .. } | Event::CheckFinished { .. } => Ok(()),
        }
    }
}
