//! The submission's own build step, run in a jail like everything that is the submission's.

use super::Task;
use super::frame::Frame;
use crate::jail::{Ground, Images, Jail};
use crate::play::{self, SceneError};
use checks::limit::Limits;
use checks::played::{Exit, Trouble};
use std::os::fd::{AsFd, OwnedFd};

/// A build may take as long as this many steps: five minutes, unless somebody says otherwise.
const STEPS: u32 = 30;

/// Bytes of a failed build's output that are shown.
const SHOWN: usize = 4_000;

/// Builds the submission where it lies. It is not sealed yet, so what the build makes stays.
pub fn run(task: &Task, ground: &Ground, lease: &OwnedFd) -> Result<(), Frame> {
    let Some(build) = &task.submission.build else {
        return Ok(());
    };
    let ours = |error: String| Frame::NotGraded {
        reason: format!("failed to build the submission: {error}"),
        remedy: "this is rdgrade's failure, not the submission's".to_owned(),
    };
    let files = task
        .images
        .first()
        .map(|shown| shown.files.as_slice())
        .unwrap_or_default();
    let limits = Limits::of_build(&task.limits);
    let jail = Jail::create(ground, &Images { index: 0, files }, &limits)
        .map_err(|error| ours(error.to_string()))?;
    let limit = task.timeout * STEPS;
    let environment = &task.submission.environment;
    let built = play::run_alone(jail, lease.as_fd(), build, environment, limit).map_err(
        |error| match error {
            SceneError::Unfit(_) => super::playing::unfit(&error),
            error => ours(error.to_string()),
        },
    )?;
    let typed = build.join(" ");
    let tail: String = {
        let text = built.output.text.trim_end();
        let from = text.char_indices().rev().nth(SHOWN).map_or(0, |(at, _)| at);
        text[from..].to_owned()
    };
    match (built.trouble, built.exit) {
        (Some(Trouble::Deadline { after_ms, .. }), _) => Err(Frame::BuildFailed(format!(
            "`{typed}` did not end within {after_ms} ms\n{tail}"
        ))),
        (Some(Trouble::Limit(exceeded)), _) => Err(Frame::BuildFailed(format!(
            "`{typed}`: {} ({})\n{tail}",
            exceeded.says(),
            exceeded.evidence.join(", ")
        ))),
        (_, Some(Exit::Code(0))) => Ok(()),
        (_, Some(Exit::Code(127))) => Err(Frame::NotGraded {
            reason: format!(
                "`{typed}` could not be run: {} is not there",
                build.first().map_or("", String::as_str)
            ),
            remedy: "install it, or correct `build` in rdgrade.yaml".to_owned(),
        }),
        (_, exit) => Err(Frame::BuildFailed(format!(
            "`{typed}` failed ({exit:?})\n{tail}"
        ))),
    }
}
