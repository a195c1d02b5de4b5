//! The image as it lies in the jail's image directory.

use super::files::open_in;
use crate::jail::IMAGES;
use nix::fcntl::OFlag;
use nix::sys::stat::{FileStat, fstat};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};

/// Larger than any image that is accepted; what a submission made of it may be anything.
const LARGEST: u64 = 4 << 30;

/// What tells that a file has not been touched since: device, inode, size, and both times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    device: u64,
    inode: u64,
    size: i64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Seal {
    fn of(stat: &FileStat) -> Self {
        Seal {
            device: stat.st_dev,
            inode: stat.st_ino,
            size: stat.st_size,
            modified: (stat.st_mtime, stat.st_mtime_nsec),
            changed: (stat.st_ctime, stat.st_ctime_nsec),
        }
    }
}

/// The seal of `NAME.tar` in the jail as it is now.
pub fn seal(root: &OwnedFd, name: &str) -> nix::Result<Seal> {
    let file = open_in(root.as_fd(), &path(name), OFlag::O_PATH)?;
    fstat(&file).map(|stat| Seal::of(&stat))
}

/// The digest of `NAME.tar` in the jail. Where the seal still holds it is the one known from the cache: the kernel changes a
/// file's ctime whenever its content changes, and nobody in a jail can set it.
pub fn digest(root: &OwnedFd, name: &str, sealed: Option<Seal>, known: &str) -> io::Result<String> {
    // O_NONBLOCK: a submission may have put a fifo there.
    let file = open_in(
        root.as_fd(),
        &path(name),
        OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY,
    )?;
    let stat = fstat(&file)?;
    if Some(Seal::of(&stat)) == sealed {
        return Ok(known.to_owned());
    }
    if nix::sys::stat::SFlag::from_bits_truncate(stat.st_mode) & nix::sys::stat::SFlag::S_IFMT
        != nix::sys::stat::SFlag::S_IFREG
    {
        return Ok("not a file any more".to_owned());
    }
    // Another size is another file, however long it would take to read: a hole may have any.
    if let Some(sealed) = sealed
        && sealed.size != stat.st_size
    {
        return Ok(format!("another file, of {} bytes", stat.st_size));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::from(file).take(LARGEST))?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn path(name: &str) -> String {
    format!("{IMAGES}/{name}.tar")
}
