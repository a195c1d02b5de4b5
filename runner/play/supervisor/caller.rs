//! Who makes a held call: where it stands, and what it may do.

use crate::jail::Jail;
use crate::jail::sys::{Notification, notification_is_valid};
use crate::play::procfs::{self, Status};
use crate::play::scene::Scene;
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::{Mode, fstat};
use nix::unistd::{chroot, fchdir};
use std::os::fd::{AsFd, OwnedFd};

/// CAP_SYS_ADMIN (capabilities(7)): to mount.
pub const SYS_ADMIN: u32 = 21;
/// CAP_MKNOD: to make device nodes.
pub const MKNOD: u32 = 27;

/// A caller that is held, as far as its call needs it. Descriptors, so that nothing it does changes what we see.
pub struct Caller {
    /// Its root directory.
    root: OwnedFd,
    /// Its working directory, or the directory descriptor that the call names.
    base: OwnedFd,
    /// Its mount namespace.
    pub namespace: OwnedFd,
    /// Its ids and umask.
    pub status: Status,
}

impl Caller {
    /// Opens all of it. `directory` is a directory descriptor of the call, or AT_FDCWD.
    ///
    /// # Errors
    /// EPERM where the kernel would refuse this to the same process on a real machine: it lacks the capability, or is in a
    /// user namespace of its own. ESRCH when it is gone.
    pub fn of(
        jail: &Jail,
        call: &Notification,
        directory: i32,
        capability: u32,
    ) -> nix::Result<Caller> {
        // A thread's own entry: another thread of its process may stand elsewhere.
        let entry = format!("/proc/{}", call.thread);
        let part = |name: &str, flags| {
            open(
                format!("{entry}/{name}").as_str(),
                flags | OFlag::O_CLOEXEC,
                Mode::empty(),
            )
        };
        let root = part("root", OFlag::O_PATH)?;
        let base = match directory {
            libc::AT_FDCWD => part("cwd", OFlag::O_PATH)?,
            fd if fd >= 0 => part(&format!("fd/{fd}"), OFlag::O_PATH).map_err(|_| Errno::EBADF)?,
            _ => return Err(Errno::EBADF),
        };
        let namespace = part("ns/mnt", OFlag::O_RDONLY)?;
        let user = part("ns/user", OFlag::O_RDONLY)?;
        let status = procfs::status(call.thread).map_err(|_| Errno::ESRCH)?;
        // Still held: everything above is the caller's, not that of a process which got its id.
        if !notification_is_valid(jail.listener.as_fd(), call.id) {
            return Err(Errno::ESRCH);
        }
        let ours = fstat(&user)?.st_ino == fstat(&jail.namespaces.user)?.st_ino;
        if !ours || status.capabilities & (1 << capability) == 0 {
            return Err(Errno::EPERM);
        }
        Ok(Caller {
            root,
            base,
            namespace,
            status,
        })
    }

    /// Opens another namespace of the caller's, by its name in `/proc/PID/ns`.
    ///
    /// # Errors
    /// ESRCH when it is gone.
    pub fn open_namespace(
        &self,
        scene: &Scene,
        call: &Notification,
        name: &str,
    ) -> nix::Result<OwnedFd> {
        let path = format!("/proc/{}/ns/{name}", call.thread);
        let namespace = open(
            path.as_str(),
            OFlag::O_RDONLY | OFlag::O_CLOEXEC,
            Mode::empty(),
        )?;
        if !notification_is_valid(scene.jail.listener.as_fd(), call.id) {
            return Err(Errno::ESRCH);
        }
        Ok(namespace)
    }

    /// Stands where the caller stands. Only for a forked child: there is no way back.
    pub fn stand_there(&self) -> nix::Result<()> {
        fchdir(&self.root)?;
        chroot(".")?;
        fchdir(&self.base)
    }
}
