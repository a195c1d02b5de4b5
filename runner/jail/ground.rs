//! The ground: what is prepared once for a submission and then seen, read-only, by every jail.
//!
//! The process that prepares it gives up the host's mount namespace for a private copy. There it keeps detached-like
//! clones of what a jail may see, below one staging directory. A jail is built from clones of those clones; when it enters
//! its user namespace the kernel locks them together and read-only (mount_namespaces(7), "Restrictions").

use super::cgroup::{self, Groups};
use super::dev;
use super::error::{JailError, While};
use super::helper::{HELPERS, clone_helper_files, stage_helpers};
use super::home::{Home, Left};
use super::ids::{self, IdRange, Power};
use super::mechanism::Mechanism;
use super::plan::{GroundPlan, STAGING};
use super::posture::Posture;
use super::sys;
use super::tree::{Site, c_string, tmpfs};
use nix::fcntl::{AT_FDCWD, OFlag, open};
use nix::mount::{MntFlags, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::stat::{Mode, umask};
use std::cell::{Cell, OnceCell};
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

/// Directories of the host that every jail sees: programs, libraries, configuration. Where one is a symbolic link
/// (merged /usr), the jail gets the same link.
const SYSTEM: [&str; 9] = [
    "usr",
    "bin",
    "sbin",
    "lib",
    "lib32",
    "lib64",
    "libx32",
    "etc",
    "nix/store",
];

/// Where in a jail the submission lies.
pub const SUBMISSION: &str = "submission";

/// What the jail's root has at one path.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// The same symbolic link as the host.
    Link { path: String, target: PathBuf },
    /// A directory: clone `staged` (below the staging directory) and attach it at `path`.
    Directory { path: String, staged: String },
}

/// Prepared ground. It lives as long as the process that prepared it: the mounts go with its namespace.
#[derive(Debug)]
pub struct Ground {
    /// With what power it was prepared.
    pub power: Power,
    /// The ids of the jails that will stand on it.
    pub ids: IdRange,
    pub(super) staging: OwnedFd,
    pub(super) staging_path: &'static str,
    pub(super) pieces: Vec<Piece>,
    /// Where jails get their groups; else why they have none.
    pub groups: Groups,
    sealed: Cell<bool>,
    posture: Cell<Posture>,
    /// What jails of this process have in common, once one was made.
    home: OnceCell<Home>,
    /// Those of submissions before.
    left: Left,
}

impl Ground {
    /// Leaves the host's mount namespace and prepares the ground in a private one. The calling process can never go back:
    /// call it in a forked child that has no other use for the host's paths.
    pub fn prepare(plan: &GroundPlan, images: &[PathBuf]) -> Result<Ground, JailError> {
        Ground::prepare_in(plan, images, None)
    }

