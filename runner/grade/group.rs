//! One program of a submission: a group of its levels.

use super::task::Task;
use crate::level::Chosen;
use crate::submission::{CopyEntry, Submission};
use checks::report::CheckResult;
use std::rc::Rc;

/// One program of a submission, and the levels it is graded at.
pub(super) struct Group<'a> {
    pub submission: Option<(Submission, Vec<CopyEntry>)>,
    /// Each with its place among the levels that were asked for.
    pub chosen: Vec<(usize, Chosen<'a>)>,
    pub task: Option<Rc<Task>>,
    pub results: Vec<Option<CheckResult>>,
}

impl Group<'_> {
    /// What a person calls it, and what is copied of it; `None` once all its checks have results.
    pub fn program(&self) -> Option<(&str, &[CopyEntry])> {
        match (&self.submission, &self.task) {
            (Some((submission, copied)), _) => Some((&submission.display, copied)),
            (None, Some(task)) => Some((&task.submission.display, &task.copied)),
            (None, None) => None,
        }
    }
}
