//! Calls that are held for the supervisor (seccomp_unotify(2)).

use super::{Result, owned};
use nix::errno::Errno;
use nix::unistd::Pid;
use std::ffi::{CStr, CString};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

/// A classic BPF instruction.
pub type Instruction = libc::sock_filter;

/// seccomp(2): installs a filter for the calling process and returns its notification listener.
///
/// Where the kernel can (5.19), a call that the supervisor has received is interrupted by nothing but a fatal signal. Else a
/// child that dies at the wrong moment would let its parent's execve fail with EINTR.
pub fn install_filter(program: &[Instruction]) -> Result<OwnedFd> {
    let listener = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
    match install(
        program,
        listener | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
    ) {
        Err(Errno::EINVAL) => install(program, listener),
        installed => installed,
    }
}

fn install(program: &[Instruction], flags: libc::c_ulong) -> Result<OwnedFd> {
    let program = libc::sock_fprog {
        len: program.len() as u16,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel copies the program during the call and does not write to it.
    owned(unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            flags,
            &raw const program,
        )
    })
}

/// The descriptor with which init executes a program. The kernel does not look at it where the path is absolute (execveat(2)); the
/// filter does, and lets the call pass unseen. A submission that did the same would be seen by nobody, and earn nothing.
pub const UNSEEN: i32 = 0x7264_6772;

/// execveat(2) of an absolute path, past the supervisor. Returns only if it fails.
pub fn execute_unseen(path: &CStr, argv: &[CString], environment: &[CString]) -> Errno {
    let pointers = |words: &[CString]| -> Vec<*const libc::c_char> {
        let words = words.iter().map(|word| word.as_ptr());
        words.chain([std::ptr::null()]).collect()
    };
    let (argv, environment) = (pointers(argv), pointers(environment));
    // SAFETY: all strings, and the vectors that end in NULL, are valid for the call.
    unsafe {
        libc::syscall(
            libc::SYS_execveat,
            UNSEEN,
            path.as_ptr(),
            argv.as_ptr(),
            environment.as_ptr(),
            0,
        )
    };
    Errno::last()
}

/// A system call that waits for the supervisor's answer.
#[derive(Debug, Clone, Copy)]
pub struct Notification {
    /// Cookie of this very call.
    pub id: u64,
    /// The calling *thread*, as the listener's pid namespace counts it.
    pub thread: Pid,
    /// The system call's number.
    pub call: i64,
    /// Its arguments.
    pub arguments: [u64; 6],
}

mod ioctls {
    #![allow(missing_docs)]
    nix::ioctl_readwrite!(receive, b'!', 0, libc::seccomp_notif);
    nix::ioctl_readwrite!(answer, b'!', 1, libc::seccomp_notif_resp);
    nix::ioctl_write_ptr!(still_valid, b'!', 2, u64);
}

/// SECCOMP_IOCTL_NOTIF_RECV. ENOENT: the caller died meanwhile.
pub fn receive_notification(listener: BorrowedFd) -> Result<Notification> {
    // SAFETY: the struct is plain data, and must be zeroed for the kernel to accept it.
    let mut raw: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    // SAFETY: valid pointer of the type this ioctl is declared with.
    unsafe { ioctls::receive(listener.as_raw_fd(), &raw mut raw) }?;
    Ok(Notification {
        id: raw.id,
        thread: Pid::from_raw(raw.pid as i32),
        call: i64::from(raw.data.nr),
        arguments: raw.data.args,
    })
}

/// What the supervisor answers to a held system call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Let the kernel carry it out.
    Continue,
    /// It returns this value without being carried out.
    Value(i64),
    /// It fails with this errno.
    Fail(Errno),
}

/// SECCOMP_IOCTL_NOTIF_SEND. ENOENT: the caller died meanwhile.
pub fn answer_notification(listener: BorrowedFd, id: u64, answer: Answer) -> Result<()> {
    let (val, error, flags) = match answer {
        Answer::Continue => (0, 0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32),
        Answer::Value(value) => (value, 0, 0),
        Answer::Fail(errno) => (0, -(errno as i32), 0),
    };
    let mut raw = libc::seccomp_notif_resp {
        id,
        val,
        error,
        flags,
    };
    // SAFETY: valid pointer of the type this ioctl is declared with.
    unsafe { ioctls::answer(listener.as_raw_fd(), &raw mut raw) }.map(drop)
}

/// SECCOMP_IOCTL_NOTIF_ID_VALID: whether the caller is still held, hence still the process we read about.
pub fn notification_is_valid(listener: BorrowedFd, id: u64) -> bool {
    // SAFETY: valid pointer of the type this ioctl is declared with.
    unsafe { ioctls::still_valid(listener.as_raw_fd(), &raw const id) }.is_ok()
}
