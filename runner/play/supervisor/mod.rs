//! The seccomp supervisor: answers the system calls that the jail's filter holds.
//!
//! Each kind of call has a module of its own; this one receives, dispatches and answers. What a submission does to the
//! held process, or to the memory it points to, can at worst make one of its own calls fail.

mod attach;
mod attributes;
mod caller;
mod context;
mod late;
mod mount;
mod node;
mod overlay;
mod room;
mod tmpfs;

pub use context::Contexts;

use super::hinge;
use super::scene::{Scene, SceneError};
use crate::jail::While;
use crate::jail::sys::{Answer, Notification, answer_notification, receive_notification};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// Calls answered before others get their turn: a flood of them must not keep deadlines from being looked at.
const AT_ONCE: usize = 32;

/// The same in time: looking at an execve may be made to take long.
const LONGEST: Duration = Duration::from_millis(50);

/// Serves the calls that are held right now.
pub fn serve(scene: &mut Scene) -> Result<(), SceneError> {
    let until = Instant::now() + LONGEST;
    for _ in 0..AT_ONCE {
        let call = match receive_notification(scene.jail.listener.as_fd()) {
            Ok(call) => call,
            // The caller died between our poll and now; or every process that has the filter is gone.
            Err(Errno::ENOENT | Errno::EINTR) => return Ok(()),
            Err(errno) => {
                return Err(errno)
                    .while_trying(|| "receive a seccomp notification")
                    .map_err(Into::into);
            }
        };
        let answer = decide(scene, &call);
        match answer_notification(scene.jail.listener.as_fd(), call.id, answer) {
            // ENOENT: the caller died while it was held.
            Ok(()) | Err(Errno::ENOENT) => {}
            Err(errno) => {
                return Err(errno)
                    .while_trying(|| "answer a seccomp notification")
                    .map_err(Into::into);
            }
        }
        let mut more = [PollFd::new(scene.jail.listener.as_fd(), PollFlags::POLLIN)];
        if Instant::now() > until || !matches!(poll(&mut more, PollTimeout::ZERO), Ok(1..)) {
            return Ok(());
        }
    }
    Ok(())
}

fn decide(scene: &mut Scene, call: &Notification) -> Answer {
    if matches!(call.call, libc::SYS_mount | libc::SYS_move_mount) && !room::for_another(call) {
        return Answer::Fail(Errno::ENOSPC);
    }
    match call.call {
        libc::SYS_execve => hinge::executes(scene, call, hinge::Arguments::execve(call)),
        libc::SYS_execveat => hinge::executes(scene, call, hinge::Arguments::execveat(call)),
        libc::SYS_mount => mount::mounts(scene, call),
        libc::SYS_fsopen => context::opens(scene, call),
        libc::SYS_fsconfig => context::creates(scene, call),
        libc::SYS_mknodat => {
            let [directory, path, mode, device, ..] = call.arguments;
            node::makes(
                scene,
                call,
                node::Wanted {
                    directory: directory as i32,
                    path,
                    mode,
                    device,
                },
            )
        }
        #[cfg(target_arch = "x86_64")]
        libc::SYS_mknod => {
            let [path, mode, device, ..] = call.arguments;
            node::makes(
                scene,
                call,
                node::Wanted {
                    directory: libc::AT_FDCWD,
                    path,
                    mode,
                    device,
                },
            )
        }
        _ => Answer::Continue,
    }
}
