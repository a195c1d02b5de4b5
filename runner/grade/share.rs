//! The end of a class, when no more submissions come: a process that is done takes over what another would have to play one check
//! after another, lest a core stand idle.

use super::Task;
use super::crew::Crew;
use super::open::{Open, State};
use super::pool::{Pool, Ticket};
use std::ops::Deref;

impl<T: Deref<Target = Task> + Clone> Pool<'_, T> {
    /// To be told before every turn when no more tasks come.
    pub fn share(&mut self) {
        let about_to_begin: usize = self.open.iter().map(Open::ready).sum();
        let mut free = self.places().saturating_sub(about_to_begin);
        while free > 0
            && let Some(at) = (0..self.open.len()).max_by_key(|at| self.open[*at].surplus().len())
        {
            let units = self.open[at].surplus();
            let (ticket, task) = (self.open[at].ticket, self.open[at].task.clone());
            if units.is_empty() || !self.follow(ticket, &task, &units) {
                break;
            }
            self.open[at].hand_over(&units);
            free -= 1;
        }
        // One of the places, at least, is taken by whoever has something left.
        let useful = match self.open.iter().any(Open::may_have_surplus) {
            true => self.jobs - 1,
            false => 0,
        };
        self.done.end(useful, &mut self.ending);
    }

    /// Whether more than one process has units of a task.
    pub(super) fn is_shared(&self, ticket: Ticket) -> bool {
        let mut having = self.open.iter().filter(|open| open.ticket == ticket);
        having.nth(1).is_some()
    }
}

impl<T: Deref<Target = Task>> Open<T> {
    /// What somebody else could play.
    fn surplus(&self) -> Vec<usize> {
        match self.state {
            State::Playing if self.may_have_surplus() => {
                let kept = kept(self.waiting.len(), self.playing() > 0);
                self.waiting.range(kept..).copied().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether somebody else could play something of it, now or later. What has to be built is built once, by who plays it.
    fn may_have_surplus(&self) -> bool {
        self.crew == Crew::Alone && self.task.submission.build.is_none() && !self.waiting.is_empty()
    }

    /// Leaves them to somebody else.
    fn hand_over(&mut self, units: &[usize]) {
        self.waiting.retain(|unit| !units.contains(unit));
    }
}

/// How many of the units that wait stay with a process, if it plays one already, or is about to begin the first of them: with that one
/// it has as many as are left to somebody else, or one more or less.
fn kept(waiting: usize, plays: bool) -> usize {
    let next = usize::from(!plays && waiting > 0);
    next + (waiting - next) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::the_only_one_is_begun(1, false, 1)]
    #[case::the_last_one_is_left_to_others(1, true, 0)]
    #[case::one_each(2, false, 1)]
    #[case::who_plays_keeps_one_of_two(2, true, 1)]
    #[case::who_plays_may_have_one_less(3, true, 1)]
    #[case::half_of_many(9, false, 5)]
    #[case::nothing_of_nothing(0, false, 0)]
    fn what_stays_with_a_process(
        #[case] waiting: usize,
        #[case] plays: bool,
        #[case] stays: usize,
    ) {
        assert_eq!(kept(waiting, plays), stays);
    }
}
