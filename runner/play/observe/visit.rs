//! Looking at something from within other namespaces: a forked child goes there, looks, and reports.

pub use crate::jail::in_child;
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use std::os::fd::BorrowedFd;

/// Runs `look` in these namespaces, in the order given; an errno of entering them is returned.
pub fn in_namespaces(
    namespaces: &[BorrowedFd],
    look: impl FnOnce() -> Vec<u8>,
) -> nix::Result<Vec<u8>> {
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
