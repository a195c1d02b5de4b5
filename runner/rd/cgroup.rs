//! A control group of the container's own, `rubber_docker/UUID` (cgroups(7)).

use anyhow::{Context, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Which of the two designs a hierarchy is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// A tree for each controller.
    One,
    /// One tree for all controllers.
    Two,
}

/// A group.
pub struct Group {
    /// Which design it is of, hence what its files are called.
    pub version: Version,
    path: PathBuf,
}

impl Group {
    /// Makes the group `rubber_docker/ID` in the hierarchy of `controller`. It may be there already, made for another
    /// controller of the same hierarchy. `None` where the machine has no such hierarchy mounted.
    pub fn make(controller: &str, id: &str) -> anyhow::Result<Option<Self>> {
        let table = fs::read_to_string("/proc/self/mountinfo")
            .context("failed to read /proc/self/mountinfo")?;
        let Some((version, top)) = hierarchy(&table, controller) else {
            return Ok(None);
        };
        let parent = top.join("rubber_docker");
        let path = parent.join(id);
        fs::create_dir_all(&path)
            .with_context(|| format!("failed to create {}", path.display()))?;
        if version == Version::Two {
            hand_down(&top, controller)?;
            hand_down(&parent, controller)?;
        }
        Ok(Some(Self { version, path }))
    }

    /// Moves this process into the group, and with it all its children to come. 0 means the writer, in whatever pid namespace
    /// it is.
    pub fn enter(&self) -> anyhow::Result<()> {
        self.write("cgroup.procs", "0")
    }

    /// Writes one of the group's files.
    pub fn write(&self, file: &str, value: &str) -> anyhow::Result<()> {
        write(&self.path.join(file), value)
    }
}

/// On version 2 a group has a controller only if its parent hands it down.
fn hand_down(group: &Path, controller: &str) -> anyhow::Result<()> {
    let file = group.join("cgroup.subtree_control");
    let handed =
        fs::read_to_string(&file).with_context(|| format!("failed to read {}", file.display()))?;
    if handed.split_whitespace().any(|word| word == controller) {
        return Ok(());
    }
    write(&file, &format!("+{controller}"))
}

fn write(file: &Path, value: &str) -> anyhow::Result<()> {
    fs::write(file, value).with_context(|| format!("failed to write {value} to {}", file.display()))
}

/// Where the hierarchy of `controller` is mounted, after the text of /proc/self/mountinfo (proc_pid_mountinfo(5)). A controller
/// that has a tree of its own is missing in the common one.
fn hierarchy(table: &str, controller: &str) -> Option<(Version, PathBuf)> {
    let mounts = || table.lines().filter_map(|line| Mount::parse(line).ok());
    let own = mounts().find(|mount| {
        mount.kind == "cgroup" && mount.options.split(',').any(|option| option == controller)
    });
    if let Some(mount) = own {
        return Some((Version::One, mount.target.into()));
    }
    let common = mounts().find(|mount| {
        let offered = fs::read_to_string(Path::new(mount.target).join("cgroup.controllers"))
            .unwrap_or_default();
        mount.kind == "cgroup2" && offered.split_whitespace().any(|word| word == controller)
    })?;
    Some((Version::Two, common.target.into()))
}

/// A line of the mount table, as far as it is needed here.
struct Mount<'a> {
    target: &'a str,
    kind: &'a str,
    /// Those of the file system, which name a hierarchy's controllers.
    options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> anyhow::Result<Self> {
        let Some((mount, file_system)) = line.split_once(" - ") else {
            bail!("no separator")
        };
        let target = mount.split(' ').nth(4).context("no mount point")?;
        let mut words = file_system.split(' ');
        let kind = words.next().context("no type")?;
        Ok(Self {
            target,
            kind,
            options: words.nth(1).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_controller_of_version_1_is_found_wherever_its_tree_is_mounted() {
        let table = "30 23 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n\
                     31 30 0:27 / /sys/fs/cgroup/cpuset rw shared:9 - cgroup cgroup rw,cpuset\n\
                     32 30 0:28 / /groups/both rw shared:10 - cgroup cgroup rw,cpu,cpuacct\n";
        assert_eq!(
            hierarchy(table, "cpu"),
            Some((Version::One, "/groups/both".into()))
        );
        assert_eq!(
            hierarchy(table, "memory"),
            None,
            "cpu and cpuset are there, memory is not"
        );
    }

    #[test]
    fn on_version_2_the_tree_says_what_it_offers() {
        let tree = tempfile::tempdir().unwrap();
        fs::write(
            tree.path().join("cgroup.controllers"),
            "cpuset memory pids\n",
        )
        .unwrap();
        let table = format!(
            "30 23 0:26 / {} rw - cgroup2 cgroup2 rw\n",
            tree.path().display()
        );
        assert_eq!(
            hierarchy(&table, "memory"),
            Some((Version::Two, tree.path().into()))
        );
        assert_eq!(
            hierarchy(&table, "cpu"),
            None,
            "cpuset is another controller"
        );
    }

    #[test]
    fn handing_down_twice_writes_once() {
        let group = tempfile::tempdir().unwrap();
        let file = group.path().join("cgroup.subtree_control");
        fs::write(&file, "pids\n").unwrap();
        hand_down(group.path(), "cpu").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "+cpu");
        fs::write(&file, "cpu pids\n").unwrap();
        hand_down(group.path(), "cpu").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "cpu pids\n");
    }
}
