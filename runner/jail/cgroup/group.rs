//! The groups of one jail: limited by us, and handed to the jail's root to divide further.

use super::file::{Group, get, open_group, set};
use super::hierarchy::Version;
use super::limits::settings;
use super::run::{Place, Run};
use super::spare::Terms;
use crate::jail::error::{JailError, While};
use crate::jail::ids::IdRange;
use crate::jail::mechanism::Mechanism;
use checks::limit::Limits;
use nix::errno::Errno;
use nix::fcntl::AtFlags;
use nix::sys::stat::{Mode, mkdirat};
use nix::unistd::{Gid, Uid, fchownat, write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

/// Files of a group that its new owner may write, besides the directory (kernel docs `admin-guide/cgroup-v1/cgroups`;
/// `admin-guide/cgroup-v2`, "Delegation"). Limits are not among them: those of the group itself stay ours, those of the groups
/// made below it are the jail's.
fn delegated(version: Version) -> &'static [&'static str] {
    match version {
        Version::One => &["tasks", "cgroup.procs"],
        Version::Two => &["cgroup.procs", "cgroup.threads", "cgroup.subtree_control"],
    }
}

/// A jail's group in each hierarchy. Dropping it removes them and all below, once the jail has ended.
#[derive(Debug)]
pub struct JailGroups {
    pub(super) run: Rc<Run>,
    pub(super) name: String,
    /// In the order of the run's places.
    pub(super) groups: Vec<Group>,
    pub(super) terms: Terms,
    /// CPU time of the jails that had them before.
    pub(super) used_before: Duration,
}

impl JailGroups {
    /// Makes the groups, sets our limits and hands the groups to the root of `ids`; or takes over those of a jail that has ended.
    pub(in crate::jail) fn create(
        run: &Rc<Run>,
        ids: IdRange,
        limits: &Limits,
    ) -> Result<JailGroups, JailError> {
        let terms = Terms::of(ids, limits);
        if let Some(inherited) = JailGroups::inherit(run, terms) {
            return Ok(inherited);
        }
        let mut made = JailGroups {
            run: run.clone(),
            name: run.next_name(),
            groups: Vec::new(),
            terms,
            used_before: Duration::ZERO,
        };
        for place in &run.places {
            let group = made.make(place, ids, limits).while_trying(|| {
                format!(
                    "make a group for a jail below {}",
                    place.tree.hierarchy.mount_point.display()
                )
            })?;
            made.groups.push(Group::of(group));
        }
        Ok(made)
    }

    fn make(&self, place: &Place, ids: IdRange, limits: &Limits) -> nix::Result<OwnedFd> {
        let hierarchy = &place.tree.hierarchy;
        mkdirat(
            &place.group,
            self.name.as_str(),
            Mode::from_bits_truncate(0o755),
        )?;
        let group = open_group(place.group.as_fd(), &self.name).and_then(|group| {
            let all = settings(limits, hierarchy.version, place.tree.limited()).into_iter();
            for setting in all.filter(|it| it.mechanism.is_none_or(Mechanism::is_on)) {
                set(group.as_fd(), setting.file, &setting.value.to_string()).or_else(|errno| {
                    if setting.forgives(errno) {
                        Ok(())
                    } else {
                        Err(errno)
                    }
                })?;
            }
            let (uid, gid) = (Uid::from_raw(ids.base), Gid::from_raw(ids.base));
            for file in [""].iter().chain(delegated(hierarchy.version)) {
                fchownat(&group, *file, Some(uid), Some(gid), AtFlags::AT_EMPTY_PATH)?;
            }
            Ok(group)
        });
        if group.is_err() {
            // Not yet among those that are removed with the jail.
            self.run.remove(self.groups.len(), &self.name);
        }
        group
    }

