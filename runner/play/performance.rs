//! What playing a check comes to.

use crate::recording::Recording;
use checks::report::CheckResult;
use serde::{Deserialize, Serialize};

/// What came of playing a check.
#[derive(Debug, Serialize, Deserialize)]
pub struct Performance {
    /// How it was judged.
    pub result: CheckResult,
    /// What the terminal showed, where that was asked for.
    pub recording: Option<Recording>,
}

impl From<CheckResult> for Performance {
    /// Of a check that was not played.
    fn from(result: CheckResult) -> Self {
        Performance {
            result,
            recording: None,
        }
    }
}