    /// The same, with groups below those of a run that prepares more ground than this.
    pub fn prepare_in(
        plan: &GroundPlan,
        images: &[PathBuf],
        groups: Option<Groups>,
    ) -> Result<Ground, JailError> {
        let power = Power::of_this_process();
        enter_private_namespace(power)?;
        // What is made for jails has the mode it is asked for; programs get an umask of their own.
        umask(Mode::empty());
        let ids = match power {
            Power::Root => IdRange::unprivileged(nix::unistd::getpid()),
            Power::User => IdRange::single(),
        };
        let groups = groups.unwrap_or_else(|| cgroup::begin(power));
        // Everything is cloned before the staging directory covers anything.
        let system = clone_system(plan)?;
        let helpers = clone_helper_files(plan)?;
        let devices = dev::clone_host_nodes(power)?;
        let image_clones = images
            .iter()
            .map(|path| clone_tree(path))
            .collect::<Result<Vec<_>, _>>()?;

        let staging_path = plan.staging_path().ok_or_else(|| JailError {
            doing: "find a directory to build jails in".to_owned(),
            cause: format!("none of {} exists and is free", STAGING.join(", ")),
            remedy: "make /mnt".to_owned(),
        })?;
        let staging = tmpfs(ids, 1 << 20, 1 << 12, c"0755")?;
        sys::attach(staging.as_fd(), AT_FDCWD, &c_string(staging_path)?)
            .while_trying(|| format!("mount the staging directory on {staging_path}"))?;
        let site = Site::new(staging.as_fd(), ids);
        site.directory("scratch", 0o755)?;
        site.directory("image", 0o755)?;
        site.directory(dev::STAGED, 0o755)?;

        let mut pieces = Vec::new();
        for (index, piece) in system.into_iter().enumerate() {
            pieces.push(match piece {
                System::Link { path, target } => Piece::Link { path, target },
                System::Directory { path, clone } => {
                    let staged = format!("piece{index}");
                    site.directory(&staged, 0o755)?;
                    site.attach(&clone, &staged)?;
                    Piece::Directory { path, staged }
                }
            });
        }
        for (index, clone) in image_clones.iter().enumerate() {
            let staged = format!("image/{index}");
            site.directory(&staged, 0o755)?;
            site.attach(clone, &staged)?;
        }
        dev::stage(&site, &devices)?;
        stage_helpers(&site, helpers)?;
        pieces.push(Piece::Directory {
            path: HELPERS.to_owned(),
            staged: HELPERS.to_owned(),
        });

        site.directory(SUBMISSION, 0o755)?;
        site.attach(&room_for_submission(ids, plan)?, SUBMISSION)?;
        pieces.push(Piece::Directory {
            path: SUBMISSION.to_owned(),
            staged: SUBMISSION.to_owned(),
        });
        Ok(Ground {
            power,
            ids,
            staging,
            staging_path,
            pieces,
            groups,
            sealed: Cell::new(false),
            posture: Cell::new(Posture::Unknown),
            home: OnceCell::new(),
            left: Left::default(),
        })
    }

    /// Prepares it for another submission: nothing of the last one is left, neither its files nor the namespaces of its jails.
    ///
    /// `plan` is one that it serves as well (see [`GroundPlan::serves_as_well`]).
    pub fn clear(&mut self, plan: &GroundPlan) -> Result<(), JailError> {
        umount2(&self.submission_directory(), MntFlags::MNT_DETACH)
            .while_trying(|| "take the last submission away")?;
        let site = Site::new(self.staging.as_fd(), self.ids);
        site.attach(&room_for_submission(self.ids, plan)?, SUBMISSION)?;
        self.sealed.set(false);
        self.left.extend(self.home.take());
        Ok(())
    }

    /// The same ground for a forked worker, in a copy of the mount namespace: workers attach their worlds at the same paths.
    pub fn for_worker(&self) -> Result<Ground, JailError> {
        unshare(CloneFlags::CLONE_NEWNS).while_trying(|| "unshare the mount namespace")?;
        // The descriptor still means the mount in the namespace we left.
        let staging = open(
            self.staging_path,
            OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC,
            Mode::empty(),
        )
        .while_trying(|| "open the staging directory")?;
        Ok(Ground {
            staging,
            pieces: self.pieces.clone(),
            groups: self.groups.clone(),
            sealed: self.sealed.clone(),
            posture: self.posture.clone(),
            home: OnceCell::new(),
            left: Left::default(),
            ..*self
        })
    }

    /// The directory, in the preparing process's namespace, in which the submission is to be laid down.
    pub fn submission_directory(&self) -> PathBuf {
        Path::new(self.staging_path).join(SUBMISSION)
    }

