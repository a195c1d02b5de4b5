//! Reports that tell one submission after another, and keep none.

use super::order::InOrder;
use super::{Reporter, tame::tame};
use crate::event::{Event, SubmissionReport};
use std::io;

/// A report that is written as submissions are finished, in the order of the command line. What it is given is
/// [tame](super::tame): no text in it can steer a terminal, break out of its line or be longer than a person reads.
pub trait OneByOne: Send {
    /// The run begins.
    ///
    /// # Errors
    /// Those of the writer.
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// The next submission.
    ///
    /// # Errors
    /// Those of the writer.
    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()>;

    /// The run has ended: everything must be written and flushed.
    ///
    /// # Errors
    /// Those of the writer.
    fn end(&mut self) -> io::Result<()>;
}

/// The reporter that such a report makes.
pub struct InTurn<R> {
    report: R,
    order: InOrder,
}

impl<R: OneByOne + 'static> InTurn<R> {
    /// Boxed, as [`Kind::open`](super::Kind) wants it.
    pub fn boxed(report: R) -> Box<dyn Reporter> {
        Box::new(InTurn {
            report,
            order: InOrder::default(),
        })
    }
}

impl<R: OneByOne> Reporter for InTurn<R> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted { .. } => self.report.begin(),
            Event::SubmissionFinished { submission, report } => {
                let ready = self.order.push(*submission, tame((**report).clone()));
                ready
                    .iter()
                    .try_for_each(|report| self.report.submission(report))
            }
            Event::RunFinished => {
                let rest = self.order.rest();
                rest.iter()
                    .try_for_each(|report| self.report.submission(report))?;
                self.report.end()
            }
            Event::SubmissionStarted { .. }
            | Event::CheckTimed { .. }
            | Event::CheckFinished { .. } => Ok(()),
        }
    }
}
