//! Level 01: the command sees a root of its own.

use super::fork_exec::{exec, fork, report, wait};
use super::options::Run;
use super::special::mount_special_file_systems;
use super::unpack::unpack;
use anyhow::Context;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The steps.
pub fn run(options: &Run) -> anyhow::Result<()> {
    let rootfs = new_root(options)?;
    let child = fork(|| {
        mount_special_file_systems(&rootfs)?;
        change_root(&rootfs)?;
        exec(&options.command)
    })?;
    let status = wait(child)?;
    report(child, status)
}

/// CONTAINERS/UUID/rootfs with the image in it: a fresh one for every container, so that none finds what another
/// left.
fn new_root(options: &Run) -> anyhow::Result<PathBuf> {
    let rootfs = options.container_dir.join(container_id()?).join("rootfs");
    std::fs::create_dir_all(&rootfs)
        .with_context(|| format!("failed to create {}", rootfs.display()))?;
    let image = options
        .image_dir
        .join(format!("{}.tar", options.image_name));
    unpack(&image, &rootfs)?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "Created a new root fs for our container: {}",
        rootfs.display()
    )?;
    out.flush()?;
    Ok(rootfs)
}

/// A UUID4; the kernel makes them (random(4)).
fn container_id() -> anyhow::Result<String> {
    let source = "/proc/sys/kernel/random/uuid";
    let id = std::fs::read_to_string(source).with_context(|| format!("failed to read {source}"))?;
    Ok(id.trim_end().to_owned())
}

/// chroot(2) moves the root and nothing else: without the chdir(2) the working directory would still be outside.
fn change_root(rootfs: &Path) -> anyhow::Result<()> {
    nix::unistd::chroot(rootfs)
        .with_context(|| format!("failed to change root to {}", rootfs.display()))?;
    nix::unistd::chdir("/").context("failed to change directory to the new root")
}
