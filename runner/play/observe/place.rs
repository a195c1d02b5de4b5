//! A directory as the kernel knows it: path, device and inode, and what lies above.

use checks::fact::{FileId, Place};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat};
use nix::sys::stat::{FileStat, Mode, fstat, major, minor};
use nix::unistd::Pid;
use std::os::fd::OwnedFd;

/// Deeper than any directory a level makes; a submission may nest without end.
const DEEPEST: usize = 256;

/// Where `/proc/PID/NAME` (`root` or `cwd`) leads.
pub fn of(pid: Pid, name: &str) -> nix::Result<Place> {
    let link = format!("/proc/{pid}/{name}");
    let directory = open(
        link.as_str(),
        OFlag::O_PATH | OFlag::O_CLOEXEC,
        Mode::empty(),
    )?;
    let path = nix::fcntl::readlink(link.as_str())?;
    place(&directory, path.to_string_lossy().into_owned())
}

/// The place an open directory is.
pub fn place(directory: &OwnedFd, path: String) -> nix::Result<Place> {
    let file = id(&fstat(directory)?);
    Ok(Place {
        path,
        file,
        ancestors: ancestors(directory, file)?,
    })
}

/// A file's identity.
pub fn id(stat: &FileStat) -> FileId {
    FileId {
        major: major(stat.st_dev) as u32,
        minor: minor(stat.st_dev) as u32,
        inode: stat.st_ino,
    }
}

/// Walks `..` up to the root of the mount namespace. We are not in the container's root, so `..` is not stopped there.
fn ancestors(directory: &OwnedFd, file: FileId) -> nix::Result<Vec<FileId>> {
    let mut above = Vec::new();
    let mut here = file;
    let mut at = openat(directory, "..", FLAGS, Mode::empty());
    while above.len() < DEEPEST {
        let parent = match at {
            Ok(parent) => parent,
            // A directory that was removed, or is not ours to search: it has no known ancestors.
            Err(Errno::ENOENT | Errno::EACCES | Errno::ENOTDIR) => break,
            Err(errno) => return Err(errno),
        };
        let next = id(&fstat(&parent)?);
        if next == here {
            break;
        }
        above.push(next);
        here = next;
        at = openat(&parent, "..", FLAGS, Mode::empty());
    }
    Ok(above)
}

const FLAGS: OFlag = OFlag::O_PATH
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_CLOEXEC);
