//! Which core a submission is played on, where submissions keep all the cores busy.
//!
//! Who plays a check, its jail's init and the submission speak to one another a hundred times. Spread over cores, each word wakes a
//! core that has gone to sleep, and finds its caches cold: a sixth of the time of a class (docs/performance.md). So each submission
//! of a class stays on one core, and so does what it starts (sched_setaffinity(2)). So does each check of a submission that is
//! graded by itself.

use nix::sched::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
use nix::unistd::Pid;
use std::fs;

/// The cores that may be given, by the kernel's numbers.
#[derive(Debug, Default)]
pub(super) struct Cores {
    allowed: Vec<usize>,
}

impl Cores {
    /// Those this process may use, if each of `jobs` can have its own; otherwise none, and the scheduler does as it thinks best.
    pub(super) fn for_jobs(jobs: usize) -> Cores {
        let this = Pid::from_raw(0);
        // More cores than a CpuSet holds are EINVAL: that machine has other troubles than this one.
        let allowed = sched_getaffinity(this).map_or_else(|_| Vec::new(), |set| all_of(&set));
        Cores {
            allowed: if jobs <= allowed.len() {
                allowed
            } else {
                Vec::new()
            },
        }
    }

    /// All of them, those first that are not this process's.
    pub(super) fn others_first(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.beginning_here().collect();
        let here = 1.min(all.len());
        all.rotate_left(here);
        all
    }

    /// All of them, beginning where this process is.
    fn beginning_here(&self) -> impl Iterator<Item = usize> + Clone {
        let here = sched_getcpu().ok();
        let begin = self.allowed.iter().position(|core| Some(*core) == here);
        let (before, after) = self.allowed.split_at(begin.unwrap_or(0));
        after.iter().chain(before).copied()
    }

    /// Moves this process to the next core, off that of the parent it was just forked from, and leaves the rest to the scheduler:
    /// parent and child have something to do at the same time, and a child begins where its parent is.
    pub(super) fn step_aside(&self) {
        if let [next, ..] = self.others_first()[..] {
            let this = Pid::from_raw(0);
            let before = sched_getaffinity(this);
            keep_on(next, this);
            let _ = before.and_then(|before| sched_setaffinity(this, &before));
        }
    }

    /// Whether there is a core that nobody uses at this moment, besides that of this process.
    pub(super) fn another_is_idle(&self) -> bool {
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        running(&load).is_some_and(|running| running < self.allowed.len())
    }

    /// The core for one more: the one it `had`, or else the next from where this process is, unless somebody else is on it. This
    /// process was woken where there was nothing to do: another rdgrade is rather elsewhere.
    pub(super) fn choose(&self, had: Option<usize>, taken: &[usize]) -> Option<usize> {
        let candidates = had.into_iter().chain(self.beginning_here());
        let mut free = candidates.filter(|core| self.allowed.contains(core));
        free.find(|core| !taken.contains(core))
    }
}

/// Where a process is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// On this core.
    Core(usize),
    /// Where the scheduler thinks best.
    Anywhere,
}

/// The cores a process may use before it is told to be anywhere.
pub(super) struct Allowed(Option<CpuSet>);

impl Allowed {
    pub(super) fn here() -> Allowed {
        Allowed(sched_getaffinity(Pid::from_raw(0)).ok())
    }

    /// Keeps a process at a place, and what it starts from now on.
    pub(super) fn keep_at(&self, place: Place, pid: Pid) {
        match (place, &self.0) {
            (Place::Core(core), _) => keep_on(core, pid),
            (Place::Anywhere, Some(all)) => {
                let _ = sched_setaffinity(pid, all);
            }
            (Place::Anywhere, None) => {}
        }
    }
}

/// Cores on which something is going on, each as often as there is something.
#[derive(Debug, Default)]
pub(super) struct Busy {
    /// Checks are played there.
    pub(super) playing: Vec<usize>,
    /// Checks are made ready there.
    pub(super) making_ready: Vec<usize>,
}

/// The core, of `all`, for one more check: where fewest are played, and then where fewest are made ready; rather that which it `had`
/// than another.
pub(super) fn to_play_on(all: &[usize], had: Option<usize>, busy: &Busy) -> Option<usize> {
    let times = |core: usize, on: &[usize]| on.iter().filter(|busy| **busy == core).count();
    let candidates = had.into_iter().chain(all.iter().copied());
    candidates.min_by_key(|core| {
        let playing = times(*core, &busy.playing);
        (playing, times(*core, &busy.making_ready))
    })
}

/// Where a check is made ready: on a core where none is played, if there is one; else where the scheduler finds time for it.
pub(super) fn to_make_ready_on(all: &[usize], had: Option<usize>, busy: &Busy) -> Option<Place> {
    let core = to_play_on(all, had, busy)?;
    Some(match busy.playing.contains(&core) {
        true => Place::Anywhere,
        false => Place::Core(core),
    })
}

