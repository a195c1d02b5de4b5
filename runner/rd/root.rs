//! Changing the root: chroot(2) as in level 01, pivot_root(2) from level 03 on.

use anyhow::Context;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{chdir, chroot, pivot_root};
use std::fs;
use std::path::Path;

/// chroot(2) moves the root and nothing else: without the chdir(2) the working directory would still be outside.
pub fn change_root(rootfs: &Path) -> anyhow::Result<()> {
    chroot(rootfs).with_context(|| format!("failed to change root to {}", rootfs.display()))?;
    chdir("/").context("failed to change directory to the new root")
}

/// Puts a tmpfs at the new root: pivot_root(2) takes none that is not a mount point.
pub fn mount_tmpfs(rootfs: &Path) -> anyhow::Result<()> {
    mount(
        Some("tmpfs"),
        rootfs,
        Some("tmpfs"),
        MsFlags::empty(),
        Some("mode=755"),
    )
    .with_context(|| format!("failed to mount tmpfs on {}", rootfs.display()))
}

/// Makes the mount at `rootfs` the root of this mount namespace, and lets go of the old one. After chroot(2) the old root
/// would still be there, above, for a root user to climb back to; now no path leads to it.
pub fn pivot(rootfs: &Path) -> anyhow::Result<()> {
    let old = rootfs.join("old_root");
    fs::create_dir_all(&old).with_context(|| format!("failed to create {}", old.display()))?;
    pivot_root(rootfs, &old).with_context(|| format!("failed to pivot to {}", rootfs.display()))?;
    chdir("/").context("failed to change directory to the new root")?;
    // Processes outside stand on it, so it is busy: MNT_DETACH lets go of it here all the same.
    umount2("/old_root", MntFlags::MNT_DETACH).context("failed to detach the old root")?;
    fs::remove_dir("/old_root").context("failed to remove /old_root")
}
