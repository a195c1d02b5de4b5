//! How fast checks are played, and how long that will still take.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Before this there is nothing to go by.
const WARM: Duration = Duration::from_secs(2);

/// Counts checks over time.
#[derive(Debug)]
pub(super) struct Pace {
    began: Instant,
    /// Checks that are done.
    pub done: usize,
    /// All checks of the run that are played.
    pub total: usize,
    /// Checks of a submission.
    each: usize,
    /// Those that are done of each submission that is not finished.
    of: HashMap<usize, usize>,
}

impl Pace {
    pub fn new(began: Instant) -> Pace {
        Pace {
            began,
            done: 0,
            total: 0,
            each: 0,
            of: HashMap::new(),
        }
    }

    /// So many submissions there will be, each with so many checks.
    pub fn expect(&mut self, submissions: usize, checks: usize) {
        self.total = submissions * checks;
        self.each = checks;
    }

    /// One more is done of a submission.
    pub fn step(&mut self, submission: usize) {
        self.done += 1;
        *self.of.entry(submission).or_default() += 1;
    }

    /// A submission is finished. What was not played of it was known, or could not be.
    pub fn finish(&mut self, submission: usize) {
        let played = self.of.remove(&submission).unwrap_or_default();
        self.total = self.total.saturating_sub(self.each.saturating_sub(played));
    }

    /// ` · 23 checks a second · 4 min left`; nothing while it is too early to tell.
    pub fn words(&self, now: Instant) -> String {
        let elapsed = now.saturating_duration_since(self.began);
        let left = self.total.saturating_sub(self.done);
        if elapsed < WARM || self.done == 0 || left == 0 {
            return String::new();
        }
        let rate = self.done as f64 / elapsed.as_secs_f64();
        let seconds = (left as f64 / rate).ceil() as u64;
        let left = match seconds {
            0..100 => format!("{seconds} s"),
            100..6_000 => format!("{} min", seconds.div_ceil(60)),
            _ => format!("{} h", seconds.div_ceil(3_600)),
        };
        format!(" · {rate:.0} checks a second · {left} left")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::too_early(1, 10, 100, "")]
    #[case::nothing_left(10, 100, 100, "")]
    #[case::nothing_done(10, 0, 100, "")]
    #[case::seconds(10, 100, 200, " · 10 checks a second · 10 s left")]
    #[case::minutes(10, 100, 2_000, " · 10 checks a second · 4 min left")]
    #[case::hours(10, 100, 100_000, " · 10 checks a second · 3 h left")]
    fn what_is_left_is_told_in_a_fitting_unit(
        #[case] seconds: u64,
        #[case] done: usize,
        #[case] total: usize,
        #[case] words: &str,
    ) {
        let began = Instant::now();
        let mut pace = Pace::new(began);
        // A submission that could not be graded keeps nobody waiting.
        pace.expect(2, total);
        (0..done).for_each(|_| pace.step(0));
        pace.finish(1);
        assert_eq!(pace.words(began + Duration::from_secs(seconds)), words);
    }
}
