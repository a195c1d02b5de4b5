//! Attaching a mount of ours where a submission wanted to mount something.

use super::caller::Caller;
use crate::jail::sys;
use nix::fcntl::{AT_FDCWD, OFlag, OpenHow, ResolveFlag, openat2};
use nix::sched::{CloneFlags, setns};
use std::ffi::CStr;
use std::os::fd::{AsFd, OwnedFd};

const DIRECTORY: OFlag = OFlag::O_PATH
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_CLOEXEC);

/// Attaches `mount` at the directory `target`, as the caller would resolve it, in its mount namespace.
pub fn attach(caller: &Caller, mount: &OwnedFd, target: &CStr) -> nix::Result<()> {
    sys::beside(|| {
        setns(&caller.namespace, CloneFlags::CLONE_NEWNS)?;
        caller.stand_there()?;
        // As mount(2), through symbolic links, the last one too; but magic links would lead wherever we can see.
        let how = OpenHow::new()
            .flags(DIRECTORY)
            .resolve(ResolveFlag::RESOLVE_NO_MAGICLINKS);
        let place = openat2(AT_FDCWD, target, how)?;
        sys::attach(mount.as_fd(), place.as_fd(), c"")
    })?
}
