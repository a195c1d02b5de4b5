//! The jail's /dev: a tmpfs with the device nodes every program expects.

use super::error::{JailError, While};
use super::ids::{IdRange, Power};
use super::sys;
use super::tree::{Site, c_string, tmpfs};
use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::Mode;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// Name, major and minor number (kernel doc `admin-guide/devices.txt`): harmless devices, the ones a container has.
pub const NODES: [(&str, u64, u64); 6] = [
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
    ("tty", 5, 0),
];

/// Links that every /dev has, to the streams of whoever reads them.
const LINKS: [(&str, &str); 5] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
];

/// Clones the host's own nodes where we may not make any: without root, a bind is all there is.
pub(super) fn clone_host_nodes(power: Power) -> Result<Vec<(&'static str, OwnedFd)>, JailError> {
    if power == Power::Root {
        return Ok(Vec::new());
    }
    NODES
        .into_iter()
        .map(|(name, _, _)| {
            let clone = sys::open_tree(AT_FDCWD, &c_string(format!("/dev/{name}"))?, sys::CLONE)
                .while_trying(|| format!("clone the host's /dev/{name}"))?;
            Ok((name, clone))
        })
        .collect()
}

/// Where, below the staging directory, the clones are.
pub(super) const STAGED: &str = "device";

/// Keeps the clones below the staging directory.
pub(super) fn stage(site: &Site, clones: &[(&str, OwnedFd)]) -> Result<(), JailError> {
    for (name, clone) in clones {
        let path = format!("{STAGED}/{name}");
        site.empty_file(&path)?;
        site.attach(clone, &path)?;
    }
    Ok(())
}

/// Makes the nodes of a /dev, or where they cannot be made, files for [`bind_nodes`].
pub(super) fn make_nodes(site: &Site, dev: &str, power: Power) -> Result<(), JailError> {
    for (name, major, minor) in NODES {
        let path = format!("{dev}/{name}");
        match power {
            Power::Root => site
                .device(&path, major, minor)
                .while_trying(|| format!("make /dev/{name}"))?,
            Power::User => site.empty_file(&path)?,
        }
    }
    Ok(())
}

/// Binds the staged clones over the empty files of an attached /dev. Nothing to do for root.
pub(super) fn bind_nodes(staging: &Site, dev: &Site, power: Power) -> Result<(), JailError> {
    if power == Power::Root {
        return Ok(());
    }
    for (name, _, _) in NODES {
        let staged = c_string(format!("{STAGED}/{name}"))?;
        let clone = sys::open_tree(staging.at, &staged, sys::CLONE)
            .while_trying(|| format!("clone /dev/{name}"))?;
        dev.attach(&clone, name)?;
    }
    Ok(())
}

/// A new, detached /dev outside the staging directory.
pub(super) fn detached(ids: IdRange, power: Power) -> nix::Result<OwnedFd> {
    use nix::errno::Errno;
    let dev = bare(ids).map_err(|_| Errno::EIO)?;
    let site = Site::new(dev.as_fd(), ids);
    for (name, major, minor) in NODES {
        if power == Power::Root {
            site.device(name, major, minor)?;
        }
    }
    Ok(dev)
}

fn bare(ids: IdRange) -> Result<OwnedFd, JailError> {
    let dev = tmpfs(ids, 1 << 20, 1 << 10, c"0755")?;
    Site::new(dev.as_fd(), ids).as_owner(|site| furnish(site, "."))?;
    Ok(dev)
}

/// Makes what a /dev has besides its nodes.
pub(super) fn furnish(site: &Site, dev: &str) -> Result<(), JailError> {
    site.directory(&format!("{dev}/pts"), 0o755)?;
    site.directory(&format!("{dev}/shm"), 0o1777)?;
    for (name, target) in LINKS {
        site.link(&format!("{dev}/{name}"), Path::new(target))?;
    }
    Ok(())
}

/// Makes a node as a jail's /dev has them, and opens it.
///
/// # Errors
/// Those of mounting a tmpfs, of mknod(2), and of opening the node: a device group of this process may forbid it.
pub fn try_device_node() -> nix::Result<()> {
    let dev = sys::make_mount(c"tmpfs", &[(c"size", Some(c"4k"))], 0)?;
    let site = Site::new(dev.as_fd(), IdRange::single());
    let (name, major, minor) = NODES[0];
    site.device(name, major, minor)?;
    openat(
        site.at,
        name,
        OFlag::O_RDWR | OFlag::O_CLOEXEC,
        Mode::empty(),
    )
    .map(drop)
}
