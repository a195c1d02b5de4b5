//! proc and sysfs where the kernel refuses them to a user namespace: no other of their kind can be seen from its mount namespace
//! (mount_too_revealing in fs/namespace.c), because the old root with both was let go of already. Root on a real machine may.

use super::attach::attach;
use super::attributes;
use super::caller::Caller;
use super::mount::Wanted;
use crate::jail::sys::{self, Notification};
use crate::jail::{Jail, Window};
use crate::play::observe::few_enough;
use crate::play::observe::files::open_in;
use crate::play::procfs;
use crate::play::scene::Scene;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::{FileStat, fstat};
use nix::sys::statfs::{PROC_SUPER_MAGIC, SYSFS_MAGIC, fstatfs};
use nix::unistd::Pid;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::os::fd::AsFd;

/// Whether the thread can see one whole already, so that the kernel lets it mount another.
pub fn is_seen(jail: &Jail, window: Window, thread: Pid) -> bool {
    if is_where_it_was(jail, window, thread) {
        return true;
    }
    // Where there are too many to look through, the kernel itself may refuse.
    let namespace = File::open(format!("/proc/{thread}/ns/mnt"));
    if !namespace.is_ok_and(|namespace| few_enough(namespace.as_fd()).is_ok()) {
        return true;
    }
    let table = procfs::read(thread, "mountinfo").unwrap_or_default();
    table.lines().any(|line| is_whole(line, window.kind()))
}

/// Whether the thread is in the mount namespace of the jail's host, and what was mounted there is still in its place.
fn is_where_it_was(jail: &Jail, window: Window, thread: Pid) -> bool {
    let (place, magic) = match window {
        Window::Proc => ("/proc", PROC_SUPER_MAGIC),
        Window::Sysfs => ("/sys", SYSFS_MAGIC),
    };
    let inode = |stat: FileStat| (stat.st_dev, stat.st_ino);
    let theirs = nix::sys::stat::stat(format!("/proc/{thread}/ns/mnt").as_str()).map(inode);
    if theirs != fstat(&jail.namespaces.mnt).map(inode) {
        return false;
    }
    let Ok(there) = open_in(jail.root.as_fd(), place, OFlag::O_PATH) else {
        return false;
    };
    // Both number their root 1.
    fstatfs(&there).is_ok_and(|it| it.filesystem_type() == magic)
        && fstat(&there).is_ok_and(|it| it.st_ino == 1)
}

/// Mounts one for the caller.
pub fn mounts(
    scene: &Scene,
    call: &Notification,
    caller: &Caller,
    window: Window,
    wanted: &Wanted,
) -> nix::Result<()> {
    let options = options(&wanted.data, |gid| scene.jail.ids.outside(gid))?;
    let source = if wanted.source.is_empty() {
        c"none".to_owned()
    } else {
        c_string(&wanted.source)?
    };
    let shown = caller.open_namespace(scene, call, window.namespace())?;
    let mount = window.look_at(&shown, |context| {
        sys::set_option(context.as_fd(), c"source", Some(&source))?;
        for (key, value) in &options {
            sys::set_option(context.as_fd(), key, value.as_deref())?;
        }
        sys::create_filesystem(context.as_fd())?;
        sys::mount_filesystem(context.as_fd(), attributes::of_flags(wanted.flags))
    })?;
    attach(caller, &mount, &wanted.target)
}

/// Whether a line of mountinfo (proc_pid_mountinfo(5)) is a mount of this kind from its root on.
fn is_whole(line: &str, kind: &CStr) -> bool {
    let Some((mount, file_system)) = line.split_once(" - ") else {
        return false;
    };
    let kind_there = file_system.split(' ').next().unwrap_or_default();
    mount.split(' ').nth(3) == Some("/") && kind_there.as_bytes() == kind.to_bytes()
}

type Setting = (CString, Option<CString>);

/// Mount data as settings. Group ids are the caller's, and we are somebody else.
fn options(data: &[u8], outside: impl Fn(u32) -> Option<u32>) -> nix::Result<Vec<Setting>> {
    let words = data
        .split(|byte| *byte == b',')
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (key, value) = match word.iter().position(|byte| *byte == b'=') {
                Some(at) => (&word[..at], Some(&word[at + 1..])),
                None => (word, None),
            };
            let value = match (key, value) {
                (b"gid", Some(value)) => {
                    let gid = std::str::from_utf8(value)
                        .ok()
                        .and_then(|gid| gid.parse().ok());
                    let gid = gid.and_then(&outside).ok_or(Errno::EINVAL)?;
                    Some(c_string(gid.to_string().as_bytes())?)
                }
                (_, Some(value)) => Some(c_string(value)?),
                (_, None) => None,
            };
            Ok((c_string(key)?, value))
        })
        .collect()
}

fn c_string(bytes: &[u8]) -> nix::Result<CString> {
    CString::new(bytes).map_err(|_| Errno::EINVAL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("31 30 0:27 / /proc rw,nosuid shared:9 - proc proc rw", true)]
    #[case("31 30 0:27 /sys /proc/sys ro - proc proc rw", false)]
    #[case("31 30 0:27 / /proc rw - tmpfs proc rw", false)]
    #[case("31 30 0:27 / /procfs rw - procfs x rw", false)]
    #[case("31 30", false)]
    fn only_a_whole_proc_counts(#[case] line: &str, #[case] expected: bool) {
        assert_eq!(is_whole(line, c"proc"), expected);
    }

    #[test]
    fn groups_are_counted_as_the_caller_counts() {
        let outside = |gid: u32| (gid < 10).then_some(gid + 1000);
        let parsed = options(b"hidepid=2,gid=4,,ro", outside).unwrap();
        let text = |text: &str| CString::new(text).unwrap();
        assert_eq!(
            parsed,
            [
                (text("hidepid"), Some(text("2"))),
                (text("gid"), Some(text("1004"))),
                (text("ro"), None)
            ]
        );
        assert_eq!(options(b"gid=10", outside), Err(Errno::EINVAL));
    }
}
