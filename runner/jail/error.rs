//! Why a jail could not be built, and what to do about it.

use nix::errno::Errno;
use std::fs;

/// A jail, or the ground it stands on, could not be built: rdgrade cannot grade on this host.
#[derive(Debug, thiserror::Error)]
#[error("failed to {doing}: {cause}")]
pub struct JailError {
    /// What was tried, as it fits after "failed to".
    pub doing: String,
    /// Why it did not work.
    pub cause: String,
    /// What to do.
    pub remedy: String,
}

impl JailError {
    /// An error of the system call that was to do `doing`.
    pub fn new(doing: impl Into<String>, errno: Errno) -> Self {
        let (cause, remedy) = explain(errno);
        JailError {
            doing: doing.into(),
            cause,
            remedy,
        }
    }

    /// An error while entering a user namespace, which distributions and administrators forbid in several ways.
    pub fn user_namespace(doing: impl Into<String>, errno: Errno) -> Self {
        let doing = doing.into();
        for (file, forbids, remedy) in SWITCHES {
            let value = fs::read_to_string(file).unwrap_or_default();
            if value.trim() == *forbids {
                let name = file.trim_start_matches("/proc/sys/").replace('/', ".");
                return JailError {
                    doing,
                    cause: format!("{} ({name} is {forbids})", errno.desc()),
                    remedy: format!("run as root: {remedy}"),
                };
            }
        }
        JailError::new(doing, errno)
    }
}

/// Settings that forbid user namespaces: the file, the value that forbids, the remedy.
/// Sources: user_namespaces(7); Debian's and Ubuntu's kernel documentation for the last two.
const SWITCHES: &[(&str, &str, &str)] = &[
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "sysctl user.max_user_namespaces=10000",
    ),
    (
        "/proc/sys/user/max_mnt_namespaces",
        "0",
        "sysctl user.max_mnt_namespaces=10000",
    ),
    (
        "/proc/sys/user/max_pid_namespaces",
        "0",
        "sysctl user.max_pid_namespaces=10000",
    ),
    (
        "/proc/sys/user/max_net_namespaces",
        "0",
        "sysctl user.max_net_namespaces=10000",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "sysctl kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    ),
];

fn explain(errno: Errno) -> (String, String) {
    let remedy = match errno {
        Errno::EPERM | Errno::EACCES => {
            "run rdgrade as root, or on a host (not in a container) that allows user namespaces; `rdgrade doctor` tells what is missing"
        }
        Errno::EMFILE | Errno::ENFILE => {
            "raise the limit on open files (ulimit -n 1024, fs.file-max)"
        }
        Errno::ENOSPC => {
            "raise the limits under /proc/sys/user, or end what holds so many namespaces"
        }
        Errno::ENOSYS | Errno::EINVAL => "rdgrade needs Linux 5.12 or newer",
        Errno::EAGAIN | Errno::ENOMEM => {
            "end some processes, or raise the limit on them (ulimit -u, pids.max)"
        }
        _ => {
            "see the manual page of the system call; this is rdgrade's failure, not the submission's"
        }
    };
    (format!("{} ({errno:?})", errno.desc()), remedy.to_owned())
}

/// Adds what was tried to a failed system call.
pub trait While<T> {
    /// Turns an errno into a [`JailError`]; `doing` fits after "failed to".
    fn while_trying<S: Into<String>>(self, doing: impl FnOnce() -> S) -> Result<T, JailError>;
}

impl<T> While<T> for nix::Result<T> {
    fn while_trying<S: Into<String>>(self, doing: impl FnOnce() -> S) -> Result<T, JailError> {
        self.map_err(|errno| JailError::new(doing(), errno))
    }
}

impl<T> While<T> for std::io::Result<T> {
    fn while_trying<S: Into<String>>(self, doing: impl FnOnce() -> S) -> Result<T, JailError> {
        self.map_err(|error| match error.raw_os_error() {
            Some(code) => JailError::new(doing(), Errno::from_raw(code)),
            None => JailError {
                doing: doing().into(),
                cause: error.to_string(),
                remedy: "this is rdgrade's failure, not the submission's".to_owned(),
            },
        })
    }
}
