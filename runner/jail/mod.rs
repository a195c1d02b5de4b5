//! The jail: the disposable world a check is played in.
//!
//! [`Ground`] is prepared once for a submission; each check gets a [`Jail`] that stands on it and is gone, with everything
//! in it, when it is dropped.

mod capability;
pub mod cgroup;
mod child;
mod dev;
mod error;
mod filter;
mod ground;
mod helper;
mod home;
mod ids;
mod init;
pub mod mechanism;
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
pub use ground::{Ground, GroundPlan, SUBMISSION};
pub use helper::{Helper, HelperContent};
pub use home::Network;
pub use ids::{IdRange, Power, become_root_of};
pub use mechanism::Mechanism;
pub use window::Window;
pub use wire::{FromInit, Program, Streams, ToInit, Wire};
pub use world::{CONTAINERS, IMAGES};

use cgroup::{Doors, JailGroups};
use checks::limit::Limits;
use nix::errno::Errno;
use nix::sched::CloneFlags;
use nix::sys::signal::Signal;
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use posture::Posture;
use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use sys::Fork;

/// The namespaces of a jail but the cgroup one, whose root is the group init is in when it is made.
const NAMESPACES: [(CloneFlags, Mechanism); 6] = [
    (CloneFlags::CLONE_NEWUSER, Mechanism::UserNamespace),
    (CloneFlags::CLONE_NEWNS, Mechanism::MountNamespace),
    (CloneFlags::CLONE_NEWPID, Mechanism::PidNamespace),
    (CloneFlags::CLONE_NEWNET, Mechanism::NetworkNamespace),
    (CloneFlags::CLONE_NEWUTS, Mechanism::UtsNamespace),
    (CloneFlags::CLONE_NEWIPC, Mechanism::IpcNamespace),
];

