//! Files below a root, looked up from outside.
//!
//! Only with openat2(2), RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS: a plain open of `/proc/PID/root/…` would follow a link
//! planted inside and read the host's file.

use super::process::inside;
use crate::jail::{IdRange, Mechanism};
use checks::fact::{Row, Value};
use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::{FileStat, SFlag, fstat, major, minor};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Opens a path below `root`, whatever links lie on the way.
pub fn open_in(root: BorrowedFd, path: &str, flags: OFlag) -> nix::Result<OwnedFd> {
    let resolve = if Mechanism::CarefulReads.is_on() {
        ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS
    } else {
        ResolveFlag::empty()
    };
    let path = match path.strip_prefix('/') {
        Some(relative) if resolve.is_empty() => relative,
        _ => path,
    };
    openat2(
        root,
        path,
        OpenHow::new()
            .flags(flags | OFlag::O_CLOEXEC)
            .resolve(resolve),
    )
}

/// A row for each path that exists; the last part of a path is not followed.
///
/// # Errors
/// Those of openat2(2), other than the path not being there.
pub fn table(root: &OwnedFd, paths: &[String], ids: IdRange) -> nix::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for path in paths {
        match open_in(root.as_fd(), path, OFlag::O_PATH | OFlag::O_NOFOLLOW) {
            Ok(file) => rows.push(row(path, &fstat(&file)?, ids)),
            Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP | Errno::ENAMETOOLONG) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(rows)
}

fn row(path: &str, stat: &FileStat, ids: IdRange) -> Row {
    let kind = match SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT {
        SFlag::S_IFREG => "file",
        SFlag::S_IFDIR => "directory",
        SFlag::S_IFLNK => "link",
        SFlag::S_IFCHR => "char",
        SFlag::S_IFBLK => "block",
        SFlag::S_IFIFO => "fifo",
        _ => "socket",
    };
    let mut row = Row::new();
    let mut put = |name: &str, value: String| row.insert(name.to_owned(), Value::Text(value));
    put("path", path.to_owned());
    put("type", kind.to_owned());
    put("mode", format!("{:04o}", stat.st_mode & 0o7777));
    put(
        "owner",
        format!("{}:{}", inside(stat.st_uid, ids), inside(stat.st_gid, ids)),
    );
    if matches!(kind, "char" | "block") {
        put(
            "device",
            format!("{}:{}", major(stat.st_rdev), minor(stat.st_rdev)),
        );
    }
    row
}
