//! The file systems that are in no image because the kernel serves them.

use anyhow::Context;
use nix::mount::{MsFlags, mount};
use std::os::unix::fs::symlink;
use std::path::Path;

/// Mounts proc, sysfs, a tmpfs for devices and devpts below the new root, on the directories the image has for them.
pub fn mount_special_file_systems(rootfs: &Path) -> anyhow::Result<()> {
    mount_at(rootfs, "proc", "proc", MsFlags::empty(), None)?;
    mount_at(rootfs, "sys", "sysfs", MsFlags::empty(), None)?;
    mount_at(
        rootfs,
        "dev",
        "tmpfs",
        MsFlags::MS_NOSUID | MsFlags::MS_STRICTATIME,
        Some("mode=755"),
    )?;
    let pts = rootfs.join("dev/pts");
    std::fs::create_dir(&pts).with_context(|| format!("failed to create {}", pts.display()))?;
    mount_at(rootfs, "dev/pts", "devpts", MsFlags::empty(), None)?;
    let links = [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ];
    for (name, target) in links {
        let link = rootfs.join("dev").join(name);
        symlink(target, &link).with_context(|| format!("failed to link {}", link.display()))?;
    }
    Ok(())
}

fn mount_at(
    rootfs: &Path,
    at: &str,
    kind: &str,
    flags: MsFlags,
    options: Option<&str>,
) -> anyhow::Result<()> {
    let target = rootfs.join(at);
    mount(Some(kind), &target, Some(kind), flags, options)
        .with_context(|| format!("failed to mount {kind} on {}", target.display()))
}
