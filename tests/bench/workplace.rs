//! Where the benchmark works: a tmpfs that nobody else sees, in a mount namespace of its own.

use anyhow::Context;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use rdgrade::image::{ImageStore, Limits, Mapping};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The tmpfs. What the script mounts goes with the namespace, whatever becomes of us.
pub struct Workplace {
    directory: TempDir,
    /// Where the script makes its containers.
    pub containers: PathBuf,
}

/// Image directories.
pub struct Images {
    /// With the image that has a shell.
    pub ubuntu: PathBuf,
    /// With the image that has directories alone.
    pub skeleton: PathBuf,
}

impl Workplace {
    /// Leaves the host's mount namespace, for good.
    ///
    /// # Errors
    /// Those of unshare(2) and mount(2).
    pub fn make() -> anyhow::Result<Self> {
        let none: Option<&str> = None;
        unshare(CloneFlags::CLONE_NEWNS).context("failed to unshare the mount namespace")?;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
            .context("failed to make mounts private")?;
        let directory = tempfile::tempdir().context("failed to make a directory")?;
        mount(
            Some("tmpfs"),
            directory.path(),
            Some("tmpfs"),
            MsFlags::empty(),
            none,
        )
        .context("failed to mount a tmpfs")?;
        let containers = directory.path().join("containers");
        fs::create_dir(&containers).context("failed to make the containers directory")?;
        Ok(Workplace {
            directory,
            containers,
        })
    }

    /// A command whose rdgrade caches here.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("XDG_CACHE_HOME", self.cache());
        command
    }

    /// The images of level 01, as its checks see them.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn images(&self) -> anyhow::Result<Images> {
        let store = ImageStore::open_at(&self.cache().join("rdgrade"), &[], Limits::default())?;
        let directory = |layer: &str| {
            let mapping = Mapping::from([("ubuntu".to_owned(), vec![layer.to_owned()])]);
            store.directory(&mapping).map(|directory| directory.path)
        };
        Ok(Images {
            ubuntu: directory("ubuntu")?,
            skeleton: directory("skeleton")?,
        })
    }

    fn cache(&self) -> PathBuf {
        self.path().join("cache")
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // The directory below it can then be removed.
        let _ = umount2(self.path(), MntFlags::MNT_DETACH);
    }
}
