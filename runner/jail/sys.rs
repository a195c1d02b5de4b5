//! The system calls `nix` does not wrap, or wraps as `unsafe`. The only module that may hold `unsafe`.
//!
//! Every function returns the kernel's errno. Nothing here decides anything.
#![allow(unsafe_code)]

mod beside;
mod descriptor;
mod filesystem;
mod landlock;
mod mounts;
mod posture;
mod seccomp;

pub use beside::{beside, fork_from, side_by_side, start_beside, start_sharing_files};
pub use descriptor::{Lock, give_descriptor, lock, same_file, take_descriptor};
pub use filesystem::{
    create_filesystem, is_exhausted, make_mount, mount_filesystem, open_filesystem, set_option,
};
pub use landlock::landlock_abi;
pub use mounts::count_mounts;
pub use posture::{call_a_denied_one, clear_mount_attributes, drop_from_bounding_set};
pub use seccomp::{
    Answer, Instruction, Notification, UNSEEN, answer_notification, execute_unseen, install_filter,
    notification_is_valid, receive_notification,
};

use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use nix::unistd::Pid;
use std::ffi::{CStr, c_int, c_uint};
use std::io::IoSliceMut;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Result of a system call.
pub type Result<T> = nix::Result<T>;

/// Which side of a fork one is on.
#[derive(Debug)]
pub enum Fork<T> {
    /// The new process.
    Child,
    /// The one that was there before, with what it learned about the child.
    Parent(T),
}

/// fork(2).
///
/// The callers are single-threaded processes: rdgrade starts no threads, so the child may allocate.
pub fn fork() -> Result<Fork<Pid>> {
    // SAFETY: rdgrade never starts a thread, hence no lock can be held by one that does not exist in the child.
    match unsafe { nix::unistd::fork() }? {
        nix::unistd::ForkResult::Child => Ok(Fork::Child),
        nix::unistd::ForkResult::Parent { child } => Ok(Fork::Parent(child)),
    }
}

/// What [`clone_into_namespaces`] learns of the child.
#[derive(Debug)]
pub struct Cloned {
    /// Its id in the caller's pid namespace.
    pub pid: Pid,
    /// A handle that cannot be reused by another process.
    pub pidfd: OwnedFd,
}

/// linux/sched.h. The libc crate's own is an int, which it does not fit into.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// clone3(2): a fork whose child starts in new namespaces and in `group`, a group of version 2, with a pidfd.
pub fn clone_into_namespaces(
    flags: nix::sched::CloneFlags,
    group: Option<BorrowedFd>,
) -> Result<Fork<Cloned>> {
    let mut pidfd: RawFd = -1;
    // SAFETY: clone_args is plain data for which all zeroes is a valid value.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = flags.bits() as u64 | libc::CLONE_PIDFD as u64;
    args.pidfd = &raw mut pidfd as u64;
    // A sibling ends with the signal that its maker does.
    if !flags.contains(nix::sched::CloneFlags::CLONE_PARENT) {
        args.exit_signal = libc::SIGCHLD as u64;
    }
    if let Some(group) = group {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = group.as_raw_fd() as u64;
    }
    // SAFETY: no CLONE_VM and no new stack, so this is fork(2) with namespaces; the process is single-threaded (see
    // `fork`). `args` outlives the call and `pidfd` is written by the kernel in the parent only.
    let pid = unsafe {
        libc::syscall(
            libc::SYS_clone3,
            &raw mut args,
            size_of::<libc::clone_args>(),
        )
    };
    match Errno::result(pid)? {
        0 => Ok(Fork::Child),
        pid => {
            // SAFETY: the kernel stored a descriptor that nothing else owns.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            Ok(Fork::Parent(Cloned {
                pid: Pid::from_raw(pid as i32),
                pidfd,
            }))
        }
    }
}

