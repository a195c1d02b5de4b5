//! Which user and group ids a jail owns, seen from outside.

use super::error::{JailError, While};
use super::mechanism::Mechanism;
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Pid, getegid, geteuid};
use std::fs;
use std::io;

/// How many ids a jail of the privileged kind has: what a distribution hands to a container by default.
const COUNT: u32 = 65_536;

/// First id of the area jails take theirs from. systemd's table of ids (UIDS-GIDS) leaves 0x70000000 and above to
/// nobody: not to users, not to containers of systemd or Docker, not to 32-bit overflow.
const AREA: u32 = 0x7000_0000;

/// How many ranges fit below the next used area.
const RANGES: u32 = 4_000;

/// The ids a jail's root and users are outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdRange {
    /// What uid and gid 0 of the jail are outside.
    pub base: u32,
    /// How many follow.
    pub count: u32,
}

/// With what power rdgrade itself runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// Host root: a whole range of ids, real device nodes.
    Root,
    /// An ordinary user: one id.
    User,
}

impl Power {
    /// As whom this process runs. Root of a user namespace (`unshare -r`, rootless containers) is an ordinary user: the ids
    /// jails need are not its to give.
    pub fn of_this_process() -> Self {
        let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
        if geteuid().is_root() && maps_every_id(&map) {
            Power::Root
        } else {
            Power::User
        }
    }
}

/// Whether a uid_map is that of the initial user namespace: each id is itself (user_namespaces(7)).
fn maps_every_id(map: &str) -> bool {
    map.split_whitespace().eq(["0", "0", "4294967295"])
}

impl IdRange {
    /// The range for jails made by the process `pid`: never host uid 0, and different for rdgrades side by side, so that
    /// per-user limits of the kernel are not shared between them.
    pub fn unprivileged(pid: Pid) -> Self {
        if !Mechanism::UnprivilegedIds.is_on() {
            return IdRange {
                base: 0,
                count: COUNT,
            };
        }
        IdRange {
            base: AREA + (pid.as_raw() as u32 % RANGES) * COUNT,
            count: COUNT,
        }
    }

    /// The one id there is for a jail inside a user namespace that maps nothing else.
    pub fn single() -> Self {
        IdRange { base: 0, count: 1 }
    }

    /// What an id of the jail is outside; `None` if it is not mapped.
    pub fn outside(self, id: u32) -> Option<u32> {
        (id < self.count).then(|| self.base + id)
    }

    /// Whether users other than root exist in the jail.
    pub fn has_many(self) -> bool {
        self.count > 1
    }

    /// Writes the maps of the process `pid`, which has just entered a new user namespace (user_namespaces(7)).
    pub fn map(self, pid: Pid) -> io::Result<()> {
        let line = format!("0 {} {}\n", self.base, self.count);
        if !self.has_many() {
            // Without CAP_SETGID outside, a gid can be mapped only after setgroups(2) has been given up.
            ignore_missing(fs::write(format!("/proc/{pid}/setgroups"), "deny"))?;
        }
        fs::write(format!("/proc/{pid}/uid_map"), &line)?;
        fs::write(format!("/proc/{pid}/gid_map"), &line)
    }
}

/// Becomes root of a new user namespace that maps nobody else, with further new namespaces that belong to it.
///
/// # Errors
/// Distributions and administrators forbid it in several ways; the error says which.
pub fn become_root_of(namespaces: CloneFlags) -> Result<(), JailError> {
    let (uid, gid) = own();
    unshare(CloneFlags::CLONE_NEWUSER | namespaces)
        .map_err(|errno| JailError::user_namespace("make a user namespace", errno))?;
    // Gaining capabilities made this process undumpable, and its own /proc files root's.
    nix::sys::prctl::set_dumpable(true).while_trying(|| "stay dumpable")?;
    map_self(uid, gid).while_trying(|| "map the ids of this user")
}

/// Maps the caller's own ids to root in the user namespace it has just unshared.
///
/// `uid` and `gid` are those it had before: afterwards they read as the overflow ids.
fn map_self(uid: nix::unistd::Uid, gid: nix::unistd::Gid) -> io::Result<()> {
    ignore_missing(fs::write("/proc/self/setgroups", "deny"))?;
    fs::write("/proc/self/uid_map", format!("0 {uid} 1\n"))?;
    fs::write("/proc/self/gid_map", format!("0 {gid} 1\n"))
}

/// The ids of this process.
fn own() -> (nix::unistd::Uid, nix::unistd::Gid) {
    (geteuid(), getegid())
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // Inherited "deny" of an outer namespace cannot be written again.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_of_a_user_namespace_is_no_host_root() {
        assert!(maps_every_id("         0          0 4294967295\n"));
        for map in [
            "         0       1000          1\n",
            "0 1000 1\n1 100000 65536\n",
            "0 231072 65536\n",
            "",
        ] {
            assert!(!maps_every_id(map), "{map}");
        }
    }

    #[test]
    fn no_range_reaches_an_id_somebody_else_uses() {
        for pid in [1, 3_999, 4_000, 4_194_304] {
            let range = IdRange::unprivileged(Pid::from_raw(pid));
            assert!(range.base >= AREA, "{range:?}");
            // systemd keeps 0x7FFE0000 and above for foreign ids.
            assert!(
                u64::from(range.base) + u64::from(range.count) <= 0x7FFE_0000,
                "{range:?}"
            );
        }
    }
}
