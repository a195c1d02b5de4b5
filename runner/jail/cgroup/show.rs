//! How the groups look from inside: what init mounts below /sys/fs/cgroup.

use super::hierarchy::Version;
use super::run::{Run, handing_down};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::mount::{MsFlags, mount};
use nix::sys::stat::Mode;
use nix::unistd::{mkdir, symlinkat, write};

/// Where everybody looks for groups.
const TOP: &str = "sys/fs/cgroup";

/// The group below the jail's own in which its processes begin on version 2, named as systemd names that of process 1. A group
/// that hands controllers down may hold no processes itself (kernel doc `admin-guide/cgroup-v2`, "No Internal Process
/// Constraint").
const LEAF: &str = "init.scope";

/// One hierarchy as the jail sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::jail) struct Shown {
    version: Version,
    controllers: Vec<String>,
    hand_down: Option<String>,
}

impl Run {
    /// What a jail shows.
    pub(in crate::jail) fn shown(&self) -> Vec<Shown> {
        let shown = self.places.iter().map(|place| Shown {
            version: place.tree.hierarchy.version,
            controllers: place.tree.hierarchy.controllers.clone(),
            hand_down: handing_down(&place.tree.hand_down),
        });
        shown.collect()
    }
}

/// Mounts the hierarchies. The caller is in its cgroup namespace; the working directory is the jail's root to be.
pub(in crate::jail) fn mount_all(shown: &[Shown]) -> nix::Result<()> {
    match shown {
        [] => Ok(()),
        // A host of version 2 alone has its tree at the very place.
        [
            only @ Shown {
                version: Version::Two,
                ..
            },
        ] => mount_tree(only, TOP),
        many => {
            let quiet = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
            mount(
                Some("tmpfs"),
                TOP,
                Some("tmpfs"),
                quiet,
                Some("size=64k,nr_inodes=64,mode=755"),
            )?;
            many.iter().try_for_each(mount_below)
        }
    }
}

fn mount_below(shown: &Shown) -> nix::Result<()> {
    // systemd's layout: a directory for each hierarchy, and a link for each controller of a shared one.
    let name = match shown.version {
        Version::One => shown.controllers.join(","),
        Version::Two => "unified".to_owned(),
    };
    let path = format!("{TOP}/{name}");
    mkdir(path.as_str(), Mode::from_bits_truncate(0o755))?;
    mount_tree(shown, &path)?;
    if shown.version == Version::One && shown.controllers.len() > 1 {
        for controller in &shown.controllers {
            symlinkat(
                name.as_str(),
                nix::fcntl::AT_FDCWD,
                format!("{TOP}/{controller}").as_str(),
            )?;
        }
    }
    Ok(())
}

fn mount_tree(shown: &Shown, path: &str) -> nix::Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let none: Option<&str> = None;
    match shown.version {
        // In a cgroup namespace the kernel mounts only a hierarchy that exists: with exactly these controllers.
        Version::One => mount(
            Some("cgroup"),
            path,
            Some("cgroup"),
            flags,
            Some(shown.controllers.join(",").as_str()),
        ),
        Version::Two => {
            mount(Some("cgroup2"), path, Some("cgroup2"), flags, none)?;
            match &shown.hand_down {
                Some(controllers) => make_room(path, controllers),
                None => Ok(()),
            }
        }
    }
}

/// Moves init out of the jail's own group, so that controllers can be handed down to what a submission makes there.
fn make_room(tree: &str, controllers: &str) -> nix::Result<()> {
    mkdir(
        format!("{tree}/{LEAF}").as_str(),
        Mode::from_bits_truncate(0o755),
    )?;
    // 0 is whoever writes.
    put(&format!("{tree}/{LEAF}/cgroup.procs"), "0")?;
    put(&format!("{tree}/cgroup.subtree_control"), controllers)
}

fn put(path: &str, text: &str) -> nix::Result<()> {
    let file = open(path, OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty())?;
    match write(&file, text.as_bytes())? {
        length if length == text.len() => Ok(()),
        _ => Err(Errno::EIO),
    }
}
