//! Reading and writing the files of a group, by its open directory.

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat, openat2};
use nix::sys::stat::Mode;
use nix::unistd::{read, write};
use std::os::fd::{BorrowedFd, OwnedFd};

const DIRECTORY: OFlag = OFlag::O_RDONLY
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_CLOEXEC);

/// Opens a group at or below an open one.
pub(super) fn open_group(at: BorrowedFd, path: &str) -> nix::Result<OwnedFd> {
    let how = OpenHow::new()
        .flags(DIRECTORY)
        .resolve(ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS);
    openat2(at, if path.is_empty() { "." } else { path }, how)
}

/// Opens the group above.
pub(super) fn open_parent(at: BorrowedFd) -> nix::Result<OwnedFd> {
    openat(at, "..", DIRECTORY, Mode::empty())
}

/// Writes a file of a group; the kernel takes a setting in one write.
pub(super) fn set(group: BorrowedFd, file: &str, value: &str) -> nix::Result<()> {
    let file = openat(
        group,
        file,
        OFlag::O_WRONLY | OFlag::O_CLOEXEC,
        Mode::empty(),
    )?;
    match write(&file, value.as_bytes())? {
        length if length == value.len() => Ok(()),
        _ => Err(Errno::EIO),
    }
}

/// Reads the first page of a file of a group: none that is read here is longer.
pub(super) fn get(group: BorrowedFd, file: &str) -> nix::Result<String> {
    let file = openat(
        group,
        file,
        OFlag::O_RDONLY | OFlag::O_CLOEXEC,
        Mode::empty(),
    )?;
    let mut buffer = [0; 4096];
    let length = read(&file, &mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
}
