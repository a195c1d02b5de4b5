//! Where the harnesses work: file systems that nobody else sees, in a mount namespace of our own.

use anyhow::{Context, ensure};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Size of the ext4: a journal, and room for what is unpacked side by side.
const EXT4_BYTES: u64 = 512 << 20;

/// A file system to work on. All that is mounted goes with the namespace, whatever becomes of us.
pub struct Place {
    /// For people.
    pub name: &'static str,
    path: PathBuf,
    /// The mount point, if it was made for this place.
    directory: Option<TempDir>,
}

impl Place {
    /// A tmpfs. Leaves the host's mount namespace, for good.
    pub fn tmpfs() -> anyhow::Result<Place> {
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
        let place = Place {
            name: "a tmpfs",
            path: directory.path().join("tmpfs"),
            directory: Some(directory),
        };
        place.furnish()?;
        Ok(place)
    }

    /// An ext4 with a journal, in a file on `within`: a disk's own file system may have none, and slows down with its history.
    pub fn ext4(within: &Place) -> anyhow::Result<Place> {
        let (file, path) = (within.path.join("ext4.img"), within.path.join("ext4"));
        fs::File::create(&file)
            .and_then(|file| file.set_len(EXT4_BYTES))
            .context("failed to make a disk image")?;
        let made = Command::new("mkfs.ext4")
            .arg("-q")
            .arg(&file)
            .status()
            .context("failed to run mkfs.ext4")?;
        ensure!(made.success(), "mkfs.ext4 failed");
        fs::create_dir(&path)?;
        let mounted = Command::new("mount")
            .args(["-t", "ext4", "-o", "loop"])
            .args([&file, &path])
            .status()?;
        ensure!(mounted.success(), "failed to mount the disk image");
        let place = Place {
            name: "a journaled ext4",
            path,
            directory: None,
        };
        place.furnish()?;
        Ok(place)
    }

    fn furnish(&self) -> anyhow::Result<()> {
        ["", "containers", "cache", "tmp"]
            .iter()
            .try_for_each(|name| fs::create_dir_all(self.path.join(name)))
            .context("failed to make the directories to work in")
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same command in a copy of the root file system that is thrown away: a program without chroot(2) writes to the root.
    pub fn thrown_away(&self, command: &Command) -> anyhow::Result<Command> {
        let scratch = self.path.join("thrown-away");
        let script = "set -e; s=$1 keep=$2; shift 2; mkdir -p $s; mount -t tmpfs tmpfs $s; mkdir $s/upper $s/work $s/root
            mount -t overlay overlay -o lowerdir=/,upperdir=$s/upper,workdir=$s/work $s/root
            for d in /proc /sys /dev \"$keep\"; do mkdir -p $s/root$d; mount --rbind $d $s/root$d; done
            exec chroot $s/root \"$@\"";
        let mut inside = Command::new("unshare");
        let kept = self
            .directory
            .as_ref()
            .map_or(self.path.as_path(), TempDir::path);
        inside
            .args([
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                script,
                "sh",
            ])
            .arg(scratch)
            .arg(kept);
        inside.arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            if let Some(value) = value {
                inside.env(key, value);
            }
        }
        Ok(inside)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(directory) = &self.directory {
            let _ = umount2(directory.path(), MntFlags::MNT_DETACH);
        }
    }
}
