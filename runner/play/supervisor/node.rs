//! mknod(2) of a device: refused in a user namespace. The seven harmless ones of the workshop are made by the supervisor, as
//! real nodes; any other stays EPERM.

use super::attach::in_child;
use super::caller::{Caller, MKNOD};
use crate::jail::sys::{Answer, Notification};
use crate::jail::{NODES, Power};
use crate::play::memory;
use crate::play::scene::Scene;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::{Mode, SFlag, major, makedev, minor, mknodat};
use nix::unistd::{Gid, Uid, fchownat};
use std::path::Path;

/// The console the workshop makes: the first pty.
const CONSOLE: (u64, u64) = (136, 1);

/// The node a submission asks for.
pub struct Wanted {
    /// Directory descriptor a relative path starts from, or AT_FDCWD.
    pub directory: i32,
    /// Address of the path.
    pub path: u64,
    /// Type and permission bits.
    pub mode: u64,
    /// Device number.
    pub device: u64,
}

/// Makes a node, or refuses.
pub fn makes(scene: &Scene, call: &Notification, wanted: Wanted) -> Answer {
    match make(scene, call, &wanted) {
        Ok(()) => Answer::Value(0),
        Err(errno) => Answer::Fail(errno),
    }
}

fn make(scene: &Scene, call: &Notification, wanted: &Wanted) -> nix::Result<()> {
    let kind = SFlag::from_bits_truncate(wanted.mode as libc::mode_t) & SFlag::S_IFMT;
    if !matches!(kind, SFlag::S_IFCHR) || !allowed(wanted.device) || scene.jail.power != Power::Root {
        return Err(Errno::EPERM);
    }
    let path = memory::string(call.thread, wanted.path)?;
    let caller = Caller::of(&scene.jail, call, wanted.directory, MKNOD)?;
    let path = Path::new(std::ffi::OsStr::new(std::str::from_utf8(&path).map_err(|_| Errno::EINVAL)?));
    // What mknod(2) does with a path that ends in nothing, `.` or `..`.
    let name = path.file_name().ok_or(if path.as_os_str().is_empty() { Errno::ENOENT } else { Errno::EEXIST })?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = Mode::from_bits_truncate((wanted.mode as u32 & 0o7777 & !caller.status.umask) as libc::mode_t);
    let owner = |list: &[u32]| list.last().copied().ok_or(Errno::ESRCH);
    let (uid, gid) = (owner(&caller.status.uid)?, owner(&caller.status.gid)?);
    in_child(|| {
        caller.stand_there()?;
        // Magic links would lead out of the caller's world, and we have host root's eyes here.
        let how = OpenHow::new().flags(DIRECTORY).resolve(ResolveFlag::RESOLVE_NO_MAGICLINKS);
        let directory = openat2(AT_FDCWD, parent, how)?;
        nix::sys::stat::umask(Mode::empty());
        mknodat(&directory, name, SFlag::S_IFCHR, mode, wanted.device)?;
        fchownat(&directory, name, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)), AtFlags::AT_SYMLINK_NOFOLLOW)
    })
}

const DIRECTORY: OFlag = OFlag::O_PATH.union(OFlag::O_DIRECTORY).union(OFlag::O_CLOEXEC);

fn allowed(device: u64) -> bool {
    let known = NODES.iter().map(|(_, major, minor)| (*major, *minor)).chain([CONSOLE]);
    // The kernel reads the low 32 bits in the old encoding of 12 + 20 bits; these fit both.
    device == makedev(major(device), minor(device)) && known.into_iter().any(|node| node == (major(device), minor(device)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_workshops_devices_are_made() {
        assert!(allowed(makedev(1, 3)) && allowed(makedev(5, 0)) && allowed(makedev(136, 1)));
        for (major, minor) in [(1, 1), (1, 2), (1, 11), (8, 0), (254, 0), (10, 232), (5, 1), (136, 0)] {
            assert!(!allowed(makedev(major, minor)), "{major}:{minor}");
        }
    }
}
