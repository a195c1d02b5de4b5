//! The posture self-test: a jail's init tries whether what is promised holds, before anything of the submission's runs.
//!
//! The first jail of each process that makes jails is tested; one that does not stand the test is not graded in. It costs no
//! jail of its own, and some hundred microseconds.

use super::capability;
use super::ids::IdRange;
use super::mechanism::Mechanism;
use super::rlimits::{self, Rlimit};
use super::sys;
use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::sys::statvfs::{FsFlags, fstatvfs};
use std::fs;
use std::os::fd::{AsFd, AsRawFd, RawFd};

/// Whether a jail is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Posture {
    /// Not yet.
    Unknown,
    /// An earlier jail of this process was.
    Tested,
}

/// What init promises.
pub(super) struct Promise<'a> {
    /// The ids that are mapped.
    pub ids: IdRange,
    /// Directories, as the jail names them, that are the host's: read-only for good.
    pub locked: &'a [String],
    /// What each process may use.
    pub rlimits: &'a [Rlimit],
    /// Every descriptor that is open.
    pub descriptors: &'a [RawFd],
}

/// What of it does not hold, one sentence each. The caller is init, behind its filter.
pub(super) fn unmet(promise: &Promise) -> Vec<String> {
    let mut unmet = Vec::new();
    id_maps(promise.ids, &mut unmet);
    locked_mounts(promise.locked, &mut unmet);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    filter(&status, &mut unmet);
    capabilities(&status, &mut unmet);
    descriptors(promise.descriptors, &mut unmet);
    let limits = rlimits::not_in_force(promise.rlimits);
    unmet.extend(limits.map(|limit| format!("{} is not in force", limit.name)));
    unmet
}

/// One line, ours, which never has host user 0 in it where there is more than one id to choose.
fn id_maps(ids: IdRange, unmet: &mut Vec<String>) {
    if !Mechanism::UserNamespace.is_promised() || !Mechanism::UnprivilegedIds.is_promised() {
        return;
    }
    for map in ["uid_map", "gid_map"] {
        let text = fs::read_to_string(format!("/proc/self/{map}")).unwrap_or_default();
        let fields: Vec<u32> = text
            .split_whitespace()
            .map(|field| field.parse().unwrap_or(u32::MAX))
            .collect();
        if fields != [0, ids.base, ids.count] || (ids.has_many() && ids.base == 0) {
            let shown = text.split_whitespace().collect::<Vec<_>>().join(" ");
            unmet.push(format!(
                "the ids of the jail's users are not unprivileged ones ({map} is `{shown}`)"
            ));
        }
    }
}

fn locked_mounts(paths: &[String], unmet: &mut Vec<String>) {
    let promised = [
        Mechanism::UserNamespace,
        Mechanism::MountNamespace,
        Mechanism::ReadOnlyClones,
    ];
    if !promised.into_iter().all(Mechanism::is_promised) {
        return;
    }
    for path in paths {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let Ok(mount) = open(path.as_str(), flags, Mode::empty()) else {
            unmet.push(format!("{path} cannot be opened"));
            continue;
        };
        let read_only = fstatvfs(&mount).is_ok_and(|fs| fs.flags().contains(FsFlags::ST_RDONLY));
        if !read_only {
            unmet.push(format!("{path} is not read-only"));
        } else if sys::clear_mount_attributes(mount.as_fd(), libc::MOUNT_ATTR_RDONLY)
            != Err(Errno::EPERM)
        {
            unmet.push(format!("{path} can be made writable"));
        }
    }
}

fn filter(status: &str, unmet: &mut Vec<String>) {
    // 2 is SECCOMP_MODE_FILTER (proc_pid_status(5)).
    if field(status, "Seccomp:") != Some("2") {
        unmet.push("the seccomp filter is not active".to_owned());
    }
    if Mechanism::DeniedCalls.is_promised() && sys::call_a_denied_one() != Err(Errno::EPERM) {
        unmet.push("a system call that is denied is not refused".to_owned());
    }
}

fn capabilities(status: &str, unmet: &mut Vec<String>) {
    if !Mechanism::BoundedCapabilities.is_promised() {
        return;
    }
    let bounding = field(status, "CapBnd:").and_then(|set| u64::from_str_radix(set, 16).ok());
    let kept: Vec<_> = capability::kept(bounding.unwrap_or(u64::MAX)).collect();
    if !kept.is_empty() {
        unmet.push(format!(
            "the capability bounding set still has {}",
            kept.join(", ")
        ));
    }
}

fn descriptors(known: &[RawFd], unmet: &mut Vec<String>) {
    if !Mechanism::ClosedDescriptors.is_promised() {
        return;
    }
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let Ok(mut listing) = Dir::open("/proc/self/fd", flags, Mode::empty()) else {
        unmet.push("its descriptors cannot be listed".to_owned());
        return;
    };
    let own = listing.as_raw_fd();
    let open = listing.iter().flatten().filter_map(|entry| {
        let name = entry.file_name().to_str().ok()?;
        name.parse::<RawFd>().ok()
    });
    let more = open
        .filter(|number| *number != own && !known.contains(number))
        .count();
    if more > 0 {
        unmet.push(format!(
            "{more} descriptors of rdgrade's are open in the jail's init"
        ));
    }
}

/// The value of a line of `/proc/PID/status`.
fn field<'a>(status: &'a str, key: &str) -> Option<&'a str> {
    status
        .lines()
        .find_map(|line| line.strip_prefix(key).map(str::trim))
}
