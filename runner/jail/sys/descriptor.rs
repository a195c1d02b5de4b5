//! Descriptors that move between us and a process whose call is held.

use super::{Result, owned};
use nix::errno::Errno;
use nix::unistd::{Pid, getpid};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

/// PIDFD_THREAD (Linux 6.9): a pidfd for a thread that is not its process's leader.
const PIDFD_THREAD: i32 = libc::O_EXCL;

mod ioctls {
    #![allow(missing_docs)]
    nix::ioctl_write_ptr!(add_descriptor, b'!', 3, libc::seccomp_notif_addfd);
}

/// pidfd_open(2), pidfd_getfd(2): a copy of a thread's descriptor. Before Linux 6.9 only a leader's can be had.
pub fn take_descriptor(thread: Pid, number: RawFd) -> Result<OwnedFd> {
    // SAFETY: takes plain integers; the result is a new descriptor.
    let open =
        |flags: i32| owned(unsafe { libc::syscall(libc::SYS_pidfd_open, thread.as_raw(), flags) });
    let pidfd = match open(PIDFD_THREAD) {
        Err(Errno::EINVAL) => open(0)?,
        opened => opened?,
    };
    // SAFETY: takes plain integers; the result is a new descriptor.
    owned(unsafe { libc::syscall(libc::SYS_pidfd_getfd, pidfd.as_raw_fd(), number, 0) })
}

/// SECCOMP_IOCTL_NOTIF_ADDFD: gives the caller of the held call `id` a copy of `descriptor`, and returns its number there.
/// `flags` are O_CLOEXEC or 0.
pub fn give_descriptor(
    listener: BorrowedFd,
    id: u64,
    descriptor: BorrowedFd,
    flags: i32,
) -> Result<RawFd> {
    let request = libc::seccomp_notif_addfd {
        id,
        flags: 0,
        srcfd: descriptor.as_raw_fd() as u32,
        newfd: 0,
        newfd_flags: flags as u32,
    };
    // SAFETY: valid pointer of the type this ioctl is declared with.
    unsafe { ioctls::add_descriptor(listener.as_raw_fd(), &raw const request) }
}

/// kcmp(2), KCMP_FILE: whether two descriptors of ours mean the same open file. Where the kernel has no kcmp, none do.
pub fn same_file(one: BorrowedFd, other: BorrowedFd) -> bool {
    let ours = getpid().as_raw();
    // SAFETY: takes plain integers.
    let order = unsafe {
        libc::syscall(
            libc::SYS_kcmp,
            ours,
            ours,
            0, /* KCMP_FILE */
            one.as_raw_fd(),
            other.as_raw_fd(),
        )
    };
    order == 0
}

/// A lock on an open file description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// With others; waits for one who has it exclusively.
    Shared,
    /// Alone; EWOULDBLOCK instead of waiting.
    ExclusiveAtOnce,
}

/// flock(2). The lock lasts until the last descriptor of this open file is closed, those of forked processes included;
/// `nix::fcntl::Flock` would let go of it as soon as one of them drops its own.
pub fn lock(file: BorrowedFd, lock: Lock) -> Result<()> {
    let operation = match lock {
        Lock::Shared => libc::LOCK_SH,
        Lock::ExclusiveAtOnce => libc::LOCK_EX | libc::LOCK_NB,
    };
    loop {
        // SAFETY: takes a borrowed descriptor and a plain integer.
        match Errno::result(unsafe { libc::flock(file.as_raw_fd(), operation) }) {
            Err(Errno::EINTR) => {}
            done => return done.map(drop),
        }
    }
}
