//! A digest over a directory tree: names, types, modes, owners and contents.

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat, readlinkat};
use nix::sys::stat::{Mode, SFlag, fstatat};
use std::ffi::CString;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;

/// Most entries of a tree that are looked at; an image has a few thousand.
const ENTRIES: usize = 200_000;

/// Deepest nesting.
const DEEPEST: usize = 128;

/// The digest of the tree below an open directory. Nothing is followed, and what grows too large is an error.
pub fn digest(directory: OwnedFd) -> nix::Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut entries = 0;
    visit(directory, &mut hasher, &mut entries, 0)?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn visit(
    directory: OwnedFd,
    hasher: &mut blake3::Hasher,
    entries: &mut usize,
    depth: usize,
) -> nix::Result<()> {
    let mut listing = Dir::from_fd(openat(
        &directory,
        ".",
        OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC,
        Mode::empty(),
    )?)?;
    let mut names: Vec<CString> = Vec::new();
    for entry in listing.iter() {
        let name = entry?.file_name().to_owned();
        if name.as_bytes() != b"." && name.as_bytes() != b".." {
            names.push(name);
        }
        *entries += 1;
        if *entries > ENTRIES || depth > DEEPEST {
            return Err(Errno::EOVERFLOW);
        }
    }
    names.sort();
    for name in names {
        let stat = fstatat(&directory, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW)?;
        hasher.update(name.as_bytes_with_nul());
        for number in [
            u64::from(stat.st_mode),
            u64::from(stat.st_uid),
            u64::from(stat.st_gid),
            stat.st_rdev,
        ] {
            hasher.update(&number.to_le_bytes());
        }
        match SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT {
            SFlag::S_IFDIR => {
                let flags =
                    OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
                visit(
                    openat(&directory, name.as_c_str(), flags, Mode::empty())?,
                    hasher,
                    entries,
                    depth + 1,
                )?;
            }
            SFlag::S_IFREG => {
                let flags =
                    OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
                let file = openat(&directory, name.as_c_str(), flags, Mode::empty())?;
                hasher.update(&stat.st_size.to_le_bytes());
                let read = hasher.update_reader(File::from(file).take(1 << 30));
                read.map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))?;
            }
            SFlag::S_IFLNK => {
                hasher.update(readlinkat(&directory, name.as_c_str())?.as_encoded_bytes());
            }
            _ => {}
        }
    }
    Ok(())
}
