//! Attaching a mount of ours where a submission wanted to mount something.

use super::caller::Caller;
use crate::jail::sys;
use crate::play::observe::visit;
use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::sched::{CloneFlags, setns};
use std::ffi::CString;
use std::os::fd::{AsFd, OwnedFd};

/// Attaches `mount` at `target`, as the caller would resolve it, in its mount namespace.
pub fn attach(caller: &Caller, mount: &OwnedFd, target: &CString) -> nix::Result<()> {
    in_child(|| {
        setns(&caller.namespace, CloneFlags::CLONE_NEWNS)?;
        caller.stand_there()?;
        sys::attach(mount.as_fd(), AT_FDCWD, target)
    })
}

/// Does something in a child, since one cannot come back from where it goes; returns its errno.
pub fn in_child(act: impl FnOnce() -> nix::Result<()>) -> nix::Result<()> {
    let outcome = visit::in_child(|| vec![act().err().map_or(0, |errno| errno as i32 as u8)])?;
    match outcome.first() {
        Some(0) => Ok(()),
        Some(errno) => Err(Errno::from_raw(i32::from(*errno))),
        None => Err(Errno::EIO),
    }
}
