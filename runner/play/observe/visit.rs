//! Looking at something from within other namespaces: a forked child goes there, looks, and reports.

use crate::jail::sys::{self, Fork};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sched::{CloneFlags, setns};
use nix::sys::wait::waitpid;
use nix::unistd::pipe2;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::BorrowedFd;

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
            read.map(|_| seen).map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))
        }
    }
}

/// Runs `look` in these namespaces, in the order given; an errno of entering them is returned.
pub fn in_namespaces(namespaces: &[BorrowedFd], look: impl FnOnce() -> Vec<u8>) -> nix::Result<Vec<u8>> {
    let mut seen = in_child(|| {
        for namespace in namespaces {
            if let Err(errno) = setns(namespace, CloneFlags::empty()) {
                return vec![errno as i32 as u8];
            }
        }
        let mut seen = vec![0];
        seen.extend(look());
        seen
    })?;
    match seen.first() {
        Some(0) => Ok(seen.split_off(1)),
        Some(errno) => Err(Errno::from_raw(i32::from(*errno))),
        None => Err(Errno::EIO),
    }
}
