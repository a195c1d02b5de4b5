//! Which core a submission is played on, where submissions keep all the cores busy.
//!
//! Who plays a check, its jail's init and the submission speak to one another a hundred times. Spread over cores, each word wakes a
//! core that has gone to sleep, and finds its caches cold: a sixth of the time of a class (docs/performance.md). So each submission
//! of a class stays on one core, and so does what it starts (sched_setaffinity(2)). So does each worker of a submission that is
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

    /// A core for each of `workers`, in turn, beginning where this process is; none, if the scheduler is to decide.
    pub(super) fn in_turn(&self, workers: usize) -> Vec<usize> {
        self.beginning_here().cycle().take(workers).collect()
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
        if let [_, next] = self.in_turn(2)[..] {
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
    fn workers_have_the_cores_in_turn() {
        let here = sched_getcpu().unwrap();
        assert_eq!(of(&[here]).in_turn(2), [here, here]);
        let (before, after) = (here + 1_000, here + 2_000);
        let cores = of(&[before, here, after]);
        assert_eq!(cores.in_turn(4), [here, after, before, here]);
        assert!(of(&[]).in_turn(2).is_empty());
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
