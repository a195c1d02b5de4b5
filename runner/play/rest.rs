//! When a check does nothing but wait.
//!
//! A program that hangs is waited for until its deadline, and takes no processor meanwhile: another check can be played in its
//! place. That it waits is told by the kernel: nothing was printed, started or asked for, and its groups count next to no
//! processor time. It is looked at again for as long as it rests, or a program could pretend to. Where nothing counts processor
//! time, nobody is said to rest.

use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// How long nothing may happen before it is looked at, and from then until it is looked at again.
const QUIET: Duration = Duration::from_millis(500);

/// Processor time between two looks that a program which waits does not reach: a twentieth.
const STIRRING: Duration = Duration::from_millis(25);

/// What a check does that is played; while it does nothing, another can be played in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activity {
    /// Nothing but wait.
    Resting,
    /// More than that.
    Astir,
    /// Its steps are over: what is left is to look at what came of them, and to judge.
    Over,
}

/// What is known of a check's rest.
pub struct Rest<'a> {
    /// Whom to tell when that changes. It begins astir.
    tell: Option<&'a dyn Fn(Activity)>,
    told: Activity,
    /// When something last happened, or was looked at.
    since: Instant,
    /// Processor time used at the last look, if nothing has happened since.
    used: Option<Duration>,
}

impl<'a> Rest<'a> {
    /// `tell` is called when the check begins to rest, and when it no longer does.
    pub fn new(tell: &'a dyn Fn(Activity)) -> Self {
        Rest {
            tell: Some(tell),
            ..Rest::of_nobody()
        }
    }

    /// Nobody wants to know.
    pub fn of_nobody() -> Self {
        Rest {
            tell: None,
            told: Activity::Astir,
            since: Instant::now(),
            used: None,
        }
    }

    /// Something has happened.
    pub fn stirred(&mut self) {
        // Who rests is looked at whatever happens.
        if self.tell.is_some() && self.told == Activity::Astir {
            self.since = Instant::now();
            self.used = None;
        }
    }

    /// How long from `now` until it has to be looked at, if ever.
    pub fn next(&self, now: Instant) -> Duration {
        match self.tell {
            Some(_) => (self.since + QUIET).saturating_duration_since(now),
            None => Duration::MAX,
        }
    }

    /// Looks, if it is time to; `used` is the processor time of all the check's processes so far, if it is known.
    pub fn look(&mut self, now: Instant, used: impl FnOnce() -> Option<Duration>) {
        let Some(tell) = self.tell else {
            return;
        };
        if !self.next(now).is_zero() {
            return;
        }
        let Some(used) = used() else {
            self.tell = None;
            return;
        };
        self.since = now;
        let Some(before) = self.used.replace(used) else {
            return;
        };
        let activity = match used.saturating_sub(before) < STIRRING {
            true => Activity::Resting,
            false => Activity::Astir,
        };
        if activity != self.told {
            self.told = activity;
            tell(activity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Activity::{Astir, Resting};
    use super::*;
    use std::cell::RefCell;

    const MS: Duration = Duration::from_millis(1);

    /// What is told when these amounts of processor time, in milliseconds, are seen at the looks.
    fn told(amounts: &[Option<u32>]) -> Vec<Activity> {
        let told = RefCell::new(Vec::new());
        let tell = |state| told.borrow_mut().push(state);
        let mut rest = Rest::new(&tell);
        let mut now = Instant::now();
        for amount in amounts {
            now += QUIET + MS;
            rest.look(now, || amount.map(|amount| amount * MS));
        }
        told.take()
    }

    #[test]
    fn who_uses_no_processor_time_rests_and_it_is_told_once() {
        assert_eq!(
            told(&[Some(400), Some(410), Some(420), Some(430)]),
            [Resting]
        );
        assert_eq!(told(&[Some(400), Some(800), Some(810)]), [Resting]);
    }

    #[test]
    fn one_look_does_not_tell() {
        assert_eq!(told(&[Some(0)]), []);
    }

    #[test]
    fn who_computes_does_not_rest() {
        assert_eq!(told(&[Some(0), Some(400), Some(900), Some(1000)]), []);
    }

    #[test]
    fn who_computes_after_a_rest_does_not_rest() {
        let amounts = [Some(0), Some(1), Some(400), Some(900), Some(901)];
        assert_eq!(told(&amounts), [Resting, Astir, Resting]);
    }

    #[test]
    fn where_nothing_is_counted_nobody_rests() {
        assert_eq!(told(&[None, Some(0), Some(0)]), []);
    }

    #[test]
    fn what_happens_in_between_counts() {
        let told = RefCell::new(Vec::new());
        let tell = |state| told.borrow_mut().push(state);
        let mut rest = Rest::new(&tell);
        let later = Instant::now() + QUIET + MS;
        rest.look(later, || Some(MS));
        rest.stirred();
        rest.look(later + QUIET, || Some(MS));
        assert_eq!(told.take(), []);
    }
}
