//! The containers directory of the jail's host.

use crate::play::scene::Scene;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;
use std::collections::BTreeSet;
use std::os::fd::OwnedFd;

/// The directories below CONTAINERS on the jail's host, and those in them, as paths relative to it.
pub fn containers(scene: &Scene) -> nix::Result<BTreeSet<String>> {
    let mut paths = BTreeSet::new();
    for name in directories(&scene.jail.containers, ".")? {
        // A directory that went away meanwhile has nothing in it.
        let inner = directories(&scene.jail.containers, &name).unwrap_or_default();
        paths.extend(inner.into_iter().map(|inner| format!("{name}/{inner}")));
        paths.insert(name);
    }
    Ok(paths)
}

/// Most entries of one directory that are looked at: a submission may make any number.
const ENTRIES: usize = 10_000;

fn directories(above: &OwnedFd, name: &str) -> nix::Result<Vec<String>> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut listing = nix::dir::Dir::from_fd(openat(above, name, flags, Mode::empty())?)?;
    let mut names = Vec::new();
    for entry in listing.iter().take(ENTRIES) {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "." && name != ".." && entry.file_type() == Some(nix::dir::Type::Directory) {
            names.push(name);
        }
    }
    Ok(names)
}
