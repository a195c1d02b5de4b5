//! How a jail comes into being.

use super::cgroup::{Doors, JailGroups};
use super::error::{JailError, While};
use super::ids::Power;
use super::mechanism::Mechanism;
use super::posture::Posture;
use super::sys::{self, Fork};
use super::wire::{FromInit, ToInit, Wire};
use super::{Ground, Images, Jail, JailNamespaces, Network, end, init, rlimits, world};
use checks::limit::Limits;
use nix::errno::Errno;
use nix::sched::CloneFlags;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

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
        let root = world::World::root(ground);
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
        let [listener, root, containers, namespaces @ ..] = received
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
            namespaces: JailNamespaces::received(namespaces),
            groups,
            limits,
            unmet,
        })
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
