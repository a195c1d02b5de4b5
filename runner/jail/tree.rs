//! Small helpers to make directories and files below a descriptor, owned by the jail's root.

use super::error::{JailError, While};
use super::ids::IdRange;
use super::mechanism::Mechanism;
use super::sys;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::prctl;
use nix::sys::stat::{Mode, SFlag, mkdirat, mknodat};
use nix::unistd::{Gid, Uid, fchownat, setfsgid, setfsuid, symlinkat};
use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path};

/// A directory in which the jail's world is being made.
///
/// Everything made here belongs to the jail's root: what host uid 0 owns cannot be changed, and often not even read, by a
/// root that is somebody else outside. Modes are meant as they are: [`super::Ground::prepare`] has emptied the umask.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The directory.
    pub at: BorrowedFd<'a>,
    /// Who owns what is made.
    pub ids: IdRange,
    /// How it comes to be theirs.
    pub owned: Owned,
}

/// How what is made comes to belong to the jail's root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owned {
    /// It is handed over.
    Afterwards,
    /// Whoever makes it acts for them.
    FromTheStart,
}

impl Site<'_> {
    /// A directory, and whose is what is made in it.
    pub fn new(at: BorrowedFd<'_>, ids: IdRange) -> Site<'_> {
        Site {
            at,
            ids,
            owned: Owned::Afterwards,
        }
    }

    /// Has directories and links made as their owner, whose they are then from the start. Nothing else, since a file system's uid
    /// takes the capabilities over files away (capabilities(7)).
    pub fn as_owner(
        &self,
        make: impl FnOnce(&Site) -> Result<(), JailError>,
    ) -> Result<(), JailError> {
        if self.ids.base == 0 {
            return make(self);
        }
        let (uid, gid) = (Uid::from_raw(self.ids.base), Gid::from_raw(self.ids.base));
        // A change of the uid clears it (PR_SET_PDEATHSIG(2const)). A parent that dies meanwhile is noticed by what it was to say.
        let dies_with = prctl::get_pdeathsig().while_trying(|| "ask whom to die with")?;
        let (uid, gid) = (setfsuid(uid), setfsgid(gid));
        let made = make(&Site {
            owned: Owned::FromTheStart,
            ..*self
        });
        setfsgid(gid);
        setfsuid(uid);
        prctl::set_pdeathsig(dies_with).while_trying(|| "ask to die with rdgrade")?;
        made
    }

    fn own(&self, path: &Path) -> nix::Result<()> {
        if self.owned == Owned::FromTheStart {
            return Ok(());
        }
        let (uid, gid) = (Uid::from_raw(self.ids.base), Gid::from_raw(self.ids.base));
        fchownat(
            self.at,
            path,
            Some(uid),
            Some(gid),
            AtFlags::AT_SYMLINK_NOFOLLOW,
        )
    }

    /// Makes a directory; its parents must exist. One that exists already is left as it is.
    pub fn directory(&self, path: &str, mode: u32) -> Result<(), JailError> {
        let path = Path::new(path);
        let made = match mkdirat(self.at, path, Mode::from_bits_truncate(mode)) {
            Err(Errno::EEXIST) => return Ok(()),
            Ok(()) => self.own(path),
            error => error,
        };
        made.while_trying(|| format!("make the directory {}", path.display()))
    }

    /// Makes a directory and its parents.
    pub fn directories(&self, path: &str, mode: u32) -> Result<(), JailError> {
        let mut made = String::new();
        for part in Path::new(path).components() {
            if let Component::Normal(name) = part {
                if !made.is_empty() {
                    made.push('/');
                }
                made.push_str(&name.to_string_lossy());
                self.directory(&made, mode)?;
            }
        }
        Ok(())
    }

    /// Makes a symbolic link.
    pub fn link(&self, path: &str, target: &Path) -> Result<(), JailError> {
        symlinkat(target, self.at, path)
            .and_then(|()| self.own(Path::new(path)))
            .while_trying(|| format!("make the link {path}"))
    }

    /// Makes an empty file, for a mount to be attached to.
    pub fn empty_file(&self, path: &str) -> Result<(), JailError> {
        let flags = OFlag::O_CREAT | OFlag::O_WRONLY | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
        openat(self.at, path, flags, Mode::from_bits_truncate(0o644))
            .and_then(|_| self.own(Path::new(path)))
            .while_trying(|| format!("make the file {path}"))
    }

    /// Makes a character device node, mode 0666.
    pub fn device(&self, path: &str, major: u64, minor: u64) -> nix::Result<()> {
        let mode = Mode::from_bits_truncate(0o666);
        mknodat(
            self.at,
            path,
            SFlag::S_IFCHR,
            mode,
            nix::sys::stat::makedev(major, minor),
        )?;
        self.own(Path::new(path))
    }

    /// Attaches a detached mount to an existing path.
    pub fn attach(&self, mount: &OwnedFd, path: &str) -> Result<(), JailError> {
        let name = c_string(path)?;
        sys::attach(mount.as_fd(), self.at, &name)
            .while_trying(|| format!("attach a mount at {path}"))
    }
}

/// A C string; a NUL inside is an error of its own.
pub fn c_string(text: impl AsRef<[u8]>) -> Result<CString, JailError> {
    CString::new(text.as_ref()).map_err(|_| JailError {
        doing: "use a path".to_owned(),
        cause: "it holds a NUL byte".to_owned(),
        remedy: "rename it".to_owned(),
    })
}

/// A tmpfs of its own, detached: `bytes` and `inodes` are its limits, `mode` its root's.
///
/// Made by host root it may hold device nodes (`s_user_ns` is the initial one) although the jail's root owns it.
pub fn tmpfs(ids: IdRange, bytes: u64, inodes: u64, mode: &CStr) -> Result<OwnedFd, JailError> {
    // 0: no limit (tmpfs(5)).
    let (bytes, inodes) = if Mechanism::FileSystemSizes.is_on() {
        (bytes, inodes)
    } else {
        (0, 0)
    };
    let owner = c_string(ids.base.to_string())?;
    let (size, count) = (c_string(bytes.to_string())?, c_string(inodes.to_string())?);
    let options: [(&CStr, Option<&CStr>); 7] = [
        (c"source", Some(c"tmpfs")),
        (c"size", Some(&size)),
        (c"nr_inodes", Some(&count)),
        (c"mode", Some(mode)),
        (c"uid", Some(&owner)),
        (c"gid", Some(&owner)),
        // An image is unpacked in large folios and freed in them, a tenth of all that grading takes; no file gets more than its
        // size needs (kernel doc `admin-guide/mm/transhuge`).
        (c"huge", Some(c"within_size")),
    ];
    match sys::make_mount(c"tmpfs", &options, 0) {
        // A kernel, or a processor, without huge pages (shmem_parse_one in mm/shmem.c).
        Err(Errno::EINVAL) => sys::make_mount(c"tmpfs", &options[..options.len() - 1], 0),
        made => made,
    }
    .while_trying(|| "mount a tmpfs")
}
