//! listmount(2): how many mounts a namespace has, at the price of one pointer each.

use super::Result;
use nix::errno::Errno;
use std::os::fd::{AsRawFd, BorrowedFd};

/// The same number on every architecture (kernel 6.8); libc does not have it.
const SYS_LISTMOUNT: libc::c_long = 458;

/// LSMT_ROOT: from the namespace's root on.
const FROM_THE_ROOT: u64 = u64::MAX;

/// `struct mnt_id_req` as of 6.11, which can name a mount namespace (include/uapi/linux/mount.h).
#[repr(C)]
struct Request {
    size: u32,
    spare: u32,
    mount: u64,
    after: u64,
    namespace: u64,
}

mod ioctls {
    #![allow(missing_docs)]
    nix::ioctl_read!(namespace_id, 0xb7, 5, u64);
}

/// The number of mounts in a mount namespace, counted up to `most`.
///
/// # Errors
/// ENOSYS, ENOTTY or EINVAL on a kernel before 6.11.
pub fn count_mounts(namespace: BorrowedFd, most: usize) -> Result<usize> {
    let mut id = 0;
    // SAFETY: valid pointer of the type this ioctl is declared with.
    unsafe { ioctls::namespace_id(namespace.as_raw_fd(), &raw mut id) }?;
    let request = Request {
        size: size_of::<Request>() as u32,
        spare: 0,
        mount: FROM_THE_ROOT,
        after: 0,
        namespace: id,
    };
    // Room that nobody has to clear: most of it is never written, and none of it read.
    let mut ids = Vec::<u64>::with_capacity(most);
    // SAFETY: the request says its own size, and the kernel writes at most `most` numbers into memory that is ours.
    let listed =
        unsafe { libc::syscall(SYS_LISTMOUNT, &raw const request, ids.as_mut_ptr(), most, 0) };
    Errno::result(listed).map(|count| count as usize)
}
