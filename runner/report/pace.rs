//! How fast checks are played, and how long that will still take.

use std::time::{Duration, Instant};

/// Before this there is nothing to go by.
const WARM: Duration = Duration::from_secs(2);

/// Counts checks over time.
#[derive(Debug)]
pub(super) struct Pace {
    began: Instant,
    /// Checks that are done.
    pub done: usize,
    /// All checks of the run.
    pub total: usize,
}

impl Pace {
    pub fn new(began: Instant) -> Pace {
        Pace {
            began,
            done: 0,
            total: 0,
        }
    }

    /// So many checks there will be.
    pub fn expect(&mut self, total: usize) {
        self.total = total;
    }

    /// One more is done.
    pub fn step(&mut self) {
        self.done += 1;
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
        pace.expect(total);
        (0..done).for_each(|_| pace.step());
        assert_eq!(pace.words(began + Duration::from_secs(seconds)), words);
    }
}
