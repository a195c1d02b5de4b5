//! The cache directory: finished entries appear in one rename, and what a killed rdgrade left is swept away.

use super::error::ImageError;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::statfs::{OVERLAYFS_SUPER_MAGIC, statfs};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Names of entries that are still being made.
const UNFINISHED: &str = "tmp.";

/// The cache, open. While it lives, no other rdgrade sweeps.
#[derive(Debug)]
pub struct Cache {
    root: PathBuf,
    /// Shared while in use, exclusive for the moment of a sweep. The kernel lets go of it whatever ends us.
    lock: Flock<File>,
}

impl Cache {
    /// Opens the cache at `root`, creating it if need be, and sweeps what was left unfinished.
    ///
    /// # Errors
    /// [`ImageError::Cache`], [`ImageError::ForeignCache`] and [`ImageError::Stacked`].
    pub fn open(root: &Path) -> Result<Self, ImageError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(root)
            .map_err(ImageError::cache("create", root))?;
        let owner = fs::metadata(root)
            .map_err(ImageError::cache("inspect", root))?
            .uid();
        if owner != 0 && owner != nix::unistd::geteuid().as_raw() {
            return Err(ImageError::ForeignCache {
                path: root.to_owned(),
                owner,
            });
        }
        let there =
            statfs(root).map_err(|errno| ImageError::cache("inspect", root)(errno.into()))?;
        if there.filesystem_type() == OVERLAYFS_SUPER_MAGIC {
            return Err(ImageError::Stacked(root.to_owned()));
        }
        let path = root.join("lock");
        // Reading suffices for flock(2), so that a cache which is only readable still serves.
        let file = File::open(&path)
            .or_else(|_| {
                OpenOptions::new()
                    .read(true)
                    .append(true)
                    .create(true)
                    .mode(0o644)
                    .open(&path)
            })
            .map_err(ImageError::cache("create", &path))?;
        let lock = Flock::lock(file, FlockArg::LockShared)
            .map_err(|(_, errno)| ImageError::cache("lock", &path)(errno.into()))?;
        let cache = Self {
            root: root.to_owned(),
            lock,
        };
        if cache.entries().any(|entry| is_unfinished(&entry)) {
            cache.sweep(is_unfinished);
        }
        Ok(cache)
    }

    /// The directory rdgrade caches in: `$XDG_CACHE_HOME/rdgrade`, `~/.cache/rdgrade`, or /var/cache/rdgrade for a root
    /// without a home. The XDG specification says to ignore relative paths.
    ///
    /// # Errors
    /// [`ImageError::NoCache`].
    pub fn location(variable: impl Fn(&str) -> Option<PathBuf>) -> Result<PathBuf, ImageError> {
        let absolute = |name| variable(name).filter(|path| path.is_absolute());
        if let Some(caches) = absolute("XDG_CACHE_HOME") {
            return Ok(caches.join("rdgrade"));
        }
        // HOME=/ is what programs started without a login see.
        match absolute("HOME").filter(|home| home != Path::new("/")) {
            Some(home) => Ok(home.join(".cache/rdgrade")),
            None if nix::unistd::geteuid().is_root() => Ok("/var/cache/rdgrade".into()),
            None => Err(ImageError::NoCache),
        }
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The finished entry `key`, if there is one.
    pub fn find(&self, key: &str) -> Option<PathBuf> {
        Some(self.root.join(key)).filter(|path| path.is_dir())
    }

    /// A directory in which an entry can be made. Dropped unpublished, it is removed.
    ///
    /// # Errors
    /// [`ImageError::Cache`].
    pub fn draft(&self) -> Result<Draft, ImageError> {
        // Not by process id: somebody in another pid namespace who shares the cache may have the same.
        let made = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir_in(&self.root)
            .map_err(ImageError::cache("create", &self.root))?;
        Ok(Draft { path: made.keep() })
    }

    /// Makes `draft` the entry `key`. If another rdgrade was faster, its entry, made of the same things, is kept.
    ///
    /// # Errors
    /// [`ImageError::Cache`].
    pub fn publish(&self, draft: Draft, key: &str) -> Result<PathBuf, ImageError> {
        let path = self.root.join(key);
        fs::set_permissions(&draft.path, fs::Permissions::from_mode(0o755))
            .map_err(ImageError::cache("write", &draft.path))?;
        match fs::rename(&draft.path, &path) {
            Ok(()) => Ok(path),
            Err(_) if path.is_dir() => Ok(path),
            Err(error) => Err(ImageError::cache("create", &path)(error)),
        }
    }

    /// Puts the small file `name` in the place of an older one, in one rename.
    ///
    /// # Errors
    /// [`ImageError::Cache`].
    pub fn replace(&self, name: &str, content: &[u8]) -> Result<(), ImageError> {
        let draft = self.draft()?;
        let (from, to) = (draft.path.join(name), self.root.join(name));
        fs::write(&from, content).map_err(ImageError::cache("write", &from))?;
        fs::rename(&from, &to).map_err(ImageError::cache("create", &to))
    }

    /// Removes the entries `stale` says yes to, if no other rdgrade is using the cache just now. Best effort: the
    /// next run tries again.
    pub fn sweep(&self, stale: impl Fn(&Path) -> bool) {
        // A failed attempt may cost the shared lock (flock(2)): taken again below, either way.
        if self.lock.relock(FlockArg::LockExclusiveNonblock).is_ok() {
            for entry in self.entries().filter(|entry| stale(entry)) {
                let _ = fs::remove_dir_all(entry);
            }
        }
        let _ = self.lock.relock(FlockArg::LockShared);
    }

    fn entries(&self) -> impl Iterator<Item = PathBuf> {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
    }
}

/// Whether an entry was never published.
pub fn is_unfinished(entry: &Path) -> bool {
    entry
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(UNFINISHED))
}

/// An entry in the making.
#[derive(Debug)]
#[must_use]
pub struct Draft {
    path: PathBuf,
}

impl Draft {
    /// Creates a file in it that its readers cannot write to.
    ///
    /// # Errors
    /// [`ImageError::Cache`].
    pub fn create(&self, name: &str) -> Result<(PathBuf, File), ImageError> {
        let path = self.path.join(name);
        let made = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o444)
            .open(&path);
        let file = made.and_then(|file| {
            // Once more, since the umask may have taken bits that the jail's mapped root needs.
            file.set_permissions(fs::Permissions::from_mode(0o444))?;
            Ok(file)
        });
        Ok((
            path.clone(),
            file.map_err(ImageError::cache("create", &path))?,
        ))
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename there is nothing left here, which is as it should be.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// For callers that write through plain `io`.
pub fn written(path: &Path) -> impl FnOnce(io::Error) -> ImageError {
    ImageError::cache("write", path)
}