    /// Where the host's device nodes are, if they were needed.
    pub(super) fn devices(&self) -> Result<OwnedFd, JailError> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        nix::fcntl::openat(&self.staging, dev::STAGED, flags, Mode::empty())
            .while_trying(|| "open the staged devices")
    }

    /// The uid and gid of the jail's root, seen from here.
    pub fn owner(&self) -> (u32, u32) {
        (self.ids.base, self.ids.base)
    }

    /// Jails need not be tested any more: one on this host was, in this run.
    pub fn is_tested(&self) {
        self.posture.set(Posture::Tested);
    }

    /// Whether the next jail is tested: until one was made and has answered.
    pub(super) fn posture(&self) -> Posture {
        self.posture.get()
    }

    /// The namespaces that jails have in common; `None` where each has to have its own: an ordinary user could not enter those it
    /// has made from where it makes them.
    pub(super) fn home(&self) -> Result<Option<&Home>, JailError> {
        let needed = [Mechanism::UserNamespace, Mechanism::NetworkNamespace];
        if self.power == Power::User || !needed.into_iter().all(Mechanism::is_on) {
            return Ok(None);
        }
        if self.home.get().is_none() {
            let _ = self.home.set(Home::make(self.ids)?);
        }
        Ok(self.home.get())
    }

    /// What is kept for a next jail is let go of.
    pub fn end(&self) {
        if let Ok(groups) = &self.groups {
            groups.let_go_of_spare();
        }
    }

    /// Directories that no jail can write to, as it names them.
    pub(super) fn locked(&self) -> Vec<String> {
        let directories = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Directory { path, .. } if path != SUBMISSION || self.sealed.get() => {
                Some(format!("/{path}"))
            }
            _ => None,
        });
        directories.collect()
    }

    /// Makes the submission read-only for every jail built from now on.
    pub fn seal_submission(&self) -> Result<(), JailError> {
        self.sealed.set(Mechanism::SealedSubmission.is_promised());
        if !Mechanism::SealedSubmission.is_on() {
            return Ok(());
        }
        let path = c_string(SUBMISSION)?;
        let mount = sys::open_tree(self.staging.as_fd(), &path, 0)
            .while_trying(|| "open the submission")?;
        sys::set_mount_attributes(mount.as_fd(), READ_ONLY, 0)
            .while_trying(|| "make the submission read-only")
    }
}

fn room_for_submission(ids: IdRange, plan: &GroundPlan) -> Result<OwnedFd, JailError> {
    tmpfs(ids, plan.submission_bytes, 1 << 17, c"0755")
}

pub(super) const READ_ONLY: u64 =
    libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;

/// Attributes of everything a jail sees of the host.
fn shown_as() -> u64 {
    let missing = [
        (Mechanism::ReadOnlyClones, libc::MOUNT_ATTR_RDONLY),
        (Mechanism::NoDeviceClones, libc::MOUNT_ATTR_NODEV),
    ];
    let missing = missing
        .into_iter()
        .filter(|(mechanism, _)| !mechanism.is_on());
    missing.fold(READ_ONLY, |all, (_, attribute)| all & !attribute)
}

/// One of the directories that hold what is none of a submission's business: shown to no jail, unless a test wants to see what
/// comes of it.
const NOT_SHOWN: &str = "/tmp";

enum System {
    Link { path: String, target: PathBuf },
    Directory { path: String, clone: OwnedFd },
}

fn enter_private_namespace(power: Power) -> Result<(), JailError> {
    match power {
        Power::Root => {
            unshare(CloneFlags::CLONE_NEWNS).while_trying(|| "unshare the mount namespace")?
        }
        Power::User => {
            ids::become_root_of(CloneFlags::CLONE_NEWNS)?;
        }
    }
    use nix::mount::{MsFlags, mount};
    let none: Option<&str> = None;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
        .while_trying(|| "make / private")
}

pub(super) fn clone_tree(path: &Path) -> Result<OwnedFd, JailError> {
    let doing = || format!("clone the mounts at {}", path.display());
    let name = c_string(path.as_os_str().as_encoded_bytes())?;
    let clone = sys::open_tree(AT_FDCWD, &name, sys::CLONE | sys::RECURSIVE).while_trying(doing)?;
    sys::set_mount_attributes(clone.as_fd(), shown_as(), libc::MS_PRIVATE).while_trying(doing)?;
    Ok(clone)
}

fn clone_system(plan: &GroundPlan) -> Result<Vec<System>, JailError> {
    let mut found = Vec::new();
    let wanted = SYSTEM
        .iter()
        .map(|name| Path::new("/").join(name))
        .chain(plan.visible.iter().cloned())
        .chain((!Mechanism::ShownDirectories.is_on()).then(|| PathBuf::from(NOT_SHOWN)));
    for path in wanted {
        let name = path.to_string_lossy().trim_start_matches('/').to_owned();
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_symlink() => {
                let target = fs::read_link(&path)
                    .while_trying(|| format!("read the link {}", path.display()))?;
                found.push(System::Link { path: name, target });
            }
            Ok(meta) if meta.is_dir() => found.push(System::Directory {
                path: name,
                clone: clone_tree(&path)?,
            }),
            // A file, or nothing: not every host has every one of them.
            _ => {}
        }
    }
    Ok(found)
}