/// Those of them that one jail may have in common with another.
const HOME: CloneFlags = CloneFlags::CLONE_NEWUSER.union(CloneFlags::CLONE_NEWNET);

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
    /// The inodes by name, as `/proc/PID/ns` has them. Those we hold no descriptor of are the init's own and left out.
    pub fn row(&self) -> checks::fact::Row {
        let inodes = [
            ("mnt", &self.mnt),
            ("uts", &self.uts),
            ("net", &self.net),
            ("user", &self.user),
            ("pid", &self.pid),
            ("ipc", &self.ipc),
            ("cgroup", &self.cgroup),
        ];
        let inode = |fd| nix::sys::stat::fstat(fd).map_or(0, |stat| stat.st_ino);
        inodes
            .into_iter()
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
    /// Builds a jail on `ground`, with a network of its own.
    ///
    /// # Errors
    /// Whatever the kernel refuses; nothing is left behind then.
    pub fn create(ground: &Ground, images: &Images, limits: &Limits) -> Result<Jail, JailError> {
        Jail::create_in(ground, images, limits, Network::Own)
    }

    /// The same, in a `network`.
    ///
    /// # Errors
    /// As for [`Jail::create`].
    pub fn create_in(
        ground: &Ground,
        images: &Images,
        limits: &Limits,
        network: Network,
    ) -> Result<Jail, JailError> {
        let limits = rlimits::attainable(limits);
        let posture = ground.posture();
        let world = world::World::assemble(ground, images.index, images.files, &limits)?;
        // Before the guard of the process, so that it is dropped after it: what is occupied cannot be removed.
        let groups = match &ground.groups {
            Ok(run) => Ok(JailGroups::create(run, ground.ids, &limits)?),
            Err(why) => Err(why.clone()),
        };
        let shown = ground
            .groups
            .as_ref()
            .map(|run| run.shown())
            .unwrap_or_default();
        let (ours, theirs) = Wire::pair().while_trying(|| "make a socket pair")?;
        let flags = NAMESPACES
            .into_iter()
            .filter(|(_, mechanism)| mechanism.is_on())
            .fold(CloneFlags::empty(), |all, (flag, _)| all | flag);
        let root = Path::new(ground.staging_path).join("root");
        let doors = match &groups {
            Ok(groups) => groups.doors()?,
            Err(_) => Doors::default(),
        };
        let home = match network {
            Network::Own => None,
            Network::Shared => ground.home()?,
        };
        let birth = init::Birth {
            root: &root,
            ids: ground.ids,
            doors: &doors,
            groups: &shown,
            rlimits: rlimits::of(&limits, groups.as_ref().ok()),
            posture,
            locked: ground.locked(),
        };
        let doing = |errno| JailError::user_namespace("enter the jail's namespaces", errno);
        let child = match home {
            Some(home) => {
                let live = || {
                    let wire = sys::duplicate(theirs.as_fd());
                    wire.map_or_else(|_| sys::exit_now(1), |wire| init::live(&birth, wire))
                };
                let flags = flags.difference(HOME);
                let made = sys::fork_from(|| home.enter(), flags, doors.unified(), live);
                made.map_err(doing)?
            }
            None => match sys::clone_into_namespaces(flags, doors.unified()).map_err(doing)? {
                Fork::Child => {
                    drop(ours);
                    init::live(&birth, theirs.into_descriptor())
                }
                Fork::Parent(child) => child,
            },
        };
        drop(birth);
        drop((theirs, doors));
        let guard = Doomed {
            pidfd: Some(child.pidfd),
        };
        if home.is_none() && Mechanism::UserNamespace.is_on() {
            ground
                .ids
                .map(child.pid)
                .while_trying(|| "write the jail's id maps")?;
        }
        ours.send(&ToInit::Go, &[])
            .while_trying(|| "speak to the jail's init")?;
        drop(world);
        let (mut unmet, descriptors) = await_ready(&ours, &root, ground.power)?;
        if let (Posture::Unknown, Ok(groups)) = (posture, &groups) {
            unmet.extend(groups.unmet(child.pid, &limits));
        }
        ground.is_tested();
        let received: Result<[OwnedFd; 10], _> = descriptors.try_into();
        let [
            listener,
            root,
            containers,
            mnt,
            uts,
            net,
            user,
            pid,
            ipc,
            cgroup,
        ] = received
            .map_err(|_| JailError::new("receive the jail's descriptors", Errno::EMFILE))?;
        Ok(Jail {
            init: child.pid,
            ids: ground.ids,
            power: ground.power,
            devices: ground.devices()?,
            pidfd: guard.release(),
            wire: ours,
            listener,
            root,
            containers,
            namespaces: JailNamespaces {
                mnt,
                uts,
                net,
                user,
                pid,
                ipc,
                cgroup,
            },
            groups,
            limits,
            unmet,
        })
    }

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

/// Waits until init has built its world, and helps it where only host root can.
fn await_ready(
    wire: &Wire,
    root: &Path,
    power: Power,
) -> Result<(Vec<String>, Vec<OwnedFd>), JailError> {
    loop {
        match wire
            .receive::<FromInit>()
            .while_trying(|| "hear from the jail's init")?
        {
            Some((FromInit::Ready { unmet }, descriptors)) => return Ok((unmet, descriptors)),
            Some((FromInit::Masked { kind }, namespaces)) => {
                let doing = || {
                    format!(
                        "mount a {} of the jail's own",
                        kind.kind().to_string_lossy()
                    )
                };
                let namespaces: [OwnedFd; 3] = namespaces
                    .try_into()
                    .map_err(|_| JailError::new(doing(), Errno::EMFILE))?;
                let mounted = match power {
                    Power::Root => kind.mount_for_init(&namespaces, root),
                    Power::User => Err(Errno::EPERM),
                };
                mounted.while_trying(doing)?;
                wire.send(&ToInit::Go, &[])
                    .while_trying(|| "speak to the jail's init")?;
            }
            Some((FromInit::Failed { doing, errno }, _)) => {
                return Err(JailError::new(doing, Errno::from_raw(errno)));
            }
            _ => return Err(JailError::new("hear from the jail's init", Errno::EPIPE)),
        }
    }
}

/// A jail that is not finished: killed unless released.
struct Doomed {
    pidfd: Option<OwnedFd>,
}

impl Doomed {
    fn release(mut self) -> OwnedFd {
        self.pidfd
            .take()
            .unwrap_or_else(|| unreachable!("released once"))
    }
}

impl Drop for Doomed {
    fn drop(&mut self) {
        if let Some(pidfd) = &self.pidfd {
            end(pidfd.as_fd());
        }
    }
}

/// SIGKILL to process 1 ends every process of its namespace, and waiting for it waits for them all
/// (pid_namespaces(7)); mounts and network go with their namespaces.
fn end(pidfd: BorrowedFd) {
    let _ = sys::pidfd_kill(pidfd, Signal::SIGKILL);
    while let Err(Errno::EINTR) = waitid(Id::PIDFd(pidfd), WaitPidFlag::WEXITED) {}
}
