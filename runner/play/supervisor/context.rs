//! The new mount API: fsopen(2), fsconfig(2), fsmount(2). A submission that uses it gets the same help as one that calls mount(2).
//!
//! What needs help is opened for it: the context it is given is ours, and known again by its open file, not by anything a
//! submission could write. It describes the file system itself; to create and to mount it falls to us again.

use super::attach::descriptor_of_child;
use super::caller::{Caller, SYS_ADMIN};
use super::late::Window;
use super::overlay;
use crate::jail::sys::{self, Answer, Notification};
use crate::jail::{self, Power};
use crate::play::memory;
use crate::play::scene::Scene;
use nix::errno::Errno;
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, OwnedFd};

/// Most contexts that are remembered: the oldest is given up, and its submission refused.
const REMEMBERED: usize = 32;

const FSOPEN_CLOEXEC: u64 = 1;
const FSMOUNT_CLOEXEC: u64 = 1;

/// Contexts that were opened for a submission and are not mounted yet.
#[derive(Default)]
pub struct Contexts {
    known: Vec<Context>,
}

struct Context {
    file: OwnedFd,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Created and mounted with host root's power: a tmpfs for devices, a late proc or sysfs.
    Ours,
    /// Stands for a prepared /dev; what it describes is thrown away.
    Devices,
}

impl Contexts {
    fn remember(&mut self, context: Context) {
        if self.known.len() == REMEMBERED {
            self.known.remove(0);
        }
        self.known.push(context);
    }

    fn position(&self, file: &OwnedFd) -> Option<usize> {
        self.known.iter().position(|context| sys::same_file(context.file.as_fd(), file.as_fd()))
    }
}

/// fsopen(2).
pub fn opens(scene: &mut Scene, call: &Notification) -> Answer {
    let [kind, flags, ..] = call.arguments;
    let Ok(kind) = memory::string(call.thread, kind) else { return Answer::Continue };
    let ours = scene.jail.power == Power::Root;
    let opened = match (kind.as_slice(), Window::named(&kind)) {
        (b"overlay", _) => open_overlay(scene, call).map(|context| (context, None)),
        (b"tmpfs", _) if ours => open_tmpfs(scene, call).map(|context| (context, Some(Kind::Ours))),
        (b"devtmpfs", _) if ours => open_tmpfs(scene, call).map(|context| (context, Some(Kind::Devices))),
        (_, Some(window)) if ours && !window.is_seen(call.thread) => {
            open_window(scene, call, window).map(|context| (context, Some(Kind::Ours)))
        }
        _ => return Answer::Continue,
    };
    let given = opened.and_then(|(context, kind)| {
        let number = give(scene, call, &context, flags & FSOPEN_CLOEXEC != 0)?;
        if let Some(kind) = kind {
            scene.contexts.remember(Context { file: context, kind });
        }
        Ok(number)
    });
    answer(given)
}

/// fsconfig(2) with FSCONFIG_CMD_CREATE.
pub fn creates(scene: &Scene, call: &Notification) -> Answer {
    let Some((context, index)) = known(scene, call) else { return Answer::Continue };
    let may = Caller::of(&scene.jail, call, libc::AT_FDCWD, SYS_ADMIN).map(drop);
    answer(may.and_then(|()| match scene.contexts.known[index].kind {
        Kind::Ours => sys::create_filesystem(context.as_fd()).map(|()| 0),
        Kind::Devices => Ok(0),
    }))
}

/// fsmount(2).
pub fn mounts(scene: &mut Scene, call: &Notification) -> Answer {
    let [_, flags, attributes, ..] = call.arguments;
    let Some((context, index)) = known(scene, call) else { return Answer::Continue };
    let may = Caller::of(&scene.jail, call, libc::AT_FDCWD, SYS_ADMIN).map(drop);
    let mount = may.and_then(|()| match scene.contexts.known[index].kind {
        Kind::Ours => sys::mount_filesystem(context.as_fd(), attributes),
        Kind::Devices => jail::prepare_dev(&scene.jail),
    });
    answer(mount.and_then(|mount| {
        let number = give(scene, call, &mount, flags & FSMOUNT_CLOEXEC != 0)?;
        scene.contexts.known.remove(index);
        Ok(number)
    }))
}

/// The context that the call's first argument names, if it is one of ours.
fn known(scene: &Scene, call: &Notification) -> Option<(OwnedFd, usize)> {
    if scene.contexts.known.is_empty() {
        return None;
    }
    let file = sys::take_descriptor(call.thread, call.arguments[0] as i32).ok()?;
    let index = scene.contexts.position(&file)?;
    Some((file, index))
}

fn open_overlay(scene: &Scene, call: &Notification) -> nix::Result<OwnedFd> {
    let caller = Caller::of(&scene.jail, call, libc::AT_FDCWD, SYS_ADMIN)?;
    descriptor_of_child(|| {
        overlay::become_the_jails_root(scene, &caller)?;
        let context = sys::open_filesystem(c"overlay")?;
        sys::set_option(context.as_fd(), c"userxattr", None)?;
        Ok(context)
    })
}

/// Its root belongs to the caller and its size is ours, unless the submission says otherwise; the jail's limit of memory binds
/// in any case.
fn open_tmpfs(scene: &Scene, call: &Notification) -> nix::Result<OwnedFd> {
    let caller = Caller::of(&scene.jail, call, libc::AT_FDCWD, SYS_ADMIN)?;
    let context = sys::open_filesystem(c"tmpfs")?;
    let own = |ids: &[u32]| ids.last().map(u32::to_string).ok_or(Errno::ESRCH);
    let settings: [(&CStr, String); 4] = [
        (c"size", super::tmpfs::LARGEST.to_string()),
        (c"nr_inodes", super::tmpfs::INODES.to_string()),
        (c"uid", own(&caller.status.uid)?),
        (c"gid", own(&caller.status.gid)?),
    ];
    for (key, value) in settings {
        let value = CString::new(value).map_err(|_| Errno::EINVAL)?;
        sys::set_option(context.as_fd(), key, Some(&value))?;
    }
    Ok(context)
}

fn open_window(scene: &Scene, call: &Notification, window: Window) -> nix::Result<OwnedFd> {
    let caller = Caller::of(&scene.jail, call, libc::AT_FDCWD, SYS_ADMIN)?;
    window.open(scene, call, &caller)
}

fn give(scene: &Scene, call: &Notification, descriptor: &OwnedFd, close_on_exec: bool) -> nix::Result<i64> {
    let flags = if close_on_exec { libc::O_CLOEXEC } else { 0 };
    sys::give_descriptor(scene.jail.listener.as_fd(), call.id, descriptor.as_fd(), flags).map(i64::from)
}

fn answer(outcome: nix::Result<i64>) -> Answer {
    match outcome {
        Ok(value) => Answer::Value(value),
        Err(errno) => Answer::Fail(errno),
    }
}
