//! Groups that serve one jail after another.
//!
//! To make a group and to remove it is most of what groups cost: the kernel sets up and takes down its accounts for each controller,
//! for each processor. A jail that has left its groups as it found them leaves them to the next one with the same ids and limits.
//! Whatever is not as it was (a group below, a refusal, a mode) means new groups, and what has been counted so far is not
//! counted again.

use super::file::Group;
use super::group::JailGroups;
use super::hierarchy::Version;
use super::run::Run;
use crate::jail::ids::IdRange;
use checks::limit::{Limit, Limits, Used};
use nix::sys::stat::fstat;
use std::rc::Rc;
use std::time::Duration;

/// Mode of a group's directory, as it is made.
const MODE: u32 = 0o755;

/// Of what may be used of memory, the part that may stay accounted: pages of files that the machine goes on caching.
const KEPT: u64 = 4;

/// What groups were made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Terms {
    ids: IdRange,
    memory: u64,
    processes: u64,
}

impl Terms {
    pub fn of(ids: IdRange, limits: &Limits) -> Terms {
        Terms {
            ids,
            memory: limits.get(Limit::Memory),
            processes: limits.get(Limit::Processes),
        }
    }
}

/// Groups without a jail.
#[derive(Debug)]
pub(super) struct Spare {
    name: String,
    terms: Terms,
    groups: Vec<Group>,
}

impl JailGroups {
    /// Groups that another jail has left, if they were made on the same terms; others are removed.
    pub(super) fn inherit(run: &Rc<Run>, terms: Terms) -> Option<JailGroups> {
        let Spare {
            name,
            terms: theirs,
            groups,
        } = run.take_spare()?;
        let mut inherited = JailGroups {
            run: run.clone(),
            name,
            groups,
            terms: theirs,
            used_before: Duration::ZERO,
        };
        if theirs != terms {
            return None;
        }
        inherited.used_before = inherited
            .cpu_time()
            .map(|(used, _)| used)
            .unwrap_or_default();
        Some(inherited)
    }

    /// After the end of its jail: the groups are kept for another one, or removed.
    pub(in crate::jail) fn retire(mut self) {
        if self.are_as_made() {
            self.run.keep_spare(Spare {
                name: std::mem::take(&mut self.name),
                terms: self.terms,
                groups: std::mem::take(&mut self.groups),
            });
        }
    }

    fn are_as_made(&self) -> bool {
        let places = self.groups.iter().zip(&self.run.places);
        let untouched = |(group, place): (&Group, &super::run::Place)| {
            // On version 2 init makes a group below wherever controllers are handed down.
            let alone =
                place.tree.hierarchy.version == Version::One || place.tree.hand_down.is_empty();
            // Two links: nothing is below (see `subgroups`).
            alone && fstat(group).is_ok_and(|it| it.st_nlink == 2 && it.st_mode & 0o7777 == MODE)
        };
        let none_refused = || {
            let refusals = self.refusals(self.terms.memory / KEPT);
            refusals.iter().all(|it| it.used == Used::Refused(0))
        };
        let little = || {
            self.memory_used()
                .is_none_or(|used| used < self.terms.memory / KEPT)
        };
        places.into_iter().all(untouched) && little() && none_refused()
    }
}

impl Run {
    /// Keeps groups for the next jail of this process.
    fn keep_spare(&self, spare: Spare) {
        self.let_go_of_spare();
        *self.spare.borrow_mut() = Some(spare);
    }

    fn take_spare(&self) -> Option<Spare> {
        self.spare.borrow_mut().take()
    }

    /// Removes what was kept: no jail follows.
    pub fn let_go_of_spare(&self) {
        if let Some(spare) = self.take_spare() {
            for (index, group) in spare.groups.into_iter().enumerate() {
                drop(group);
                self.remove(index, &spare.name);
            }
        }
    }
}
