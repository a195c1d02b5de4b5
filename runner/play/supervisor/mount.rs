//! mount(2): correct work that a user namespace would refuse, or do by halves, is helped.

use super::attach::attach;
use super::caller::{Caller, SYS_ADMIN};
use super::{late, overlay, tmpfs};
use crate::jail::sys::{Answer, Notification};
use crate::jail::{self, Power, Window};
use crate::play::memory;
use crate::play::scene::Scene;
use nix::errno::Errno;
use std::ffi::CString;

/// Interpreters that a user namespace registers for its programs (since Linux 6.7) stay with it, and jails may share one: what a
/// check registered would run in the next. No level needs it. That a second thread can exchange the word after it was read is no
/// loss: whoever does so gains nothing over a bind mount on a program, and that in its own checks.
pub const STAYS: &[u8] = b"binfmt_misc";

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
    let Ok(kind) = memory::string(call.thread, kind) else {
        return Answer::Continue;
    };
    if kind == STAYS {
        return Answer::Fail(Errno::EPERM);
    }
    // Without host root a tmpfs of ours is no better than one of theirs, and we may mount no more than they.
    let ours = scene.jail.power == Power::Root;
    let help: &dyn Fn(&Caller, &Wanted) -> nix::Result<()> =
        match (kind.as_slice(), Window::named(&kind)) {
            (b"devtmpfs", _) => &|caller, wanted| devtmpfs(scene, caller, wanted),
            (b"tmpfs", _) if ours => &|caller, wanted| tmpfs::mounts(scene, caller, wanted),
            (b"overlay", _) => &|caller, wanted| overlay::mounts(scene, caller, wanted),
            (_, Some(window)) if ours && !late::is_seen(&scene.jail, window, call.thread) => {
                &move |caller, wanted| late::mounts(scene, call, caller, window, wanted)
            }
            (kind, _) => {
                if kind == b"tmpfs" {
                    scene.tmpfs.made_another();
                }
                return Answer::Continue;
            }
        };
    let text = |address| {
        if address == 0 {
            Ok(Vec::new())
        } else {
            memory::string(call.thread, address)
        }
    };
    let wanted = || -> nix::Result<Wanted> {
        let target =
            CString::new(memory::string(call.thread, target)?).map_err(|_| Errno::EINVAL)?;
        Ok(Wanted {
            source: text(source)?,
            target,
            flags,
            data: text(data)?,
        })
    };
    let helped = wanted().and_then(|mut wanted| {
        let (directory, target) = standing_at(wanted.target)?;
        wanted.target = target;
        let caller = Caller::of(&scene.jail, call, directory, SYS_ADMIN)?;
        help(&caller, &wanted)
    });
    match helped {
        Ok(()) => Answer::Value(0),
        // Not to be found, or through another magic link: /proc/self means something to the caller alone. It goes there by
        // itself, with no more than its own power.
        Err(Errno::ELOOP | Errno::ENOENT | Errno::EBADF) => {
            if kind == b"tmpfs" {
                scene.tmpfs.made_another();
            }
            Answer::Continue
        }
        Err(errno) => Answer::Fail(errno),
    }
}

/// The directory that a target starts from, and the rest of it.
///
/// Careful programs, container engines among them, open the directory first and mount on `/proc/self/fd/N`, so that nobody can
/// exchange it meanwhile. For us `self` would be somebody else.
fn standing_at(target: CString) -> nix::Result<(i32, CString)> {
    let Some((descriptor, rest)) = target.to_str().ok().and_then(own_descriptor) else {
        return Ok((libc::AT_FDCWD, target));
    };
    let rest = if rest.is_empty() { "." } else { rest };
    Ok((descriptor, CString::new(rest).map_err(|_| Errno::EINVAL)?))
}

/// N and what follows, of `/proc/self/fd/N/…`.
fn own_descriptor(path: &str) -> Option<(i32, &str)> {
    let path = path
        .strip_prefix("/proc/self/fd/")
        .or_else(|| path.strip_prefix("/proc/thread-self/fd/"))?;
    let (number, rest) = path.split_once('/').unwrap_or((path, ""));
    // As procfs names them: no sign, no leading zero.
    let descriptor = number
        .parse::<i32>()
        .ok()
        .filter(|descriptor| descriptor.to_string() == number && *descriptor >= 0)?;
    Some((descriptor, rest.trim_start_matches('/')))
}

/// devtmpfs is refused in a user namespace: a prepared /dev takes its place.
fn devtmpfs(scene: &Scene, caller: &Caller, wanted: &Wanted) -> nix::Result<()> {
    let dev = jail::prepare_dev(&scene.jail)?;
    attach(caller, &dev, &wanted.target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_directory("/proc/self/fd/7", Some((7, "")))]
    #[case::below_it("/proc/self/fd/7//dev/", Some((7, "dev/")))]
    #[case::of_a_thread("/proc/thread-self/fd/0", Some((0, "")))]
    #[case::not_procfs_spelling("/proc/self/fd/07", None)]
    #[case::no_number("/proc/self/fd/-1", None)]
    #[case::a_path("/workshop/containers/1/rootfs/dev", None)]
    #[case::another_process("/proc/1/fd/7", None)]
    fn a_target_may_be_an_open_directory(
        #[case] path: &str,
        #[case] expected: Option<(i32, &str)>,
    ) {
        assert_eq!(own_descriptor(path), expected);
    }
}
