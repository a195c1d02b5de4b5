//! Writing snapshots into a level file, and making sure that nothing else changes.

use super::Snapshots;
use crate::document::Document;
use crate::level::{LoadedLevel, parse};
use checks::level::Level;
use checks::lint::PathPart;

/// The level file with `snapshots` in it, read again: nothing else may have changed.
///
/// # Errors
/// The snapshot that cannot be put in its place, and what to do about it.
pub(super) fn edited(loaded: &LoadedLevel, snapshots: &[Snapshots]) -> Result<LoadedLevel, String> {
    let mut result = loaded.clone();
    for (index, steps) in snapshots {
        for (step, text) in steps {
            let check = &loaded.level.checks[*index];
            let refuse = || {
                format!(
                    "{}/{}: the snapshot of the step in line {} cannot be written where it stands; write it below `snapshot: |`",
                    loaded.level.level, check.id, check.scenario[*step].line
                )
            };
            let key = |name: &str| PathPart::Key(name.into());
            let path = [
                key("checks"),
                PathPart::Index(*index),
                key("scenario"),
                PathPart::Index(*step),
                key("expect"),
                key("snapshot"),
            ];
            let document =
                Document::read(&loaded.file, result.source.as_bytes()).map_err(|_| refuse())?;
            let source = document.with_scalar(&path, text).ok_or_else(refuse)?;
            let read = parse(&loaded.file, source.as_bytes()).map_err(|_| refuse())?;
            if !differ_only_in(&result.level, &read.level, (*index, *step)) {
                return Err(refuse());
            }
            result = read;
        }
    }
    Ok(result)
}

fn differ_only_in(old: &Level, new: &Level, (check, step): (usize, usize)) -> bool {
    let without = |level: &Level| {
        let mut level = level.clone();
        for check in &mut level.checks {
            check.scenario.iter_mut().for_each(|step| step.line = 0);
        }
        let step = level
            .checks
            .get_mut(check)
            .and_then(|check| check.scenario.get_mut(step));
        if let Some(step) = step {
            step.expect.snapshot = None;
        }
        level
    };
    without(old) == without(new)
}
