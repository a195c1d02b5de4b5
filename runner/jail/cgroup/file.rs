//! Reading and writing the files of a group, by its open directory.

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat, openat2};
use nix::sys::stat::Mode;
use nix::sys::uio::pread;
use nix::unistd::{read, write};
use std::cell::{OnceCell, RefCell};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

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
    let file = open_file(group, file, OFlag::O_WRONLY)?;
    match write(&file, value.as_bytes())? {
        length if length == value.len() => Ok(()),
        _ => Err(Errno::EIO),
    }
}

/// Reads the first page of a file of a group: none that is read here is longer.
pub(super) fn get(group: BorrowedFd, file: &str) -> nix::Result<String> {
    let mut buffer = [0; 4096];
    let length = read(open_file(group, file, OFlag::O_RDONLY)?, &mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
}

fn open_file(group: BorrowedFd, file: &str, access: OFlag) -> nix::Result<OwnedFd> {
    openat(group, file, access | OFlag::O_CLOEXEC, Mode::empty())
}

/// A group whose files are read again and again, jail after jail: they stay open.
#[derive(Debug)]
pub(super) struct Group {
    directory: OwnedFd,
    /// Those that were read before; `None` is not there, and comes no more: the kernel has it, or the group above, or neither.
    files: RefCell<Vec<(&'static str, Option<OwnedFd>)>>,
    tasks: OnceCell<OwnedFd>,
}

impl Group {
    /// An open one.
    pub fn of(directory: OwnedFd) -> Group {
        Group {
            directory,
            files: RefCell::default(),
            tasks: OnceCell::new(),
        }
    }

    /// What [`get`] reads.
    pub fn read(&self, name: &'static str) -> nix::Result<String> {
        let mut files = self.files.borrow_mut();
        let known = files.iter().position(|(known, _)| *known == name);
        let at = match known {
            Some(at) => at,
            None => {
                let opened = match open_file(self.as_fd(), name, OFlag::O_RDONLY) {
                    Err(Errno::ENOENT) => None,
                    opened => Some(opened?),
                };
                files.push((name, opened));
                files.len() - 1
            }
        };
        let file = files[at].1.as_ref().ok_or(Errno::ENOENT)?;
        let mut buffer = [0; 4096];
        let length = pread(file, &mut buffer, 0)?;
        Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    /// The file through which a process gets into a group of version 1, open for writing.
    pub fn tasks(&self) -> nix::Result<BorrowedFd<'_>> {
        if self.tasks.get().is_none() {
            let opened = open_file(self.as_fd(), "tasks", OFlag::O_WRONLY)?;
            let _ = self.tasks.set(opened);
        }
        self.tasks.get().map(AsFd::as_fd).ok_or(Errno::EBADF)
    }
}

impl AsFd for Group {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.directory.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_that_stays_open_tells_what_is_in_it_now_and_one_that_is_missing_is_not_looked_for_again()
     {
        let top = tempfile::tempdir().unwrap();
        let group = Group::of(fs::File::open(top.path()).unwrap().into());
        for text in ["max 7\n", "max 12\n"] {
            fs::write(top.path().join("pids.events"), text).unwrap();
            assert_eq!(group.read("pids.events").unwrap(), text);
        }
        assert_eq!(group.read("pids.events.local"), Err(Errno::ENOENT));
        fs::write(top.path().join("pids.events.local"), "max 1\n").unwrap();
        assert_eq!(group.read("pids.events.local"), Err(Errno::ENOENT));
    }
}
