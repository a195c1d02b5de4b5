//! mount(2) of a devtmpfs: refused in a user namespace, so a prepared /dev takes its place.

use super::observe::visit;
use super::scene::Scene;
use super::memory;
use crate::jail::sys::{self, Answer, Notification, notification_is_valid};
use crate::jail::{self};
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, open};
use nix::sched::{CloneFlags, setns};
use nix::sys::stat::Mode;
use nix::unistd::{chroot, fchdir};
use std::ffi::CString;
use std::os::fd::{AsFd, OwnedFd};

/// Flags of mount(2) that do not make a new mount.
const NOT_NEW: u64 = libc::MS_REMOUNT | libc::MS_BIND | libc::MS_MOVE | libc::MS_SHARED | libc::MS_PRIVATE | libc::MS_SLAVE | libc::MS_UNBINDABLE;

/// Looks at a mount; everything but a new devtmpfs goes on.
pub fn mounts(scene: &mut Scene, call: &Notification) -> Answer {
    let [_, target, kind, flags, ..] = call.arguments;
    if kind == 0 || flags & NOT_NEW != 0 || memory::string(call.thread, kind).as_deref() != Ok(b"devtmpfs") {
        return Answer::Continue;
    }
    match prepared_dev(scene, call, target) {
        Ok(()) => Answer::Value(0),
        Err(errno) => Answer::Fail(errno),
    }
}

fn prepared_dev(scene: &Scene, call: &Notification, target: u64) -> nix::Result<()> {
    let thread = call.thread;
    let target = memory::string(thread, target)?;
    let target = CString::new(target).map_err(|_| Errno::EINVAL)?;
    let path = OFlag::O_PATH | OFlag::O_CLOEXEC;
    let part = |name: &str, flags| open(format!("/proc/{thread}/{name}").as_str(), flags, Mode::empty());
    let namespace = part("ns/mnt", OFlag::O_RDONLY | OFlag::O_CLOEXEC)?;
    let (root, cwd) = (part("root", path)?, part("cwd", path)?);
    if !notification_is_valid(scene.jail.listener.as_fd(), call.id) {
        return Err(Errno::ESRCH);
    }
    let dev = jail::prepare_dev(&scene.jail)?;
    // In a child: one cannot come back from a mount namespace whose root one has changed.
    let outcome = visit::in_child(|| match attach(&namespace, &root, &cwd, &dev, &target) {
        Ok(()) => vec![0],
        Err(errno) => vec![errno as i32 as u8],
    });
    match outcome?.first() {
        Some(0) => Ok(()),
        Some(errno) => Err(Errno::from_raw(i32::from(*errno))),
        None => Err(Errno::EIO),
    }
}

fn attach(namespace: &OwnedFd, root: &OwnedFd, cwd: &OwnedFd, dev: &OwnedFd, target: &CString) -> nix::Result<()> {
    setns(namespace, CloneFlags::CLONE_NEWNS)?;
    fchdir(root)?;
    chroot(".")?;
    fchdir(cwd)?;
    sys::attach(dev.as_fd(), AT_FDCWD, target)
}
