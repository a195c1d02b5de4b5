//! fsopen(2), fsconfig(2), fsmount(2): file systems that are mounted nowhere yet.

use super::{Result, owned};
use nix::errno::Errno;
use std::ffi::{CStr, c_uint};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

const FSCONFIG_SET_FLAG: c_uint = 0;
const FSCONFIG_SET_STRING: c_uint = 1;
const FSCONFIG_CMD_CREATE: c_uint = 6;

/// A new, detached file system. An option without a value is a flag.
pub fn make_mount(
    kind: &CStr,
    options: &[(&CStr, Option<&CStr>)],
    attributes: u64,
) -> Result<OwnedFd> {
    let context = open_filesystem(kind)?;
    for (key, value) in options {
        set_option(context.as_fd(), key, *value)?;
    }
    create_filesystem(context.as_fd())?;
    mount_filesystem(context.as_fd(), attributes)
}

/// fsopen(2): a context in which a file system can be described.
pub fn open_filesystem(kind: &CStr) -> Result<OwnedFd> {
    // SAFETY: valid C string; the result is a new descriptor.
    owned(unsafe {
        libc::syscall(libc::SYS_fsopen, kind.as_ptr(), 1 /* FSOPEN_CLOEXEC */)
    })
}

/// fsconfig(2): sets an option of a context; one without a value is a flag.
pub fn set_option(context: BorrowedFd, key: &CStr, value: Option<&CStr>) -> Result<()> {
    match value {
        Some(value) => configure(context, FSCONFIG_SET_STRING, Some(key), Some(value)),
        None => configure(context, FSCONFIG_SET_FLAG, Some(key), None),
    }
}

/// FSCONFIG_CMD_CREATE: makes the file system that a context describes.
pub fn create_filesystem(context: BorrowedFd) -> Result<()> {
    configure(context, FSCONFIG_CMD_CREATE, None, None)
}

/// fsmount(2): a detached mount of a context's file system, with MOUNT_ATTR flags.
pub fn mount_filesystem(context: BorrowedFd, attributes: u64) -> Result<OwnedFd> {
    // SAFETY: plain integers; the result is a new descriptor.
    owned(unsafe {
        libc::syscall(
            libc::SYS_fsmount,
            context.as_raw_fd(),
            1, /* FSMOUNT_CLOEXEC */
            attributes,
        )
    })
}

fn configure(
    context: BorrowedFd,
    command: c_uint,
    key: Option<&CStr>,
    value: Option<&CStr>,
) -> Result<()> {
    let pointer = |text: Option<&CStr>| text.map_or(std::ptr::null(), CStr::as_ptr);
    // SAFETY: key and value are null or valid C strings, as the command wants them.
    let done = unsafe {
        libc::syscall(
            libc::SYS_fsconfig,
            context.as_raw_fd(),
            command,
            pointer(key),
            pointer(value),
            0,
        )
    };
    Errno::result(done).map(drop)
}

/// Whether a file system has nothing left, blocks or inodes, by its device; an error where it is gone, or the kernel has no
/// ustat(2).
#[cfg(target_arch = "x86_64")]
pub fn is_exhausted(device: u64) -> Result<bool> {
    /// `struct ustat` (ustat(2)); the names at its end are never filled in.
    #[repr(C)]
    struct Left {
        blocks: i32,
        inodes: libc::ino_t,
        names: [u8; 12],
    }
    let mut left = std::mem::MaybeUninit::<Left>::zeroed();
    // SAFETY: the kernel fills in the structure, all of whose bits are valid as zeroes.
    let left = unsafe {
        Errno::result(libc::syscall(libc::SYS_ustat, device, left.as_mut_ptr()))?;
        left.assume_init()
    };
    Ok(left.blocks == 0 || left.inodes == 0)
}

/// Whether a file system has nothing left: this architecture has no ustat(2) to ask.
#[cfg(not(target_arch = "x86_64"))]
pub fn is_exhausted(_device: u64) -> Result<bool> {
    Err(Errno::ENOSYS)
}
