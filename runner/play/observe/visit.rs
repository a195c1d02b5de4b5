//! Looking at something from within other namespaces: a child goes there, looks, and reports.

pub use crate::jail::in_child;
use crate::jail::sys::beside;
use nix::sched::{CloneFlags, setns};
use std::os::fd::BorrowedFd;

/// Runs `look` in these namespaces, in the order given; none is a user namespace. An errno of entering them is returned.
pub fn in_namespaces<T>(namespaces: &[BorrowedFd], look: impl FnOnce() -> T) -> nix::Result<T> {
    beside(|| {
        let enter = |namespace: &BorrowedFd| setns(namespace, CloneFlags::empty());
        namespaces.iter().try_for_each(enter).map(|()| look())
    })?
}
