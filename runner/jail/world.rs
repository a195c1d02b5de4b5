//! The world of one jail, assembled outside it: what its "host" looks like.

use super::dev;
use super::error::{JailError, While};
use super::ground::{Ground, Piece};
use super::ids::Power;
use super::sys;
use super::tree::{Site, c_string, tmpfs};
use checks::limit::{Limit, Limits};
use nix::mount::{MntFlags, umount2};
use nix::sys::stat::{FchmodatFlags, Mode, fchmodat};
use nix::unistd::{Gid, Uid, fchownat};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

/// Directories of the jail's root besides what is shown of the host, with their modes.
const DIRECTORIES: [(&str, u32); 16] = [
    ("boot", 0o755),
    ("dev", 0o755),
    ("home", 0o755),
    ("media", 0o755),
    ("mnt", 0o755),
    ("opt", 0o755),
    ("proc", 0o555),
    ("root", 0o700),
    ("run", 0o755),
    ("srv", 0o755),
    ("sys", 0o555),
    ("tmp", 0o1777),
    ("var", 0o755),
    ("var/tmp", 0o1777),
    ("var/lib", 0o755),
    ("workshop", 0o755),
];

/// Where containers are made, as the workshop's command line has it.
pub const CONTAINERS: &str = "/workshop/containers";

/// Where images lie, as the workshop's command line has it.
pub const IMAGES: &str = "/workshop/images";

/// A world that is attached in this process's namespace, ready to be copied into a jail's.
///
/// Dropping it detaches it here; the jail keeps its copy.
#[must_use]
pub(super) struct World<'a> {
    ground: &'a Ground,
}

impl<'a> World<'a> {
    /// Where its root is, here and in what is copied from here.
    pub(super) fn root(ground: &Ground) -> PathBuf {
        Path::new(ground.staging_path).join(SCRATCH).join(ROOT)
    }

    /// Assembles a world in which `/workshop/images` shows the image directory that was given to
    /// [`Ground::prepare`] at index `images`.
    pub(super) fn assemble(
        ground: &'a Ground,
        images: usize,
        files: &[String],
        limits: &Limits,
    ) -> Result<Self, JailError> {
        let staging = Site::new(ground.staging.as_fd(), ground.ids);
        let sized = || {
            tmpfs(
                ground.ids,
                limits.get(Limit::TmpfsSize),
                limits.get(Limit::TmpfsInodes),
                c"0755",
            )
        };
        // All else that is written lies on one file system, which is not that of the root: a container whose root is a bind
        // mount from below /workshop, or who shows /dev, does not show the host's root with it.
        let scratch = sized()?;
        staging.attach(&scratch, SCRATCH)?;
        let world = World { ground };
        let inner = Site::new(scratch.as_fd(), ground.ids);
        inner.as_owner(|inner| {
            for path in SCRATCH_DIRECTORIES {
                inner.directory(path, 0o755)?;
            }
            dev::furnish(inner, "dev")
        })?;
        dev::make_nodes(&inner, "dev", ground.power)?;
        let root = sized()?;
        inner.attach(&root, ROOT)?;
        let site = Site::new(root.as_fd(), ground.ids);
        site.as_owner(|site| {
            for (path, mode) in DIRECTORIES {
                site.directory(path, mode)?;
            }
            for piece in &ground.pieces {
                match piece {
                    Piece::Link { path, target } => site.link(path, target)?,
                    Piece::Directory { path, .. } => site.directories(path, 0o755)?,
                }
            }
            Ok(())
        })?;
        for piece in &ground.pieces {
            if let Piece::Directory { path, staged } = piece {
                site.attach(&clone(&staging, staged)?, path)?;
            }
        }
        let part = |path: &std::ffi::CStr| {
            sys::open_tree(inner.at, path, sys::CLONE)
                .while_trying(|| format!("clone {}", path.to_string_lossy()))
        };
        let device = part(c"dev")?;
        site.attach(&device, "dev")?;
        dev::bind_nodes(
            &staging,
            &Site::new(device.as_fd(), ground.ids),
            ground.power,
        )?;
        let workshop = part(c"workshop")?;
        site.attach(&workshop, "workshop")?;
        let workshop = Site::new(workshop.as_fd(), ground.ids);
        // A mount of its own, so that a missing MS_REC shows: making "/" private leaves this one shared.
        workshop.attach(&part(c"workshop/containers")?, "containers")?;
        workshop.attach(&show_images(ground, images, files)?, "images")?;
        Ok(world)
    }
}

/// Where, below the staging directory, the file system is attached that is not the root's.
const SCRATCH: &str = "scratch";

/// Where, on that one, the root is: one umount(2) takes both, and waits once until no processor is on its way through them.
const ROOT: &str = "root";

/// What else lies there.
const SCRATCH_DIRECTORIES: [&str; 7] = [
    "dev",
    ROOT,
    "workshop",
    "workshop/containers",
    "workshop/images",
    "upper",
    "work",
];

impl Drop for World<'_> {
    fn drop(&mut self) {
        // Nothing else refers to it here.
        let _ = umount2(
            &Path::new(self.ground.staging_path).join(SCRATCH),
            MntFlags::MNT_DETACH,
        );
    }
}

fn clone(staging: &Site, staged: &str) -> Result<OwnedFd, JailError> {
    let name = c_string(staged)?;
    sys::open_tree(staging.at, &name, sys::CLONE | sys::RECURSIVE)
        .while_trying(|| format!("clone {staged}"))
}

/// The image directory as an overlay: the submission may write to it, even to the tars, and only this jail sees it.
/// Nothing is copied unless it does.
fn show_images(ground: &Ground, index: usize, files: &[String]) -> Result<OwnedFd, JailError> {
    let doing = || "show the images";
    let base = ground.staging_path;
    let lower = c_string(format!("{base}/image/{index}"))?;
    let upper = c_string(format!("{base}/scratch/upper"))?;
    let work = c_string(format!("{base}/scratch/work"))?;
    let mut options = vec![
        (c"source", Some(c"overlay")),
        (c"lowerdir", Some(lower.as_c_str())),
        (c"upperdir", Some(upper.as_c_str())),
        (c"workdir", Some(work.as_c_str())),
    ];
    match ground.power {
        // Changing the owner of a tar then copies its inode alone, and its content only if somebody writes to it.
        Power::Root => options.push((c"metacopy", Some(c"on"))),
        Power::User => options.push((c"userxattr", None)),
    }
    let mount = sys::make_mount(c"overlay", &options, 0).while_trying(doing)?;
    if ground.power == Power::Root {
        // What belongs to host root could not be written, nor chowned, by the jail's.
        for name in files {
            let owner = (
                Uid::from_raw(ground.ids.base),
                Gid::from_raw(ground.ids.base),
            );
            fchownat(
                &mount,
                name.as_str(),
                Some(owner.0),
                Some(owner.1),
                nix::fcntl::AtFlags::empty(),
            )
            .while_trying(doing)?;
            fchmodat(
                &mount,
                name.as_str(),
                Mode::from_bits_truncate(0o644),
                FchmodatFlags::FollowSymlink,
            )
            .while_trying(doing)?;
        }
    }
    Ok(mount)
}
