//! The device nodes that every program expects.

use anyhow::Context;
use nix::sys::stat::{Mode, SFlag, makedev, mknod, umask};
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
    // Whoever the command runs as is to write to /dev/null: the umask must not take that away.
    let before = umask(Mode::empty());
    let made = NODES.iter().try_for_each(|(name, major, minor)| {
        make(&rootfs.join("dev").join(name), makedev(*major, *minor))
    });
    umask(before);
    made
}

fn make(node: &Path, device: u64) -> anyhow::Result<()> {
    mknod(
        node,
        SFlag::S_IFCHR,
        Mode::from_bits_truncate(0o666),
        device,
    )
    .with_context(|| format!("failed to make the device node {}", node.display()))
}
