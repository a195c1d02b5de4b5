//! Plain lines while a class is graded and nobody watches: for the log of a job.

use super::{Output, Reporter};
use crate::event::Event;
use crate::report::pace::Pace;
use crate::terminal::one_line;
use std::io;
use std::time::{Duration, Instant};

/// No two lines come closer together than this; a log of thousands of submissions that are taken from the store helps nobody.
const PAUSE: Duration = Duration::from_millis(200);

/// Writes a line for each submission, as far as [`PAUSE`] lets it, and the last one always.
pub struct Log {
    output: Output,
    pace: Pace,
    submissions: usize,
    finished: usize,
    last: Option<Instant>,
}

impl Log {
    /// Lines on `output`.
    pub fn new(output: Output) -> Self {
        Log {
            output,
            pace: Pace::new(Instant::now()),
            submissions: 0,
            finished: 0,
            last: None,
        }
    }
}

impl Reporter for Log {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted {
                submissions,
                checks,
                ..
            } => {
                self.submissions = *submissions;
                self.pace.expect(*submissions, *checks);
            }
            Event::CheckFinished { submission, .. } => self.pace.step(*submission),
            Event::SubmissionFinished { submission, report } => {
                self.pace.finish(*submission);
                self.finished += 1;
                let now = Instant::now();
                let early = self
                    .last
                    .is_some_and(|last| now.duration_since(last) < PAUSE);
                if early && self.finished < self.submissions {
                    return Ok(());
                }
                self.last = Some(now);
                let result = match report.not_graded {
                    Some(_) => "not graded".to_owned(),
                    None => format!("{} of {}", report.score, report.max_score),
                };
                let id = one_line(report.id());
                let pace = self.pace.words(now);
                let (done, all) = (self.finished, self.submissions);
                writeln!(
                    self.output,
                    "{done} of {all} submissions · {id}: {result}{pace}"
                )?;
                self.output.flush()?;
            }
            Event::SubmissionStarted { .. } | Event::CheckTimed { .. } | Event::RunFinished => {}
        }
        Ok(())
    }
}
