//! Calls with which a jail's init tries what it may not do, and gives up what nobody in the jail may.

use super::Result;
use nix::errno::Errno;
use std::os::fd::{AsRawFd, BorrowedFd};

/// prctl(2), PR_CAPBSET_DROP.
pub fn drop_from_bounding_set(capability: u32) -> Result<()> {
    let number = libc::c_ulong::from(capability);
    // SAFETY: takes plain integers.
    Errno::result(unsafe { libc::prctl(libc::PR_CAPBSET_DROP, number, 0, 0, 0) }).map(drop)
}

/// keyctl(2) with an operation that does not exist. No kernel answers EPERM to that.
pub fn call_a_denied_one() -> Result<()> {
    let no_operation: libc::c_long = -1;
    // SAFETY: takes plain integers; nothing is done for an unknown operation.
    Errno::result(unsafe { libc::syscall(libc::SYS_keyctl, no_operation, 0, 0, 0, 0) }).map(drop)
}

/// mount_setattr(2), on the one mount that `mount` means: takes attributes away.
pub fn clear_mount_attributes(mount: BorrowedFd, clear: u64) -> Result<()> {
    let attributes = libc::mount_attr {
        attr_set: 0,
        attr_clr: clear,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: the struct and the string are valid for the call and the size is the struct's.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    Errno::result(done).map(drop)
}
