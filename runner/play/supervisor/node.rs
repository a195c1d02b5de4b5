//! mknod(2) of a device: refused in a user namespace. The seven harmless ones of the workshop are made by the supervisor, as
//! real nodes; any other stays EPERM. Without host root nobody can make any: the host's own are bound in their place.

use super::caller::{Caller, MKNOD};
use crate::jail::sys::{self, Answer, Notification};
use crate::jail::{self, Mechanism, NODES, Power, done_in_child};
use crate::play::memory;
use crate::play::scene::Scene;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags, OFlag, OpenHow, ResolveFlag, openat, openat2};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::stat::{Mode, SFlag, major, makedev, minor, mknodat, umask};
use nix::unistd::{Gid, Uid, UnlinkatFlags, fchownat, setfsgid, setfsuid, unlinkat};
use std::ffi::OsStr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
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
    // A character device 0:0 is an overlay's mark for "removed": anybody may make those (mknod(2)).
    if wanted.device == 0 {
        return Answer::Continue;
    }
    match make(scene, call, &wanted) {
        Ok(()) => Answer::Value(0),
        Err(errno) => Answer::Fail(errno),
    }
}

fn make(scene: &Scene, call: &Notification, wanted: &Wanted) -> nix::Result<()> {
    let kind = SFlag::from_bits_truncate(wanted.mode as libc::mode_t) & SFlag::S_IFMT;
    let harmless = matches!(kind, SFlag::S_IFCHR) && allowed(wanted.device);
    if !harmless && Mechanism::HarmlessNodes.is_on() {
        return Err(Errno::EPERM);
    }
    let path = memory::string(call.thread, wanted.path)?;
    // An absolute path starts from the root, whatever else is given.
    let directory = if path.starts_with(b"/") {
        libc::AT_FDCWD
    } else {
        wanted.directory
    };
    let caller = Caller::of(&scene.jail, call, directory, MKNOD)?;
    let path = Path::new(OsStr::from_bytes(&path));
    let node = Node::of(&caller, wanted)?;
    if scene.jail.power == Power::User {
        return done_in_child(|| {
            let device = jail::host_node(&scene.jail, name_of(wanted.device))?;
            node.bind(&caller, path, &device)
        });
    }
    match done_in_child(|| node.make(&caller, path)) {
        // On an overlay, or a tmpfs that is none of ours: no device opens there, whoever makes it.
        Err(Errno::EPERM | Errno::EOVERFLOW) => done_in_child(|| {
            let device = node.make_elsewhere()?;
            node.bind(&caller, path, &device)
        }),
        made => made,
    }
}

/// The host's device that serves where none can be made. There is no other for the console, whose own opens nowhere but in a
/// devpts; that it is not the one is no student's fault, and levels that look at nodes ask for the ability to make them.
fn name_of(device: u64) -> &'static str {
    let known = NODES
        .iter()
        .find(|(_, one, two)| makedev(*one, *two) == device);
    known.map_or("null", |(name, _, _)| name)
}

/// A node to be made, and for whom.
struct Node {
    kind: SFlag,
    mode: Mode,
    device: u64,
    owner: (Uid, Gid),
}

impl Node {
    fn of(caller: &Caller, wanted: &Wanted) -> nix::Result<Node> {
        let mode = Mode::from_bits_truncate(
            (wanted.mode as u32 & 0o7777 & !caller.status.umask) as libc::mode_t,
        );
        let id = |list: &[u32]| list.last().copied().ok_or(Errno::ESRCH);
        let owner = (
            Uid::from_raw(id(&caller.status.uid)?),
            Gid::from_raw(id(&caller.status.gid)?),
        );
        Ok(Node {
            kind: SFlag::from_bits_truncate(wanted.mode as libc::mode_t) & SFlag::S_IFMT,
            mode,
            device: wanted.device,
            owner,
        })
    }

    /// Makes it as the workshop has it: a node that can be removed and renamed.
    fn make(&self, caller: &Caller, path: &Path) -> nix::Result<()> {
        caller.stand_there()?;
        let (directory, name) = place(path)?;
        self.make_in(directory.as_fd(), name)
    }

    /// Makes it in a file system of ours, and clones it from there.
    fn make_elsewhere(&self) -> nix::Result<OwnedFd> {
        // A single file can be cloned only from a mount that is somewhere. This namespace ends with this child.
        unshare(CloneFlags::CLONE_NEWNS)?;
        let device = sys::make_mount(
            c"tmpfs",
            &[(c"size", Some(c"4k")), (c"nr_inodes", Some(c"8"))],
            0,
        )?;
        sys::attach(device.as_fd(), AT_FDCWD, c"/proc")?;
        self.make_in(device.as_fd(), OsStr::new("node"))?;
        sys::open_tree(device.as_fd(), c"node", sys::CLONE)
    }

    /// Binds a detached node over an empty file.
    fn bind(&self, caller: &Caller, path: &Path, device: &OwnedFd) -> nix::Result<()> {
        setns(&caller.namespace, CloneFlags::CLONE_NEWNS)?;
        caller.stand_there()?;
        let (directory, name) = place(path)?;
        // The overlay knows no host root; what is made there is made by the caller.
        setfsgid(self.owner.1);
        setfsuid(self.owner.0);
        umask(Mode::empty());
        let create = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
        let file = openat(&directory, name, create, self.mode)?;
        sys::attach(device.as_fd(), file.as_fd(), c"").inspect_err(|_| {
            let _ = unlinkat(&directory, name, UnlinkatFlags::NoRemoveDir);
        })
    }

    fn make_in(&self, directory: BorrowedFd, name: &OsStr) -> nix::Result<()> {
        let (uid, gid) = self.owner;
        umask(Mode::empty());
        mknodat(directory, name, self.kind, self.mode, self.device)?;
        fchownat(
            directory,
            name,
            Some(uid),
            Some(gid),
            AtFlags::AT_SYMLINK_NOFOLLOW,
        )
    }
}

/// The directory of a path, opened from where this process stands, and the last name in it.
fn place(path: &Path) -> nix::Result<(OwnedFd, &OsStr)> {
    // What mknod(2) does with a path that ends in nothing, `.` or `..`.
    let missing = if path.as_os_str().is_empty() {
        Errno::ENOENT
    } else {
        Errno::EEXIST
    };
    let name = path.file_name().ok_or(missing)?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // Magic links would lead out of the caller's world, and we have host root's eyes here.
    let how = OpenHow::new()
        .flags(DIRECTORY)
        .resolve(ResolveFlag::RESOLVE_NO_MAGICLINKS);
    Ok((openat2(AT_FDCWD, parent, how)?, name))
}

const DIRECTORY: OFlag = OFlag::O_PATH
    .union(OFlag::O_DIRECTORY)
    .union(OFlag::O_CLOEXEC);

fn allowed(device: u64) -> bool {
    let known = NODES
        .iter()
        .map(|(_, major, minor)| (*major, *minor))
        .chain([CONSOLE]);
    // The kernel reads the low 32 bits in the old encoding of 12 + 20 bits; these fit both.
    device == makedev(major(device), minor(device))
        && known
            .into_iter()
            .any(|node| node == (major(device), minor(device)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_workshops_devices_are_made() {
        assert!(allowed(makedev(1, 3)) && allowed(makedev(5, 0)) && allowed(makedev(136, 1)));
        for (major, minor) in [
            (1, 1),
            (1, 2),
            (1, 11),
            (8, 0),
            (254, 0),
            (10, 232),
            (5, 1),
            (136, 0),
        ] {
            assert!(!allowed(makedev(major, minor)), "{major}:{minor}");
        }
    }
}
