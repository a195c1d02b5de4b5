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

/// Homes of submissions that are over: nobody is in them and nobody can enter them again. The kernel takes many network namespaces
/// apart at once, for little more than it takes one: it looks through all connections of the host for those of any of them.
#[derive(Debug, Default)]
pub(super) struct Left(Vec<Home>);

/// So many are let go of at once.
const AT_ONCE: usize = 8;

impl Extend<Home> for Left {
    fn extend<I: IntoIterator<Item = Home>>(&mut self, homes: I) {
        self.0.extend(homes);
        if self.0.len() >= AT_ONCE {
            self.0.clear();
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::unistd::pipe2;
    use std::os::fd::AsFd;

    #[test]
    fn homes_are_let_go_of_together() {
        let mut left = Left::default();
        let (reader, writer) = pipe2(OFlag::O_CLOEXEC).unwrap();
        let is_held = || {
            let mut ended = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
            poll(&mut ended, PollTimeout::ZERO).unwrap() == 0
        };
        let home = || Home {
            user: writer.try_clone().unwrap(),
            net: writer.try_clone().unwrap(),
        };
        left.extend((1..AT_ONCE).map(|_| home()));
        let last = home();
        drop(writer);
        assert!(is_held());
        left.extend([last]);
        assert!(!is_held());
    }
}
