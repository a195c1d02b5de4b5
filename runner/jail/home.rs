//! The user and the network namespace that one worker's jails have in common.
//!
//! A network namespace takes the kernel longer to make, and far longer to take apart, than all others together. Jails that follow
//! one another belong to the same submission, and no process outlives its jail; so one that looks at no network may be born
//! where the one before it was. What such a jail leaves behind there (a link, an address) is seen by no check that asks for it:
//! those have a network of their own. Workers that play side by side have a home each, and ground that is cleared for
//! another submission has a new one.

use super::error::{JailError, While};
use super::ids::IdRange;
use super::sys;
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sched::{CloneFlags, setns};
use nix::sys::stat::Mode;
use nix::sys::wait::waitpid;
use std::os::fd::{IntoRawFd, OwnedFd};

/// Which network a jail is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// A new one, and a new user namespace that it belongs to.
    Own,
    /// That of the jails this worker made before, where the host lets one do that.
    Shared,
}

/// Descriptors of both; they live as long as something holds them.
#[derive(Debug)]
pub(super) struct Home {
    user: OwnedFd,
    net: OwnedFd,
}

impl Home {
    /// Makes them, with the ids of a jail.
    pub fn make(ids: IdRange) -> Result<Home, JailError> {
        let namespaces = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET;
        let own = |name| {
            open(name, OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())
                .map(IntoRawFd::into_raw_fd)
        };
        // The child's descriptors are ours, it has nothing but its namespaces for itself.
        let mut opened = Err(Errno::EIO);
        let child = sys::start_sharing_files(namespaces, || {
            opened =
                own("/proc/self/ns/user").and_then(|user| Ok((user, own("/proc/self/ns/net")?)));
            0
        });
        let child =
            child.map_err(|errno| JailError::user_namespace("make a user namespace", errno))?;
        // Its namespaces are still its own, now that it has ended and until it is waited for.
        let mapped = ids.map(child);
        while let Err(Errno::EINTR) = waitpid(child, None) {}
        let (user, net) = opened.while_trying(|| "open the namespaces of a worker's jails")?;
        let home = Home {
            user: sys::adopt(user),
            net: sys::adopt(net),
        };
        mapped.while_trying(|| "write the id maps of a worker's jails")?;
        Ok(home)
    }

    /// Moves the calling process there, for good.
    pub fn enter(&self) -> nix::Result<()> {
        setns(&self.user, CloneFlags::CLONE_NEWUSER)?;
        setns(&self.net, CloneFlags::CLONE_NEWNET)
    }
}
