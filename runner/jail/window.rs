//! proc and sysfs: file systems that show one namespace, mounted by host root where the kernel refuses them to a user namespace
//! lest they show what is masked elsewhere (mount_too_revealing in fs/namespace.c).

use super::child::descriptor_of_child;
use super::sys;
use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::sched::{CloneFlags, setns};
use serde::{Deserialize, Serialize};
use std::ffi::CStr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// A file system of the kernel's own that shows a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Its type, as the kernel calls it.
    pub fn kind(self) -> &'static CStr {
        match self {
            Window::Proc => c"proc",
            Window::Sysfs => c"sysfs",
        }
    }

    /// The namespace it shows, as `/proc/PID/ns` calls it.
    pub fn namespace(self) -> &'static str {
        match self {
            Window::Proc => "pid",
            Window::Sysfs => "net",
        }
    }

    /// Opens a context for it (fsopen(2)) that will show `namespace`, whoever mounts it, and makes something of it from within.
    ///
    /// # Errors
    /// What the kernel refuses, and what `make` returns.
    pub fn look_at(
        self,
        namespace: &OwnedFd,
        make: impl FnOnce(OwnedFd) -> nix::Result<OwnedFd>,
    ) -> nix::Result<OwnedFd> {
        let make = || sys::open_filesystem(self.kind()).and_then(make);
        match self {
            // setns(2) moves only the children to come into a pid namespace.
            Window::Proc => descriptor_of_child(|| {
                setns(namespace, CloneFlags::CLONE_NEWPID)?;
                descriptor_of_child(make)
            }),
            Window::Sysfs => descriptor_of_child(|| {
                setns(namespace, CloneFlags::CLONE_NEWNET)?;
                make()
            }),
        }
    }

    /// Mounts it for the jail's init, which may not: at its place below `root`. `namespaces` are init's pid, network and mount
    /// namespaces.
    pub(super) fn mount_for_init(self, namespaces: &[OwnedFd; 3], root: &Path) -> nix::Result<()> {
        let [pid, net, mnt] = namespaces;
        let (shown, place) = match self {
            Window::Proc => (pid, "proc"),
            Window::Sysfs => (net, "sys"),
        };
        let mount = self.look_at(shown, |context| {
            sys::set_option(context.as_fd(), c"source", Some(self.kind()))?;
            sys::create_filesystem(context.as_fd())?;
            sys::mount_filesystem(context.as_fd(), QUIET)
        })?;
        let place = super::tree::c_string(root.join(place).as_os_str().as_encoded_bytes())
            .map_err(|_| Errno::EINVAL)?;
        sys::beside(|| {
            setns(mnt, CloneFlags::CLONE_NEWNS)?;
            sys::attach(mount.as_fd(), AT_FDCWD, &place)
        })?
    }
}

const QUIET: u64 = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV | libc::MOUNT_ATTR_NOEXEC;