    /// The ways into the groups, opened with our power.
    pub(in crate::jail) fn doors(&self) -> Result<Doors<'_>, JailError> {
        let mut doors = Doors::default();
        for (group, place) in self.groups.iter().zip(&self.run.places) {
            let hierarchy = &place.tree.hierarchy;
            let doing = || {
                format!(
                    "open the jail's group below {}",
                    hierarchy.mount_point.display()
                )
            };
            match hierarchy.version {
                Version::One => {
                    doors.tasks.push(group.tasks().while_trying(doing)?);
                }
                Version::Two => {
                    doors.unified = Some(group.as_fd());
                }
            }
        }
        Ok(doors)
    }

    /// The group a process is in, in the hierarchy that has `controller`. `cgroups` is the text of its `/proc/PID/cgroup`.
    /// `None` where no hierarchy has it, or the process is outside the jail's groups.
    pub fn locate(&self, controller: &str, cgroups: &str) -> Option<Located> {
        let top = self.at(controller, "/")?;
        let place = &self.run.places[top.place];
        let path = match place.tree.hierarchy.version {
            Version::One => path_in(cgroups, |names| {
                names.split(',').any(|name| name == controller)
            }),
            Version::Two => path_in(cgroups, str::is_empty),
        }?;
        let below = path.strip_prefix(&self.run.path_of(place, &self.name))?;
        if !below.is_empty() && !below.starts_with('/') {
            return None;
        }
        Some(if below.is_empty() {
            top
        } else {
            Located {
                path: below.to_owned(),
                ..top
            }
        })
    }

    /// Whether a hierarchy of the jail has `controller`.
    pub fn have(&self, controller: &str) -> bool {
        self.run
            .places
            .iter()
            .any(|place| place.tree.hierarchy.has(controller))
    }

    /// The group with a path that [`JailGroups::locate`] has found before.
    pub fn at(&self, controller: &str, path: &str) -> Option<Located> {
        let index = self
            .run
            .places
            .iter()
            .position(|place| place.tree.hierarchy.has(controller))?;
        Some(Located {
            version: self.run.places[index].tree.hierarchy.version,
            path: path.to_owned(),
            place: index,
        })
    }

    /// Reads a file of a group that was located before, whether or not a process is in it now.
    ///
    /// # Errors
    /// ENOENT when the group, or the file, is not there.
    pub fn read(&self, group: &Located, file: &str) -> nix::Result<String> {
        let top = self.groups.get(group.place).ok_or(Errno::ENOENT)?;
        let group = open_group(top.as_fd(), group.path.trim_start_matches('/'))?;
        // A controller that was not handed down, or a group that is being removed.
        get(group.as_fd(), file).map_err(|errno| {
            if errno == Errno::ENODEV {
                Errno::ENOENT
            } else {
                errno
            }
        })
    }
}

#[cfg(test)]
impl JailGroups {
    /// The group `rdgrade/1-1/N`, one tree with `controllers`, as recorded in a directory.
    pub(crate) fn recorded(
        version: Version,
        controllers: &[&str],
        directory: &std::path::Path,
    ) -> JailGroups {
        use super::hierarchy::{Access, Hierarchy};
        let controllers: Vec<_> = controllers.iter().map(|name| (*name).to_owned()).collect();
        let hierarchy = Hierarchy {
            version,
            controllers,
            mount_point: directory.to_owned(),
            top: "/".to_owned(),
            access: Access::ReadWrite,
        };
        let tree = super::offer::Tree {
            hierarchy,
            hand_down: Vec::new(),
        };
        let run = Rc::new(Run::recorded(tree, directory));
        let group = std::fs::File::open(directory).unwrap().into();
        JailGroups {
            run,
            name: "N".to_owned(),
            groups: vec![Group::of(group)],
            terms: Terms::of(IdRange::single(), &Limits::default()),
            used_before: Duration::ZERO,
        }
    }
}

impl Drop for JailGroups {
    fn drop(&mut self) {
        self.groups
            .drain(..)
            .enumerate()
            .for_each(|(index, group)| {
                drop(group);
                self.run.remove(index, &self.name);
            });
    }
}

/// How a jail's init gets into its groups without anybody waiting: moving another process takes a lock over all forks and exits
/// of the machine, which costs an RCU grace period, milliseconds (`cgroup_procs_write_start` in the kernel's
/// `kernel/cgroup/cgroup.c`); moving oneself, being single-threaded, and being born in a group do not.
#[derive(Debug, Default)]
pub(in crate::jail) struct Doors<'a> {
    /// The `tasks` files of version 1. The kernel asks for the power of who opened them, not of who writes.
    tasks: Vec<BorrowedFd<'a>>,
    unified: Option<BorrowedFd<'a>>,
}

impl Doors<'_> {
    /// The group of version 2 that init is to be born in.
    pub(in crate::jail) fn unified(&self) -> Option<BorrowedFd<'_>> {
        self.unified
    }

    /// Moves the calling process, which has one thread, into the groups of version 1.
    pub(in crate::jail) fn enter(&self) -> nix::Result<()> {
        // 0 is whoever writes (kernel docs `admin-guide/cgroup-v1/cgroups`).
        self.tasks
            .iter()
            .try_for_each(|tasks| write(tasks, b"0").map(drop))
    }
}

/// A group, as the jail names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The interface of its hierarchy.
    pub version: Version,
    /// Its path below the jail's own group, which is `/`.
    pub path: String,
    place: usize,
}

/// The path in the first line of `/proc/PID/cgroup` (cgroups(7): `ID:CONTROLLERS:PATH`) whose controllers are the right ones.
pub(crate) fn path_in(cgroups: &str, right: impl Fn(&str) -> bool) -> Option<&str> {
    cgroups.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        right(fields.next()?).then(|| fields.next()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_with_colons_in_its_name_is_read_whole() {
        let text = "12:cpu,cpuacct:/a:b/c\n3:memory:/m\n0::/user.slice\n";
        assert_eq!(
            path_in(text, |names| names.split(',').any(|name| name == "cpu")),
            Some("/a:b/c")
        );
        assert_eq!(path_in(text, str::is_empty), Some("/user.slice"));
        assert_eq!(path_in(text, |names| names == "cpuset"), None);
    }
}