/// Keeps a process on a core, and what it starts from now on.
pub(super) fn keep_on(core: usize, pid: Pid) {
    let mut set = CpuSet::new();
    // A core that was taken offline meanwhile is refused: then it stays where it is allowed to be.
    let _ = set.set(core).and_then(|()| sched_setaffinity(pid, &set));
}

/// How many are running or waiting for a core, on the whole machine: the fourth field (proc_loadavg(5)).
fn running(load: &str) -> Option<usize> {
    let (running, _) = load.split_whitespace().nth(3)?.split_once('/')?;
    running.parse().ok()
}

fn all_of(set: &CpuSet) -> Vec<usize> {
    let numbers = 0..CpuSet::count();
    numbers
        .filter(|number| set.is_set(*number).unwrap_or(false))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn of(allowed: &[usize]) -> Cores {
        Cores {
            allowed: allowed.to_vec(),
        }
    }

    #[test]
    fn whoever_had_a_core_keeps_it_unless_somebody_else_has_come() {
        let cores = of(&[4, 5, 6]);
        assert_eq!(cores.choose(Some(5), &[4]), Some(5));
        assert_eq!(cores.choose(Some(5), &[4, 5]), Some(6));
    }

    #[test]
    fn nobody_is_given_a_core_that_is_taken_or_not_allowed() {
        assert_eq!(of(&[4, 5]).choose(Some(7), &[4]), Some(5));
        assert_eq!(of(&[4, 5]).choose(None, &[4, 5]), None);
        assert_eq!(of(&[]).choose(Some(4), &[]), None);
    }

    #[test]
    fn a_child_begins_on_another_core() {
        let here = sched_getcpu().unwrap();
        assert_eq!(of(&[here]).others_first(), [here]);
        let (before, after) = (here + 1_000, here + 2_000);
        let cores = of(&[before, here, after]);
        assert_eq!(cores.others_first(), [after, before, here]);
        assert!(of(&[]).others_first().is_empty());
    }

    #[rstest]
    #[case::the_first_of_all(None, &[], &[], 4)]
    #[case::who_had_one_keeps_it(Some(5), &[], &[], 5)]
    #[case::not_where_somebody_plays(Some(5), &[5], &[], 4)]
    #[case::nor_where_somebody_makes_ready(Some(5), &[], &[5], 4)]
    #[case::rather_beside_who_makes_ready(Some(5), &[5], &[4, 4, 4], 4)]
    #[case::where_fewer_play(Some(5), &[4, 5, 5], &[], 4)]
    fn the_core_on_which_least_is_going_on(
        #[case] had: Option<usize>,
        #[case] playing: &[usize],
        #[case] making_ready: &[usize],
        #[case] chosen: usize,
    ) {
        let all = [4, 5];
        let busy = Busy {
            playing: playing.to_vec(),
            making_ready: making_ready.to_vec(),
        };
        assert_eq!(to_play_on(&all, had, &busy), Some(chosen));
        let place = to_make_ready_on(&all, had, &busy);
        let expected = match playing.contains(&chosen) {
            true => Place::Anywhere,
            false => Place::Core(chosen),
        };
        assert_eq!(place, Some(expected));
    }

    #[test]
    fn nobody_is_told_where_to_be_if_no_cores_are_given() {
        assert_eq!(to_play_on(&[], None, &Busy::default()), None);
        assert_eq!(to_make_ready_on(&[], None, &Busy::default()), None);
    }

    #[test]
    fn who_was_kept_on_a_core_may_use_all_again() {
        let (allowed, this) = (Allowed::here(), Pid::from_raw(0));
        let before = sched_getaffinity(this).unwrap();
        allowed.keep_at(Place::Core(all_of(&before)[0]), this);
        assert_eq!(all_of(&sched_getaffinity(this).unwrap()).len(), 1);
        allowed.keep_at(Place::Anywhere, this);
        assert_eq!(sched_getaffinity(this).unwrap(), before);
    }

    #[test]
    fn who_is_running_is_the_fourth_of_the_load() {
        assert_eq!(running("0.31 0.44 0.50 3/1207 99\n"), Some(3));
        assert_eq!(running(""), None);
        assert_eq!(running("0.31 0.44 0.50 many\n"), None);
    }

    #[test]
    fn more_jobs_than_cores_are_left_to_the_scheduler() {
        let all = Cores::for_jobs(1).allowed.len();
        assert!(all > 0);
        assert_eq!(Cores::for_jobs(all).allowed.len(), all);
        assert_eq!(Cores::for_jobs(all + 1).choose(None, &[]), None);
    }
}
