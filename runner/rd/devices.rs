//! The device nodes that every program expects.

use anyhow::Context;
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use std::path::Path;

/// Name, major and minor number (kernel doc `admin-guide/devices.txt`).
const NODES: [(&str, u64, u64); 7] = [
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
    ("tty", 5, 0),
    ("console", 136, 1),
];

/// Makes them in the new root's /dev. Without /dev/null the first redirect to it would make a regular file of that name.
pub fn make_device_nodes(rootfs: &Path) -> anyhow::Result<()> {
    for (name, major, minor) in NODES {
        let node = rootfs.join("dev").join(name);
        // The umask takes its part of the mode, as always.
        mknod(
            &node,
            SFlag::S_IFCHR,
            Mode::from_bits_truncate(0o666),
            makedev(major, minor),
        )
        .with_context(|| format!("failed to make the device node {}", node.display()))?;
    }
    Ok(())
}
