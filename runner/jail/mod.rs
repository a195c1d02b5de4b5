//! The jail: the disposable world a check is played in.
//!
//! [`Ground`] is prepared once for a submission; each check gets a [`Jail`] that stands on it and is gone, with everything
//! in it, when it is dropped.

mod capability;
pub mod cgroup;
mod child;
mod create;
mod dev;
mod error;
mod filter;
mod ground;
mod helper;
mod home;
mod ids;
mod init;
pub mod mechanism;
mod plan;
mod posture;
mod rlimits;
mod spawn;
pub mod sys;
mod tree;
mod window;
mod wire;
mod world;

pub use child::{descriptor_of_child, done_in_child, in_child};
pub use dev::{NODES, try_device_node};
pub use error::{JailError, While};
pub use filter::program as filter_program;
pub use ground::{Ground, SUBMISSION};
pub use helper::{Helper, HelperContent};
pub use home::Network;
pub use ids::{IdRange, Power, become_root_of};
pub use mechanism::Mechanism;
pub use plan::GroundPlan;
pub use window::Window;
pub use wire::{FromInit, Program, Streams, ToInit, Wire};
pub use world::{CONTAINERS, IMAGES};

use cgroup::JailGroups;
use checks::limit::Limits;
use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// A running jail. Dropping it kills everything inside and waits until it is gone.
#[derive(Debug)]
pub struct Jail {
    /// Init, as this process's pid namespace counts.
    pub init: Pid,
    pidfd: OwnedFd,
    /// The ids that are mapped.
    pub ids: IdRange,
    /// With what power it was built.
    pub power: Power,
    /// Messages to and from init.
    pub wire: Wire,
    /// Where the kernel notifies of held system calls.
    pub listener: OwnedFd,
    /// The root directory of the jail's host (O_PATH).
    pub root: OwnedFd,
    /// The containers directory of the jail's host (O_PATH).
    pub containers: OwnedFd,
    /// Namespaces of the jail's host.
    pub namespaces: JailNamespaces,
    /// Where the host's own device nodes were put, for [`host_node`]; empty where real ones can be made.
    devices: OwnedFd,
    /// Its groups, removed after its end; else why it has none.
    pub groups: Result<JailGroups, String>,
    /// What it may use.
    pub limits: Limits,
    /// What of the promise does not hold, one sentence each: nothing may be graded here then.
    pub unmet: Vec<String>,
}

/// Descriptors of a jail's namespaces. Init is unreadable, so it opened them itself.
#[derive(Debug)]
pub struct JailNamespaces {
    /// Mount namespace.
    pub mnt: OwnedFd,
    /// UTS namespace.
    pub uts: OwnedFd,
    /// Network namespace.
    pub net: OwnedFd,
    /// User namespace.
    pub user: OwnedFd,
    /// Pid namespace.
    pub pid: OwnedFd,
    /// IPC namespace.
    pub ipc: OwnedFd,
    /// Cgroup namespace.
    pub cgroup: OwnedFd,
}

impl JailNamespaces {
    /// Their names in `/proc/PID/ns`, in the order in which init sends them.
    const NAMES: [&str; 7] = ["mnt", "uts", "net", "user", "pid", "ipc", "cgroup"];

    /// In the order of their names.
    fn received([mnt, uts, net, user, pid, ipc, cgroup]: [OwnedFd; 7]) -> Self {
        JailNamespaces {
            mnt,
            uts,
            net,
            user,
            pid,
            ipc,
            cgroup,
        }
    }

    /// The inodes by name.
    pub fn row(&self) -> checks::fact::Row {
        let all = [
            &self.mnt,
            &self.uts,
            &self.net,
            &self.user,
            &self.pid,
            &self.ipc,
            &self.cgroup,
        ];
        let inode = |fd| nix::sys::stat::fstat(fd).map_or(0, |stat| stat.st_ino);
        Self::NAMES
            .into_iter()
            .zip(all)
            .map(|(name, fd)| (name.to_owned(), checks::fact::Value::Number(inode(fd))))
            .collect()
    }
}

/// Becomes root of the user namespace just entered with setns(2).
///
/// # Errors
/// Those of setresuid(2) and setresgid(2).
pub fn become_root_inside() -> nix::Result<()> {
    use nix::unistd::{Gid, Uid, setresgid, setresuid};
    let (uid, gid) = (Uid::from_raw(0), Gid::from_raw(0));
    setresgid(gid, gid, gid)?;
    setresuid(uid, uid, uid)
}

/// A prepared /dev, detached, for a student who mounts a devtmpfs. Without root there are no nodes in it.
///
/// # Errors
/// Those of mounting a tmpfs and making nodes in it.
pub fn prepare_dev(jail: &Jail) -> nix::Result<OwnedFd> {
    dev::detached(jail.ids, jail.power)
}

/// A detached mount of one of the host's own harmless devices, for a jail in which none can be made. The caller is in the
/// mount namespace the jail was built in.
///
/// # Errors
/// ENOENT for a name that is none of [`NODES`], and where real nodes can be made.
pub fn host_node(jail: &Jail, name: &str) -> nix::Result<OwnedFd> {
    let name = CString::new(name).map_err(|_| Errno::EINVAL)?;
    sys::open_tree(jail.devices.as_fd(), &name, sys::CLONE)
}

/// What a jail shows in its image directory.
#[derive(Debug, Clone)]
pub struct Images<'a> {
    /// Index of the directory in the list given to [`Ground::prepare`].
    pub index: usize,
    /// The files there.
    pub files: &'a [String],
}

impl Jail {
    /// Readable when init has ended, and with it the jail.
    pub fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }
}

impl Drop for Jail {
    fn drop(&mut self) {
        end(self.pidfd.as_fd());
        let gone = Err("the jail has ended".to_owned());
        if let Ok(groups) = std::mem::replace(&mut self.groups, gone) {
            groups.retire();
        }
    }
}

/// SIGKILL to process 1 ends every process of its namespace, and waiting for it waits for them all
/// (pid_namespaces(7)); mounts and network go with their namespaces.
fn end(pidfd: BorrowedFd) {
    let _ = sys::pidfd_kill(pidfd, Signal::SIGKILL);
    while let Err(Errno::EINTR) = waitid(Id::PIDFd(pidfd), WaitPidFlag::WEXITED) {}
}