/// _exit(2): leaves without destructors or flushing, as a forked child that shares the parent's buffers must.
pub fn exit_now(status: i32) -> ! {
    // SAFETY: _exit takes any value and does not return.
    unsafe { libc::_exit(status) }
}

/// pidfd_open(2).
pub fn pidfd_open(pid: Pid) -> Result<OwnedFd> {
    // SAFETY: takes plain integers.
    owned(unsafe { libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0) })
}

/// pidfd_send_signal(2).
pub fn pidfd_kill(pidfd: BorrowedFd, signal: nix::sys::signal::Signal) -> Result<()> {
    let none: *const libc::siginfo_t = std::ptr::null();
    // SAFETY: a null siginfo is allowed; the descriptor is borrowed for the call.
    let done = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            signal as c_int,
            none,
            0,
        )
    };
    Errno::result(done).map(drop)
}

/// close_range(2): closes every descriptor from `first` on.
pub fn close_from(first: RawFd) -> Result<()> {
    // SAFETY: callers are freshly forked processes which own no Rust descriptor beyond `first` any more.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first as c_uint, c_uint::MAX, 0) };
    Errno::result(done).map(drop)
}

/// Takes a descriptor number for one's own: after a fork, the child knows its descriptors by number.
///
/// Callers have the number from a descriptor they forget (`into_raw_fd`) or from the kernel.
pub fn adopt(fd: RawFd) -> OwnedFd {
    // SAFETY: by the contract above the number is open and owned by nobody else.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// F_DUPFD_CLOEXEC (fcntl(2)).
pub fn duplicate(fd: BorrowedFd) -> Result<OwnedFd> {
    fd.try_clone_to_owned()
        .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))
}

/// dup3(2) onto a given number, which the caller owns from then on.
pub fn duplicate_onto(fd: BorrowedFd, number: RawFd) -> Result<OwnedFd> {
    // SAFETY: called in a fresh child whose other descriptors are closed next; nothing else will use the number.
    owned(libc::c_long::from(unsafe {
        libc::dup3(fd.as_raw_fd(), number, libc::O_CLOEXEC)
    }))
}

/// dup2(2) onto a standard stream (0, 1 or 2).
pub fn replace_stream(fd: BorrowedFd, stream: RawFd) -> Result<()> {
    // SAFETY: only called between fork and exec with 0, 1 or 2, which no `OwnedFd` of ours holds.
    Errno::result(unsafe { libc::dup2(fd.as_raw_fd(), stream) }).map(drop)
}

/// TIOCSCTTY: makes the terminal the controlling one of the calling session.
pub fn take_terminal(terminal: BorrowedFd) -> Result<()> {
    // SAFETY: an ioctl with an integer argument on a borrowed descriptor.
    Errno::result(unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSCTTY, 0) }).map(drop)
}

/// TIOCGPTPEER: opens the slave of a pty master without a path, whatever is mounted where.
pub fn terminal_peer(master: BorrowedFd) -> Result<OwnedFd> {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
    // SAFETY: an ioctl with an integer argument; it returns a new descriptor.
    owned(unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCGPTPEER, flags) as i64 })
}

/// TIOCSPTLCK(0): unlocks the slave of a fresh pty master.
pub fn unlock_terminal(master: BorrowedFd) -> Result<()> {
    let zero: c_int = 0;
    // SAFETY: the pointer is valid for the call.
    Errno::result(unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCSPTLCK, &raw const zero) })
        .map(drop)
}

/// TIOCSWINSZ: tells programs how wide the terminal is.
pub fn set_window(master: BorrowedFd, columns: u16, rows: u16) -> Result<()> {
    let size = libc::winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the pointer is valid for the call.
    Errno::result(unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) })
        .map(drop)
}

