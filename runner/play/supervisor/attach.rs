//! Attaching a mount of ours where a submission wanted to mount something.

use super::caller::Caller;
use crate::jail::sys;
use crate::jail::{Wire, in_child as in_any_child};
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, OpenHow, ResolveFlag, openat2};
use nix::sched::{CloneFlags, setns};
use std::ffi::CStr;
use std::os::fd::{AsFd, OwnedFd};

/// Attaches `mount` at `target`, as the caller would resolve it, in its mount namespace.
pub fn attach(caller: &Caller, mount: &OwnedFd, target: &CStr) -> nix::Result<()> {
    in_child(|| {
        setns(&caller.namespace, CloneFlags::CLONE_NEWNS)?;
        caller.stand_there()?;
        // As mount(2), through symbolic links, the last one too; but magic links would lead wherever we can see.
        let how = OpenHow::new().flags(OFlag::O_PATH | OFlag::O_CLOEXEC).resolve(ResolveFlag::RESOLVE_NO_MAGICLINKS);
        let place = openat2(AT_FDCWD, target, how)?;
        sys::attach(mount.as_fd(), place.as_fd(), c"")
    })
}

/// Does something in a child, since one cannot come back from where it goes; returns its errno.
pub fn in_child(act: impl FnOnce() -> nix::Result<()>) -> nix::Result<()> {
    let outcome = in_any_child(|| vec![act().err().map_or(0, |errno| errno as i32 as u8)])?;
    match outcome.first() {
        Some(0) => Ok(()),
        Some(errno) => Err(Errno::from_raw(i32::from(*errno))),
        // It was killed: with the pid namespace it had entered.
        None => Err(Errno::EIO),
    }
}

/// Does something in a child and takes over the descriptor that comes of it.
pub fn descriptor_of_child(act: impl FnOnce() -> nix::Result<OwnedFd>) -> nix::Result<OwnedFd> {
    let (ours, theirs) = Wire::pair()?;
    in_child(|| {
        let descriptor = act()?;
        theirs.send(&(), &[descriptor.as_fd()]).map_err(|_| Errno::EIO)
    })?;
    match ours.receive::<()>() {
        Ok(Some((_, descriptors))) => descriptors.into_iter().next().ok_or(Errno::EMFILE),
        _ => Err(Errno::EIO),
    }
}
