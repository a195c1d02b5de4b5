//! What a run is asked for, and why it may stop before its end.

use super::task::Settings;
use super::{Entrant, digest};
use crate::image::{ImageError, ImageStore};
use crate::jail::JailError;
use crate::level::Chosen;
use crate::results::ResultsError;
use crate::submission::FindError;
use std::collections::BTreeMap;

/// What to grade.
pub struct Request<'a> {
    /// The programs, and whose they are.
    pub entrants: &'a [Entrant],
    /// The checks.
    pub chosen: Vec<Chosen<'a>>,
    /// The images.
    pub store: &'a ImageStore,
    /// Checks side by side.
    pub jobs: usize,
    /// Deadlines and seed.
    pub settings: Settings,
}

impl Request<'_> {
    /// Digests of the levels' files, by the levels' ids.
    pub fn digests(&self) -> BTreeMap<String, String> {
        let levels = self.chosen.iter().map(|chosen| chosen.loaded);
        levels
            .map(|loaded| (loaded.level.level.clone(), digest::level(loaded)))
            .collect()
    }
}

/// Why a run stopped before its end. What was graded before has been reported.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A mistake in what was asked for: a path, a manifest.
    #[error(transparent)]
    Find(#[from] FindError),
    /// An image cannot be had.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The host does not let us.
    #[error("{0}; {remedy}", remedy = .0.remedy)]
    Jail(#[from] JailError),
    /// What was graded before cannot be read, or what is graded not be kept.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// The reports that wait for their turn cannot be held.
    #[error("failed to hold back a report until its turn (TMPDIR names another place): {0}")]
    Held(std::io::Error),
    /// rdgrade was asked to stop.
    #[error("interrupted; nothing of the submission is left running")]
    Interrupted,
}
