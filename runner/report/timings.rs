//! Where the time went, check by check: for those who make rdgrade faster.

use super::{Output, Reporter};
use crate::event::Event;
use crate::play::Timings;
use crate::terminal::one_line;
use std::io;
use std::time::Duration;

/// A line a check on `output`, in milliseconds of wall time, and their sum.
pub struct TimeTable {
    output: Output,
    sum: Timings,
    checks: usize,
}

impl TimeTable {
    /// A table on `output`.
    pub fn new(output: Output) -> Self {
        TimeTable {
            output,
            sum: Timings::default(),
            checks: 0,
        }
    }

    fn head(&mut self) -> io::Result<()> {
        writeln!(
            self.output,
            "{:>8}{:>12}{:>13}{:>9}{:>10}{:>8}  ms",
            "jail", "submission", "observation", "judging", "teardown", "ours"
        )
    }

    fn row(&mut self, what: &str, timings: &Timings) -> io::Result<()> {
        let ms = |duration: Duration| duration.as_secs_f64() * 1_000.0;
        writeln!(
            self.output,
            "{:>8.2}{:>12.2}{:>13.2}{:>9.2}{:>10.2}{:>8.2}  {what}",
            ms(timings.jail),
            ms(timings.submission),
            ms(timings.observation),
            ms(timings.judging),
            ms(timings.teardown),
            ms(timings.ours()),
        )
    }
}

impl Reporter for TimeTable {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::CheckTimed { check, timings, .. } => {
                if self.checks == 0 {
                    self.head()?;
                }
                self.checks += 1;
                self.sum = self.sum.plus(timings);
                self.row(&one_line(check), timings)
            }
            Event::RunFinished => {
                let (sum, checks) = (self.sum, self.checks);
                self.row(&format!("in all, {checks} checks"), &sum)?;
                self.output.flush()
            }
            _ => Ok(()),
        }
    }
}
