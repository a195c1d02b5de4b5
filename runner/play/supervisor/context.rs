//! The new mount API: fsopen(2), fsconfig(2). A submission that uses it gets the same help with an overlay and a tmpfs as one that
//! calls mount(2).
//!
//! What needs help is opened for it. A tmpfs has to be created by host root too, so its context is known again: by its open file,
//! not by anything a submission could write. Then it is a file system like any other, to be mounted without us. (A late proc or
//! sysfs, and a devtmpfs, are helped through mount(2) only: the descriptor that fsmount(2) returns is an O_PATH one, which
//! SECCOMP_IOCTL_NOTIF_ADDFD does not hand over.)

use super::caller::{Caller, SYS_ADMIN};
use super::mount::STAYS;
use super::overlay;
use super::tmpfs::Most;
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
/// Contexts of tmpfs that were opened for a submission and are not created yet.
#[derive(Default)]
pub struct Contexts {
    known: Vec<OwnedFd>,
}

impl Contexts {
    fn remember(&mut self, context: OwnedFd) {
        if self.known.len() == REMEMBERED {
            self.known.remove(0);
        }
        self.known.push(context);
    }

    /// The one that a descriptor of the calling thread means, if it is one of ours.
    fn find(&self, call: &Notification, number: i32) -> Option<usize> {
        if self.known.is_empty() {
            return None;
        }
        let file = sys::take_descriptor(call.thread, number).ok()?;
        self.known
            .iter()
            .position(|context| sys::same_file(context.as_fd(), file.as_fd()))
    }
}

/// fsopen(2).
pub fn opens(scene: &mut Scene, call: &Notification) -> Answer {
    let [kind, flags, ..] = call.arguments;
    let Ok(kind) = memory::string(call.thread, kind) else {
        return Answer::Continue;
    };
    let opened = match kind.as_slice() {
        STAYS => return Answer::Fail(Errno::EPERM),
        b"overlay" => open_overlay(scene, call),
        b"tmpfs" if scene.jail.power == Power::Root => open_tmpfs(scene, call),
        kind => {
            if kind == b"tmpfs" {
                scene.tmpfs.made_another();
            }
            return Answer::Continue;
        }
    };
    answer(opened.and_then(|context| {
        let flags = if flags & FSOPEN_CLOEXEC != 0 {
            libc::O_CLOEXEC
        } else {
            0
        };
        let number =
            sys::give_descriptor(scene.jail.listener.as_fd(), call.id, context.as_fd(), flags)?;
        if kind == b"tmpfs" {
            scene.tmpfs.made_another();
            scene.contexts.remember(context);
        }
        Ok(number.into())
    }))
}

/// fsconfig(2) with FSCONFIG_CMD_CREATE.
pub fn creates(scene: &mut Scene, call: &Notification) -> Answer {
    let Some(index) = scene.contexts.find(call, call.arguments[0] as i32) else {
        return Answer::Continue;
    };
    answer(
        Caller::of(&scene.jail, call, libc::AT_FDCWD, SYS_ADMIN).and_then(|_| {
            let context = scene.contexts.known.remove(index);
            sys::create_filesystem(context.as_fd()).map(|()| 0)
        }),
    )
}

fn open_overlay(scene: &Scene, call: &Notification) -> nix::Result<OwnedFd> {
    let caller = Caller::of(&scene.jail, call, libc::AT_FDCWD, SYS_ADMIN)?;
    jail::descriptor_of_child(|| {
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
    let most = Most::of(&scene.jail);
    let own = |ids: &[u32]| ids.last().map(u32::to_string).ok_or(Errno::ESRCH);
    let settings: [(&CStr, String); 4] = [
        (c"size", most.size.to_string()),
        (c"nr_inodes", most.inodes.to_string()),
        (c"uid", own(&caller.status.uid)?),
        (c"gid", own(&caller.status.gid)?),
    ];
    for (key, value) in settings {
        let value = CString::new(value).map_err(|_| Errno::EINVAL)?;
        sys::set_option(context.as_fd(), key, Some(&value))?;
    }
    Ok(context)
}

fn answer(outcome: nix::Result<i64>) -> Answer {
    match outcome {
        Ok(value) => Answer::Value(value),
        Err(errno) => Answer::Fail(errno),
    }
}
