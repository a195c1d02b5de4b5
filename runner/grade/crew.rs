//! Who plays a task's checks, and what all of a run's players have in common.

use crate::jail::cgroup::Groups;

/// Who plays the checks of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crew {
    /// The stage itself, one after another: the other cores are for other tasks, or there is one check.
    Alone,
    /// So many workers, side by side.
    Workers(usize),
}

impl Crew {
    /// How many processes play.
    pub fn size(self) -> usize {
        match self {
            Crew::Alone => 1,
            Crew::Workers(count) => count,
        }
    }
}

/// What the stages of a run have in common.
#[derive(Default)]
pub struct Common {
    /// The groups of all jails, where they are not each stage's own.
    pub groups: Option<Groups>,
    /// Whether a jail of this run has been found to be what is promised.
    pub tested: bool,
}
