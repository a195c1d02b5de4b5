//! What ground is prepared from, and where.

use super::helper::Helper;
use std::path::{Path, PathBuf};

/// Where the staging directory can be mounted: the first of these that exists. It covers what is there in our own
/// namespace only.
pub(super) const STAGING: [&str; 6] = ["/mnt", "/media", "/srv", "/tmp", "/var", "/usr"];

/// What a jail's world is made from.
#[derive(Debug, Clone, Default)]
pub struct GroundPlan {
    /// Further directories of the host to show, read-only, at the same path: an interpreter under /root.
    pub visible: Vec<PathBuf>,
    /// Files to show below `/rdgrade`.
    pub helpers: Vec<Helper>,
    /// Paths of the host that are still needed after the staging directory has covered what is below it.
    pub avoid: Vec<PathBuf>,
    /// Size of the submission's file system in bytes.
    pub submission_bytes: u64,
}

impl GroundPlan {
    /// Whether ground that was prepared for `earlier` serves this plan as well, but for the submission.
    pub fn serves_as_well(&self, earlier: &GroundPlan) -> bool {
        self.visible == earlier.visible
            && self.helpers == earlier.helpers
            && self.submission_bytes == earlier.submission_bytes
            && self.staging_path() == earlier.staging_path()
    }

    /// Where it is built.
    pub(super) fn staging_path(&self) -> Option<&'static str> {
        let usable = |path: &&str| {
            Path::new(path).is_dir() && !self.avoid.iter().any(|needed| needed.starts_with(path))
        };
        STAGING.into_iter().find(usable)
    }
}
