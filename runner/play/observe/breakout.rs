//! The classic escape from a chroot, tried in the container.
//!
//! chroot(2) changes what `/` means for the caller, and nothing else: not its working directory, nor what is mounted above.
//! So a process that may call it makes a second root *below* where it stands. `..` stops at the root directory alone, and
//! the process now stands outside of it: it walks up as far as the tree goes, and calls chroot(2) once more there.
//! Where the old root has been taken out of the mount namespace (pivot_root(2), umount2(2)) the tree ends at the
//! container's own root.
//!
//! Nothing in an image is needed for it: a child of ours enters the container's mount namespace and root as root of the
//! jail, with neither more nor less power than the container's root has, and does what a program in there would do.

use super::place;
use super::visit::in_child;
use crate::jail::{self, Jail};
use checks::fact::{FileId, Place, Row, Value};
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, open};
use nix::sched::{CloneFlags, setns};
use nix::sys::stat::{Mode, fstatat, lstat, mkdirat};
use nix::unistd::{Pid, UnlinkatFlags, chdir, chroot, fchdir, unlinkat};
use std::os::fd::OwnedFd;

/// The directory that becomes the second root; gone again at once.
const SECOND_ROOT: &str = ".rdgrade-breakout";

/// What serves as second root where nothing can be made: every container has one of them.
const INSTEAD: [&str; 4] = ["proc", "dev", "etc", "bin"];

/// Deeper than any container lies.
const HIGHEST: usize = 256;

/// Tries to escape from the container of a process, and looks for a file called `canary` at the end.
///
/// # Errors
/// Those of entering the container. That the escape itself is refused is no error: it ends where it began.
pub fn attempt(pid: Pid, jail: &Jail, canary: &str) -> nix::Result<Row> {
    let root = open(
        format!("/proc/{pid}/root").as_str(),
        DIRECTORY,
        Mode::empty(),
    )?;
    let namespace = super::elsewhere::namespace_of(pid, "mnt")?;
    let told = in_child(|| {
        let ended = enter(&root, &namespace, &jail.namespaces.user).and_then(|()| {
            // Refused: then this is as far as it gets.
            let _ = escape();
            look(canary)
        });
        match ended {
            Ok((file, found)) => {
                let numbers = [
                    u64::from(file.major),
                    u64::from(file.minor),
                    file.inode,
                    u64::from(found),
                ];
                [0].into_iter()
                    .chain(numbers.into_iter().flat_map(u64::to_ne_bytes))
                    .collect()
            }
            Err(errno) => vec![errno as i32 as u8],
        }
    })?;
    let numbers: Vec<u64> = told
        .get(1..)
        .unwrap_or_default()
        .chunks_exact(8)
        .map(|bytes| u64::from_ne_bytes(bytes.try_into().unwrap_or_default()))
        .collect();
    match (told.first(), numbers.as_slice()) {
        (Some(0), &[major, minor, inode, found]) => {
            let file = FileId {
                major: major as u32,
                minor: minor as u32,
                inode,
            };
            Ok(row(file, if found == 0 { "missing" } else { "found" }))
        }
        (Some(errno), _) if *errno != 0 => Err(Errno::from_raw(i32::from(*errno))),
        _ => Err(Errno::EIO),
    }
}

const DIRECTORY: OFlag = OFlag::O_PATH
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_CLOEXEC);

fn row(file: FileId, canary: &str) -> Row {
    // No path: it is `/` for whoever got there, and seen from elsewhere it may have none.
    let reaches = Place {
        path: String::new(),
        file,
        ancestors: Vec::new(),
    };
    let fields = [
        ("reaches", Value::Place(reaches)),
        ("canary", Value::Text(canary.to_owned())),
    ];
    fields.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Becomes a process of the container, as its root user.
fn enter(root: &OwnedFd, namespace: &OwnedFd, user: &OwnedFd) -> nix::Result<()> {
    setns(namespace, CloneFlags::CLONE_NEWNS)?;
    fchdir(root)?;
    chroot(".")?;
    // Last, since it takes away the power to do the above from whoever has more.
    setns(user, CloneFlags::CLONE_NEWUSER)?;
    jail::become_root_inside()
}

/// The escape. It begins, and where it is refused ends, in the container's root.
fn escape() -> nix::Result<()> {
    let made = mkdirat(AT_FDCWD, SECOND_ROOT, Mode::S_IRWXU);
    let second_roots = made.ok().map(|()| SECOND_ROOT).into_iter().chain(INSTEAD);
    let refused = |name| chroot(name).err();
    let outcome = second_roots.map(refused).find(Option::is_none);
    if made.is_ok() {
        // A path relative to the working directory, which is still the container's root.
        let _ = unlinkat(AT_FDCWD, SECOND_ROOT, UnlinkatFlags::RemoveDir);
    }
    outcome.ok_or(Errno::EPERM)?;
    let mut here = lstat(".")?;
    for _ in 0..HIGHEST {
        chdir("..")?;
        let above = lstat(".")?;
        if (above.st_dev, above.st_ino) == (here.st_dev, here.st_ino) {
            break;
        }
        here = above;
    }
    chroot(".")
}

/// Where the process stands, and whether the canary is there too.
fn look(canary: &str) -> nix::Result<(FileId, bool)> {
    let file = place::id(&lstat(".")?);
    Ok((
        file,
        fstatat(AT_FDCWD, canary, AtFlags::AT_SYMLINK_NOFOLLOW).is_ok(),
    ))
}
