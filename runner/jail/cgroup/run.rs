//! The groups of one run of rdgrade: made when the ground is prepared, removed with it.

use super::file::{open_group, set};
use super::hierarchy::Version;
use super::offer::{Offer, Tree};
use super::owner::{self, hold, take_over};
use super::remove::{remove, subgroups};
use super::spare::Spare;
use crate::jail::error::{JailError, While};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::{Mode, mkdirat};
use nix::unistd::{Pid, UnlinkatFlags, getpid, unlinkat};
use std::cell::{Cell, RefCell};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// The group, directly below each hierarchy's top, that holds all of ours.
const OURS: &str = "rdgrade";

/// How long a sweep waits for an occupied group of a dead process.
const LAST_BREATH: Duration = Duration::from_millis(50);

/// How long the end of a run waits for what is still dying.
const FAREWELL: Duration = Duration::from_millis(500);

/// The groups `rdgrade/OWNER` of one process, one in each hierarchy, and what jails left behind in them.
///
/// Dropping it removes them, in the process that made it: workers inherit it and leave it alone.
#[derive(Debug)]
pub struct Run {
    maker: Pid,
    name: String,
    pub(super) places: Vec<Place>,
    made: Cell<u64>,
    leftovers: RefCell<Vec<(usize, String)>>,
    /// Of this process's last jail, for its next one.
    pub(super) spare: RefCell<Option<Spare>>,
}

/// The run's group in one hierarchy.
#[derive(Debug)]
pub(super) struct Place {
    pub tree: Tree,
    /// The directory `rdgrade/OWNER`, held.
    pub group: OwnedFd,
    top: OwnedFd,
}

impl Run {
    /// Makes the groups of this process, after those of processes that no longer exist have been removed. `None` where the
    /// host offers none.
    ///
    /// # Errors
    /// What the kernel refuses although the [`Offer`] looked well. Nothing is left behind then.
    pub fn begin(offer: &Offer) -> Result<Option<Run>, JailError> {
        if offer
            .trees
            .iter()
            .all(|tree| tree.hierarchy.controllers.is_empty())
        {
            return Ok(None);
        }
        let name =
            owner::name_of_this_process().while_trying(|| "read when this process started")?;
        let mut run = Run {
            maker: getpid(),
            name,
            places: Vec::new(),
            made: Cell::new(0),
            leftovers: RefCell::new(Vec::new()),
            spare: RefCell::new(None),
        };
        for tree in &offer.trees {
            let path = &tree.hierarchy.mount_point;
            let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
            let top = open(path, flags, Mode::empty())
                .while_trying(|| format!("open {}", path.display()))?;
            sweep(top.as_fd(), tree.hierarchy.version);
            let group = make(top.as_fd(), &run.name, tree).while_trying(|| {
                format!("make the group {}/{OURS}/{}", path.display(), run.name)
            })?;
            run.places.push(Place {
                tree: tree.clone(),
                group,
                top,
            });
        }
        Ok(Some(run))
    }

    /// A name for the next jail's groups, different in every worker.
    pub(super) fn next_name(&self) -> String {
        self.made.set(self.made.get() + 1);
        format!("{}.{}", getpid(), self.made.get())
    }

    /// The path of a jail's group as `/proc/PID/cgroup` shows it to this process.
    pub(super) fn path_of(&self, place: &Place, jail: &str) -> String {
        place
            .tree
            .hierarchy
            .path_of(&format!("{OURS}/{}/{jail}", self.name))
    }

    /// Removes a jail's group; what is still occupied is tried again with the next one's, and at the end of the run.
    pub(super) fn remove(&self, index: usize, jail: &str) {
        let retried: Vec<_> = self.leftovers.borrow_mut().drain(..).collect();
        let all = retried.into_iter().chain([(index, jail.to_owned())]);
        // A dead process leaves its group within microseconds; a jail's end must not be waited for longer.
        let deadline = Instant::now() + Duration::from_millis(5);
        let left = all.filter(|(index, name)| {
            let Place { group, tree, .. } = &self.places[*index];
            remove(group.as_fd(), name, tree.hierarchy.version, deadline).is_err()
        });
        let left: Vec<_> = left.collect();
        self.leftovers.borrow_mut().extend(left);
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if self.maker != getpid() {
            return;
        }
        let deadline = Instant::now() + FAREWELL;
        for Place { top, tree, .. } in &self.places {
            if let Ok(ours) = open_group(top.as_fd(), OURS) {
                let _ = remove(ours.as_fd(), &self.name, tree.hierarchy.version, deadline);
            }
            remove_ours(top.as_fd());
        }
    }
}

#[cfg(test)]
impl Run {
    /// A run whose groups are plain directories, as recorded from some host.
    pub(super) fn recorded(tree: Tree, directory: &std::path::Path) -> Run {
        let open = || std::fs::File::open(directory).unwrap().into();
        let place = Place {
            tree,
            group: open(),
            top: open(),
        };
        Run {
            maker: getpid(),
            name: "1-1".to_owned(),
            places: vec![place],
            made: Cell::new(0),
            leftovers: RefCell::default(),
            spare: RefCell::default(),
        }
    }
}

/// Makes `rdgrade/OWNER` and hands the controllers down to it.
fn make(top: BorrowedFd, name: &str, tree: &Tree) -> nix::Result<OwnedFd> {
    let hand_down = |group: BorrowedFd| match handing_down(&tree.hand_down) {
        Some(all) => set(group, "cgroup.subtree_control", &all),
        None => Ok(()),
    };
    let exists = |made: nix::Result<()>| {
        made.or_else(|errno| {
            if errno == Errno::EEXIST {
                Ok(())
            } else {
                Err(errno)
            }
        })
    };
    hand_down(top)?;
    let mut attempts = 0;
    loop {
        exists(mkdirat(top, OURS, Mode::from_bits_truncate(0o755)))?;
        let made = open_group(top, OURS).and_then(|ours| {
            hand_down(ours.as_fd())?;
            exists(mkdirat(&ours, name, Mode::from_bits_truncate(0o755)))?;
            let group = hold(ours.as_fd(), name)?;
            hand_down(group.as_fd())?;
            Ok(group)
        });
        match made {
            // Another rdgrade that ended just now has removed the group we share; or one that began just now, our own before
            // we held it.
            Err(Errno::ENOENT | Errno::ENODEV) if attempts < 16 => attempts += 1,
            other => return other,
        }
    }
}

/// What to write to `cgroup.subtree_control`, if anything.
pub(super) fn handing_down(controllers: &[String]) -> Option<String> {
    (!controllers.is_empty()).then(|| {
        controllers
            .iter()
            .map(|name| format!("+{name}"))
            .collect::<Vec<_>>()
            .join(" ")
    })
}

/// Removes the groups that nobody holds any more. Those that are occupied, or not named by us, stay.
fn sweep(top: BorrowedFd, version: Version) {
    let Ok(ours) = open_group(top, OURS) else {
        return;
    };
    for name in subgroups(ours.as_fd()).unwrap_or_default() {
        let name = name.to_string_lossy();
        if !owner::is_ours(&name) {
            continue;
        }
        if let Ok(group) = open_group(ours.as_fd(), &name)
            && take_over(group.as_fd())
        {
            // Its processes may be dying this very moment.
            let _ = remove(ours.as_fd(), &name, version, Instant::now() + LAST_BREATH);
        }
    }
    drop(ours);
    remove_ours(top);
}

/// Removes the group that rdgrades side by side share, unless one of them is still there.
fn remove_ours(top: BorrowedFd) {
    let _ = unlinkat(top, OURS, UnlinkatFlags::RemoveDir);
}
