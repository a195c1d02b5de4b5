//! The cgroup hierarchies a host has mounted (cgroups(7)).

use crate::play::observe::mounts::unescape;
use std::path::{Path, PathBuf};

/// Which interface a hierarchy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `tasks`, `cpu.shares`, `memory.limit_in_bytes`: one hierarchy for each controller, or for a few together.
    One,
    /// `cgroup.procs`, `cpu.weight`, `memory.max`: one tree for all.
    Two,
}

/// Whether groups can be made there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Mounted for writing.
    ReadWrite,
    /// Mounted read-only: so do container engines.
    ReadOnly,
}

/// A mounted hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hierarchy {
    /// Its interface.
    pub version: Version,
    /// Its controllers. On version 1 all that share the hierarchy; they can only be mounted together.
    pub controllers: Vec<String>,
    /// Where it is mounted.
    pub mount_point: PathBuf,
    /// The group that is at the mount point, as `/proc/PID/cgroup` names it: `/` unless somebody handed down a part.
    pub top: String,
    /// Whether groups can be made there.
    pub access: Access,
}

/// Options in the last field of a version 1 line that are no controllers (`cgroup1_show_options` in the kernel).
const NO_CONTROLLER: [&str; 9] = [
    "rw",
    "ro",
    "none",
    "noprefix",
    "xattr",
    "cpuset_v2_mode",
    "favordynmods",
    "nofavordynmods",
    "clone_children",
];

/// Reads `/proc/PID/mountinfo` (proc_pid_mountinfo(5)). `controllers_of` tells those of a version 2 tree by its mount point;
/// the mount table does not.
pub fn parse(mountinfo: &str, controllers_of: impl Fn(&Path) -> Vec<String>) -> Vec<Hierarchy> {
    let mut found: Vec<Hierarchy> = Vec::new();
    // Not `lines()`: a name may end in a carriage return.
    for hierarchy in mountinfo
        .split_terminator('\n')
        .filter_map(|line| parse_line(line, &controllers_of))
    {
        let same = |known: &Hierarchy| {
            known.version == hierarchy.version && known.controllers == hierarchy.controllers
        };
        match found.iter_mut().find(|known| same(known)) {
            // Mounted twice: the one that can be written to serves.
            Some(known) if known.access == Access::ReadOnly => *known = hierarchy,
            Some(_) => {}
            None => found.push(hierarchy),
        }
    }
    found
}

fn parse_line(line: &str, controllers_of: &impl Fn(&Path) -> Vec<String>) -> Option<Hierarchy> {
    let (mount, file_system) = line.split_once(" - ")?;
    let mut mount = mount.split(' ').skip(3);
    let top = unescape(mount.next()?);
    let mount_point = PathBuf::from(unescape(mount.next()?));
    let mount_options = mount.next()?;
    let mut file_system = file_system.split(' ');
    let version = match file_system.next()? {
        "cgroup" => Version::One,
        "cgroup2" => Version::Two,
        _ => return None,
    };
    let options = file_system.nth(1).unwrap_or_default();
    // A mount of somebody else's cgroup namespace: its top has no path that we could compare with.
    if top.starts_with("/..") {
        return None;
    }
    let controllers = match version {
        Version::One => options
            .split(',')
            .filter(|option| !option.contains('=') && !NO_CONTROLLER.contains(option))
            .map(str::to_owned)
            .collect(),
        Version::Two => controllers_of(&mount_point),
    };
    let read_only = [mount_options, options]
        .iter()
        .any(|options| options.split(',').any(|option| option == "ro"));
    let access = if read_only {
        Access::ReadOnly
    } else {
        Access::ReadWrite
    };
    Some(Hierarchy {
        version,
        controllers,
        mount_point,
        top,
        access,
    })
}

impl Hierarchy {
    /// Whether it has a controller.
    pub fn has(&self, controller: &str) -> bool {
        self.controllers.iter().any(|known| known == controller)
    }

    /// The path that `/proc/PID/cgroup` shows for the group at `below`, seen from the mount point.
    pub fn path_of(&self, below: &str) -> String {
        format!("{}/{below}", self.top.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const HYBRID: &str = "\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 /docker/ab /sys/fs/cgroup/memory ro,relatime master:9 - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,release_agent=/lib/agent,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
";

    fn none(_: &Path) -> Vec<String> {
        Vec::new()
    }

    #[test]
    fn controllers_that_share_a_hierarchy_stay_together() {
        let found = parse(HYBRID, none);
        assert_eq!(found.len(), 4);
        assert_eq!(found[0].controllers, ["cpu", "cpuacct"]);
        assert_eq!(
            (found[1].access, found[1].top.as_str()),
            (Access::ReadOnly, "/docker/ab")
        );
        assert_eq!(found[1].path_of("rdgrade/1-2"), "/docker/ab/rdgrade/1-2");
        assert!(
            found[2].controllers.is_empty(),
            "a hierarchy for names has no controller: {found:?}"
        );
        assert_eq!(found[3].version, Version::Two);
    }

    #[test]
    fn of_two_mounts_the_writable_one_is_taken() {
        let again = "50 31 0:32 / /mnt/memory rw - cgroup cgroup rw,memory\n";
        let found = parse(&format!("{HYBRID}{again}"), none);
        let memory = found
            .iter()
            .find(|hierarchy| hierarchy.has("memory"))
            .unwrap();
        assert_eq!(
            (memory.access, memory.mount_point.as_path()),
            (Access::ReadWrite, Path::new("/mnt/memory"))
        );
    }

    #[rstest]
    #[case::cut("32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - ")]
    #[case::short(" - cgroup")]
    #[case::other("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw")]
    #[case::foreign_namespace("32 31 0:29 /../.. /c rw - cgroup cgroup rw,cpu")]
    fn what_is_no_hierarchy_of_ours_is_passed_over(#[case] line: &str) {
        assert_eq!(parse(line, none), []);
    }
}
