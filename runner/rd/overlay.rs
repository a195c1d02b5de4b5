//! An image is unpacked once; each container writes to a layer of its own above it (kernel doc `filesystems/overlayfs`).

use super::container::Container;
use super::options::Run;
use super::unpack::unpack;
use anyhow::Context;
use nix::mount::{MsFlags, mount};
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// IMAGES/NAME/rootfs, unpacked by whoever needs it first. `container` names what is not finished yet: another container may be
/// unpacking the same image, and a half unpacked one must never be taken for whole.
pub fn unpack_once(options: &Run, container: &Container) -> anyhow::Result<PathBuf> {
    let directory = options.image_dir.join(&options.image_name);
    let rootfs = directory.join("rootfs");
    if rootfs.is_dir() {
        return Ok(rootfs);
    }
    let unfinished = directory.join(format!("unfinished-{}", container.id));
    fs::create_dir_all(&unfinished)
        .with_context(|| format!("failed to create {}", unfinished.display()))?;
    let unpacked = unpack(&options.image(), &unfinished).and_then(|()| {
        match fs::rename(&unfinished, &rootfs) {
            Ok(()) => Ok(true),
            // Another container was first: its copy is as good as ours.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists
                ) =>
            {
                Ok(false)
            }
            Err(error) => {
                Err(error).with_context(|| format!("failed to rename {}", unfinished.display()))
            }
        }
    });
    if !matches!(unpacked, Ok(true)) {
        let _ = fs::remove_dir_all(&unfinished);
    }
    unpacked.map(|_| rootfs)
}

/// Mounts an overlay at `rootfs`: `image` is its lower layer, which it never changes; `cow_rw` takes what the container writes.
pub fn mount_overlay(container: &Container, image: &Path, rootfs: &Path) -> anyhow::Result<()> {
    let upper = container.make_directory("cow_rw")?;
    let work = container.make_directory("cow_workdir")?;
    let mut options = OsString::from("lowerdir=");
    for (word, path) in [("", image), (",upperdir=", &upper), (",workdir=", &work)] {
        options.push(word);
        options.push(path);
    }
    mount(
        Some("overlay"),
        rootfs,
        Some("overlay"),
        MsFlags::MS_NODEV,
        Some(options.as_os_str()),
    )
    .with_context(|| format!("failed to mount an overlay on {}", rootfs.display()))
}