/// open_tree(2): a descriptor for a path, or with OPEN_TREE_CLONE a detached copy of the mounts there.
pub fn open_tree(dir: BorrowedFd, path: &CStr, flags: c_uint) -> Result<OwnedFd> {
    let flags = flags | libc::O_CLOEXEC as c_uint;
    // SAFETY: the string and the descriptor are valid for the call.
    owned(unsafe { libc::syscall(libc::SYS_open_tree, dir.as_raw_fd(), path.as_ptr(), flags) })
}

/// Flag of [`open_tree`]: clone the mounts below as well.
pub const RECURSIVE: c_uint = libc::AT_RECURSIVE as c_uint;
/// Flag of [`open_tree`]: a detached copy instead of a plain descriptor.
pub const CLONE: c_uint = 1;
/// Flag of [`open_tree`]: the path is empty, the descriptor itself is meant.
pub const EMPTY_PATH: c_uint = libc::AT_EMPTY_PATH as c_uint;

/// move_mount(2): attaches a detached mount at `dir`/`path`; an empty path means `dir` itself.
pub fn attach(mount: BorrowedFd, dir: BorrowedFd, path: &CStr) -> Result<()> {
    let mut flags: c_uint = 0x4; // MOVE_MOUNT_F_EMPTY_PATH
    if path.is_empty() {
        flags |= 0x40; // MOVE_MOUNT_T_EMPTY_PATH
    }
    // SAFETY: all pointers are valid C strings for the call.
    let done = unsafe {
        libc::syscall(
            libc::SYS_move_mount,
            mount.as_raw_fd(),
            c"".as_ptr(),
            dir.as_raw_fd(),
            path.as_ptr(),
            flags,
        )
    };
    Errno::result(done).map(drop)
}

/// mount_setattr(2), recursively, on a descriptor from [`open_tree`] or [`make_mount`].
pub fn set_mount_attributes(mount: BorrowedFd, set: u64, propagation: u64) -> Result<()> {
    let attributes = libc::mount_attr {
        attr_set: set,
        attr_clr: 0,
        propagation,
        userns_fd: 0,
    };
    // SAFETY: the struct and the string are valid for the call and the size is the struct's.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH | libc::AT_RECURSIVE,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    Errno::result(done).map(drop)
}

/// recvmsg(2) with descriptors: the number of bytes read into `buffer` (0 at end of file) and what came along.
pub fn receive_with_descriptors(
    socket: BorrowedFd,
    buffer: &mut [u8],
) -> Result<(usize, Vec<OwnedFd>)> {
    let mut space = nix::cmsg_space!([RawFd; 16]);
    let mut slices = [IoSliceMut::new(buffer)];
    let message = recvmsg::<()>(
        socket.as_raw_fd(),
        &mut slices,
        Some(&mut space),
        MsgFlags::MSG_CMSG_CLOEXEC,
    )?;
    let mut descriptors = Vec::new();
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(numbers) = control {
            // SAFETY: the kernel has just installed these descriptors for us alone.
            descriptors.extend(
                numbers
                    .into_iter()
                    .map(|number| unsafe { OwnedFd::from_raw_fd(number) }),
            );
        }
    }
    Ok((message.bytes, descriptors))
}

/// The length of the next message on a socket that keeps messages apart; 0 at the end. Waits until there is one.
pub fn length_of_next(socket: BorrowedFd) -> Result<usize> {
    // Without room for descriptors none is made.
    let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC;
    nix::sys::socket::recv(socket.as_raw_fd(), &mut [], flags)
}

/// signal(2), sigprocmask(2): default dispositions and an empty mask, as a program expects them at its start.
pub fn clear_signal_handling() -> Result<()> {
    for signal in 1..=64 {
        // SAFETY: SIG_DFL is a valid disposition; EINVAL for SIGKILL, SIGSTOP and libc's own is expected.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    nix::sys::signal::SigSet::empty().thread_set_mask()
}

fn owned(result: libc::c_long) -> Result<OwnedFd> {
    let number = Errno::result(result)?;
    // SAFETY: the system call has just returned this descriptor to us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(number as RawFd) })
}
