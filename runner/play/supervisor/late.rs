//! proc and sysfs where the kernel refuses them to a user namespace: no other of their kind can be seen from its mount namespace
//! (mount_too_revealing in fs/namespace.c), because the old root with both was let go of already. Root on a real machine may.

use super::attach::{attach, descriptor_of_child};
use super::attributes;
use super::caller::Caller;
use super::mount::Wanted;
use crate::jail::sys::{self, Notification};
use crate::play::procfs;
use crate::play::scene::Scene;
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use nix::unistd::Pid;
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, OwnedFd};

/// A file system of the kernel's own that shows a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// proc: a pid namespace.
    Proc,
    /// sysfs: a network namespace.
    Sysfs,
}

impl Window {
    /// By the name of the file system.
    pub fn named(kind: &[u8]) -> Option<Window> {
        match kind {
            b"proc" => Some(Window::Proc),
            b"sysfs" => Some(Window::Sysfs),
            _ => None,
        }
    }

    fn kind(self) -> &'static CStr {
        match self {
            Window::Proc => c"proc",
            Window::Sysfs => c"sysfs",
        }
    }

    /// Whether the thread can see one whole already, so that the kernel lets it mount another.
    pub fn is_seen(self, thread: Pid) -> bool {
        let table = procfs::read(thread, "mountinfo").unwrap_or_default();
        table.lines().any(|line| is_whole(line, self.kind()))
    }

    /// Opens a context for it in which it will show the caller's namespace, whoever mounts it.
    pub fn open(self, scene: &Scene, call: &Notification, caller: &Caller) -> nix::Result<OwnedFd> {
        self.from_within(scene, call, caller, |context| Ok(context))
    }

    /// Mounts one for the caller.
    pub fn mounts(self, scene: &Scene, call: &Notification, caller: &Caller, wanted: &Wanted) -> nix::Result<()> {
        let options = options(&wanted.data, |gid| scene.jail.ids.outside(gid))?;
        let source = if wanted.source.is_empty() { c"none".to_owned() } else { c_string(&wanted.source)? };
        let mount = self.from_within(scene, call, caller, |context| {
            sys::set_option(context.as_fd(), c"source", Some(&source))?;
            for (key, value) in &options {
                sys::set_option(context.as_fd(), key, value.as_deref())?;
            }
            sys::create_filesystem(context.as_fd())?;
            sys::mount_filesystem(context.as_fd(), attributes::of_flags(wanted.flags))
        })?;
        attach(caller, &mount, &wanted.target)
    }

    /// Opens a context from within the namespace it is to show, and makes something of it there.
    fn from_within(
        self,
        scene: &Scene,
        call: &Notification,
        caller: &Caller,
        make: impl FnOnce(OwnedFd) -> nix::Result<OwnedFd>,
    ) -> nix::Result<OwnedFd> {
        let make = || sys::open_filesystem(self.kind()).and_then(make);
        match self {
            Window::Proc => {
                let namespace = caller.open_namespace(scene, call, "pid")?;
                // setns(2) moves only children to come into a pid namespace.
                descriptor_of_child(|| {
                    setns(&namespace, CloneFlags::CLONE_NEWPID)?;
                    descriptor_of_child(make)
                })
            }
            Window::Sysfs => {
                let namespace = caller.open_namespace(scene, call, "net")?;
                descriptor_of_child(|| {
                    setns(&namespace, CloneFlags::CLONE_NEWNET)?;
                    make()
                })
            }
        }
    }
}

/// Whether a line of mountinfo (proc_pid_mountinfo(5)) is a mount of this kind from its root on.
fn is_whole(line: &str, kind: &CStr) -> bool {
    let Some((mount, file_system)) = line.split_once(" - ") else { return false };
    let kind_there = file_system.split(' ').next().unwrap_or_default();
    mount.split(' ').nth(3) == Some("/") && kind_there.as_bytes() == kind.to_bytes()
}

type Setting = (CString, Option<CString>);

/// Mount data as settings. Group ids are the caller's, and we are somebody else.
fn options(data: &[u8], outside: impl Fn(u32) -> Option<u32>) -> nix::Result<Vec<Setting>> {
    let words = data.split(|byte| *byte == b',').filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (key, value) = match word.iter().position(|byte| *byte == b'=') {
                Some(at) => (&word[..at], Some(&word[at + 1..])),
                None => (word, None),
            };
            let value = match (key, value) {
                (b"gid", Some(value)) => {
                    let gid = std::str::from_utf8(value).ok().and_then(|gid| gid.parse().ok());
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
            [(text("hidepid"), Some(text("2"))), (text("gid"), Some(text("1004"))), (text("ro"), None)]
        );
        assert_eq!(options(b"gid=10", outside), Err(Errno::EINVAL));
    }
}
