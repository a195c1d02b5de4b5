//! A forked child that goes where there is no way back from, and reports.

use super::sys::{self, Fork};
use super::wire::Wire;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::wait::waitpid;
use nix::unistd::pipe2;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};

/// Runs `look` in a child of its own and returns what it returned.
///
/// The child shares nothing with this process afterwards, so it may enter namespaces it cannot leave again. Results are
/// small; a megabyte is the limit.
pub fn in_child(look: impl FnOnce() -> Vec<u8>) -> nix::Result<Vec<u8>> {
    let (ours, theirs) = pipe2(OFlag::O_CLOEXEC)?;
    match sys::fork()? {
        Fork::Child => {
            drop(ours);
            let done = File::from(theirs).write_all(&look());
            sys::exit_now(i32::from(done.is_err()))
        }
        Fork::Parent(pid) => {
            drop(theirs);
            let mut seen = Vec::new();
            let read = File::from(ours).take(1 << 20).read_to_end(&mut seen);
            while let Err(Errno::EINTR) = waitpid(pid, None) {}
            read.map(|_| seen)
                .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))
        }
    }
}

/// Does something in a child; returns its errno.
pub fn done_in_child(act: impl FnOnce() -> nix::Result<()>) -> nix::Result<()> {
    let outcome = in_child(|| vec![act().err().map_or(0, |errno| errno as i32 as u8)])?;
    match outcome.first() {
        Some(0) => Ok(()),
        Some(errno) => Err(Errno::from_raw(i32::from(*errno))),
        // It was killed: with the pid namespace it had entered.
        None => Err(Errno::EIO),
    }
}

/// Does something in a child and takes over the descriptor that comes of it.
pub fn descriptor_of_child(act: impl FnOnce() -> nix::Result<OwnedFd>) -> nix::Result<OwnedFd> {
    let (ours, theirs) = Wire::pair()?;
    done_in_child(|| {
        let descriptor = act()?;
        theirs
            .send(&(), &[descriptor.as_fd()])
            .map_err(|_| Errno::EIO)
    })?;
    match ours.receive::<()>() {
        Ok(Some((_, descriptors))) => descriptors.into_iter().next().ok_or(Errno::EMFILE),
        _ => Err(Errno::EIO),
    }
}
