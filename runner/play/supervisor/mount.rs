//! mount(2): correct work that a user namespace would refuse, or do by halves, is helped.

use super::attach::{attach, in_child};
use super::caller::{Caller, SYS_ADMIN};
use super::tmpfs;
use crate::jail::sys::{Answer, Notification};
use crate::jail::{self, Power};
use crate::play::memory;
use crate::play::scene::Scene;
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns};
use std::ffi::CString;

/// Flags of mount(2) that do not make a new mount.
const NOT_NEW: u64 = libc::MS_REMOUNT
    | libc::MS_BIND
    | libc::MS_MOVE
    | libc::MS_SHARED
    | libc::MS_PRIVATE
    | libc::MS_SLAVE
    | libc::MS_UNBINDABLE;

/// A new mount that a submission asks for.
pub struct Wanted {
    /// Where from; empty if there is none.
    pub source: Vec<u8>,
    /// Where to.
    pub target: CString,
    /// Flags of mount(2).
    pub flags: u64,
    /// Options, comma separated; empty if there are none.
    pub data: Vec<u8>,
}

/// Looks at a mount. What needs no help goes on.
pub fn mounts(scene: &Scene, call: &Notification) -> Answer {
    let [source, target, kind, flags, data, _] = call.arguments;
    if kind == 0 || flags & NOT_NEW != 0 {
        return Answer::Continue;
    }
    let Ok(kind) = memory::string(call.thread, kind) else { return Answer::Continue };
    let help = match kind.as_slice() {
        b"devtmpfs" => devtmpfs,
        // Without host root a tmpfs of ours is no better than one of theirs.
        b"tmpfs" if scene.jail.power == Power::Root => tmpfs::mounts,
        b"overlay" => overlay,
        _ => return Answer::Continue,
    };
    let text = |address| if address == 0 { Ok(Vec::new()) } else { memory::string(call.thread, address) };
    let wanted = || -> nix::Result<Wanted> {
        let target = CString::new(memory::string(call.thread, target)?).map_err(|_| Errno::EINVAL)?;
        Ok(Wanted { source: text(source)?, target, flags, data: text(data)? })
    };
    let helped = wanted().and_then(|wanted| {
        let caller = Caller::of(&scene.jail, call, libc::AT_FDCWD, SYS_ADMIN)?;
        help(scene, &caller, &wanted)
    });
    match helped {
        Ok(()) => Answer::Value(0),
        Err(errno) => Answer::Fail(errno),
    }
}

/// devtmpfs is refused in a user namespace: a prepared /dev takes its place.
fn devtmpfs(scene: &Scene, caller: &Caller, wanted: &Wanted) -> nix::Result<()> {
    let dev = jail::prepare_dev(&scene.jail)?;
    attach(caller, &dev, &wanted.target)
}

/// An overlay in a user namespace cannot remove or rename what lies in its lower layer unless it is told to keep its notes in
/// `user.*` attributes (kernel doc `filesystems/overlayfs`, "userxattr"). A student on a real machine need not know.
fn overlay(scene: &Scene, caller: &Caller, wanted: &Wanted) -> nix::Result<()> {
    let mut data = wanted.data.clone();
    if !data.split(|byte| *byte == b',').any(|option| option == b"userxattr") {
        if !data.is_empty() {
            data.push(b',');
        }
        data.extend_from_slice(b"userxattr");
    }
    let source = if wanted.source.is_empty() { None } else { Some(wanted.source.as_slice()) };
    let flags = MsFlags::from_bits_truncate(wanted.flags);
    in_child(|| {
        // As the jail's root, with no more power than the caller has: the overlay is the jail's own.
        let user = &scene.jail.namespaces.user;
        setns(&caller.namespace, CloneFlags::CLONE_NEWNS)?;
        caller.stand_there()?;
        setns(user, CloneFlags::CLONE_NEWUSER)?;
        jail::become_root_inside()?;
        mount(source, wanted.target.as_c_str(), Some(c"overlay"), flags, Some(data.as_slice()))
    })
}
