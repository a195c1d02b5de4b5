//! What a layer is made of: nothing but directories, this host, or a file that was given.

use super::cache::Cache;
use super::error::ImageError;
use super::harvest::{Harvest, harvest};
use super::limits::Limits;
use super::programs::{self, REQUIRED, WELCOME};
use super::skeleton;
use super::stamp::Stamp;
use super::survey::{Stop, survey};
use super::tree::Tree;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Raised when the way an image is made changes without its recipe changing.
const FORMAT: u32 = 1;

/// The cache's note of what the host's image was made of.
const RECORD: &str = "harvest.json";

/// One layer.
#[derive(Debug)]
pub enum Source {
    /// `skeleton`.
    Skeleton,
    /// `ubuntu`, made of the host.
    Host {
        /// What it was made of.
        record: Record,
        /// The image itself, if it had to be made anew.
        tree: Option<Tree>,
    },
    /// `--image NAME=FILE`.
    File {
        /// The archive.
        path: PathBuf,
        /// As it was when it was looked at.
        stamp: Stamp,
    },
}

/// What the host's image was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    recipe: String,
    stamps: Vec<Stamp>,
    absent: Vec<String>,
}

impl Record {
    fn holds(&self) -> bool {
        let appeared = |name: &&'static str| {
            self.absent.iter().any(|absent| absent == name) && programs::find(name).is_some()
        };
        self.recipe == recipe()
            && self.stamps.iter().all(Stamp::holds)
            && !WELCOME.iter().any(appeared)
    }
}

impl Source {
    /// The layer `skeleton`.
    pub fn skeleton() -> Self {
        Self::Skeleton
    }

    /// The layer made of this host; the host is read only if something changed since it was last.
    ///
    /// # Errors
    /// As [`harvest`], and [`ImageError::Cache`].
    pub fn host(cache: &Cache) -> Result<Self, ImageError> {
        let kept = fs::read(cache.root().join(RECORD)).ok();
        let kept: Option<Record> = kept.and_then(|json| serde_json::from_slice(&json).ok());
        if let Some(record) = kept.filter(Record::holds) {
            return Ok(Self::Host { record, tree: None });
        }
        let Harvest {
            tree,
            stamps,
            absent,
        } = harvest()?;
        let record = Record {
            recipe: recipe(),
            stamps,
            absent,
        };
        let json = serde_json::to_vec(&record)
            .map_err(|error| ImageError::cache("write", cache.root())(error.into()))?;
        cache.replace(RECORD, &json)?;
        Ok(Self::Host {
            record,
            tree: Some(tree),
        })
    }

    /// The layer that is in `path`.
    ///
    /// # Errors
    /// [`ImageError::Unreadable`].
    pub fn file(path: &Path) -> Result<Self, ImageError> {
        let unreadable = |cause| ImageError::Unreadable {
            file: path.to_owned(),
            cause,
        };
        let real = path.canonicalize().map_err(unreadable)?;
        let stamp = Stamp::of(&real).map_err(unreadable)?;
        if real.is_dir() {
            return Err(unreadable(std::io::ErrorKind::IsADirectory.into()));
        }
        Ok(Self::File {
            path: path.to_owned(),
            stamp,
        })
    }

    /// All the layer's content depends on, as one line; the cache's key is made of these.
    pub fn key(&self, limits: Limits) -> String {
        match self {
            Self::Skeleton => format!("skeleton {}", recipe()),
            Self::Host { record, .. } => format!("host {} {:?}", record.recipe, record.stamps),
            Self::File { stamp, .. } => format!("file {FORMAT} {stamp:?} {limits:?}"),
        }
    }

    /// The files it was made of.
    pub fn stamps(&self) -> &[Stamp] {
        match self {
            Self::Skeleton => &[],
            Self::Host { record, .. } => &record.stamps,
            Self::File { stamp, .. } => std::slice::from_ref(stamp),
        }
    }

    /// What it is called in an error.
    pub fn file_name(&self) -> PathBuf {
        match self {
            Self::Skeleton => "skeleton".into(),
            Self::Host { .. } => "ubuntu".into(),
            Self::File { path, .. } => path.clone(),
        }
    }

    /// Writes the layer as a plain tar to `out`, which is the file `to`.
    ///
    /// # Errors
    /// Any [`ImageError`]: this is where an archive is refused.
    pub fn write(&self, mut out: File, to: &Path, limits: Limits) -> Result<(), ImageError> {
        let tree = match self {
            Self::Skeleton => &skeleton::directories(),
            Self::Host {
                tree: Some(tree), ..
            } => tree,
            Self::Host { tree: None, .. } => &harvest()?.tree,
            Self::File { path, stamp } => {
                let unreadable = |cause| ImageError::Unreadable {
                    file: path.clone(),
                    cause,
                };
                let packed = File::open(&stamp.path).map_err(unreadable)?;
                let packed_bytes = packed.metadata().map_err(unreadable)?.len();
                let surveyed = survey(packed, packed_bytes, &mut out, limits);
                return surveyed.map(drop).map_err(|stop| stopped(stop, path, to));
            }
        };
        tree.write_tar(BufWriter::with_capacity(1 << 18, out))
            .map_err(ImageError::cache("write", to))
    }
}

/// A stopped survey of `file`, whose copy goes to `to`.
pub fn stopped(stop: Stop, file: &Path, to: &Path) -> ImageError {
    match stop {
        Stop::Writing(cause) => ImageError::cache("write", to)(cause),
        stop => stop.into_error(file),
    }
}

/// A digest of everything that rdgrade itself puts into its images.
fn recipe() -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(
        format!(
            "{FORMAT} {REQUIRED:?} {WELCOME:?} {:?}",
            skeleton::configured()
        )
        .as_bytes(),
    );
    hasher.finalize().to_hex()[..32].to_owned()
}
