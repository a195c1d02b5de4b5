//! Where the time of a check goes.

use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// The wall time of one check by what it was spent on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    /// Building the jail.
    pub jail: Duration,
    /// Playing steps: the submission, what it starts, and waiting for them. The supervisor's answers to held system calls are
    /// given meanwhile and counted here.
    pub submission: Duration,
    /// Reading facts.
    pub observation: Duration,
    /// Comparing facts with what was expected.
    pub judging: Duration,
    /// Ending the jail, until nothing of it is left.
    pub teardown: Duration,
}

impl Timings {
    /// All but the submission's: what rdgrade adds.
    pub fn ours(&self) -> Duration {
        self.jail + self.observation + self.judging + self.teardown
    }

    /// Both, spent on the same.
    pub fn plus(&self, other: &Timings) -> Timings {
        Timings {
            jail: self.jail + other.jail,
            submission: self.submission + other.submission,
            observation: self.observation + other.observation,
            judging: self.judging + other.judging,
            teardown: self.teardown + other.teardown,
        }
    }
}

/// What time is spent on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Spent {
    Jail,
    Submission,
    Observation,
    Judging,
    Teardown,
}

/// Counts the time since it was last asked.
#[derive(Debug)]
pub(super) struct Clock {
    last: Instant,
    pub(super) timings: Timings,
}

impl Clock {
    pub(super) fn start() -> Self {
        Clock {
            last: Instant::now(),
            timings: Timings::default(),
        }
    }

    /// Forgets the time since: a check that waited for its turn.
    pub(super) fn go_on(&mut self) {
        self.last = Instant::now();
    }

    /// Puts the time since down to `spent`.
    pub(super) fn lap(&mut self, spent: Spent) {
        let now = Instant::now();
        let sum = match spent {
            Spent::Jail => &mut self.timings.jail,
            Spent::Submission => &mut self.timings.submission,
            Spent::Observation => &mut self.timings.observation,
            Spent::Judging => &mut self.timings.judging,
            Spent::Teardown => &mut self.timings.teardown,
        };
        *sum += now - self.last;
        self.last = now;
    }
}
