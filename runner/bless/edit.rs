//! Writing snapshots into a level file.

use super::Snapshots;
use crate::document::Document;
use crate::level::{LoadedLevel, parse};
use checks::lint::PathPart;

/// The level file with `snapshots` in it, read again. Nothing else has changed: [`Document::with_scalar`] sees to that.
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
            result = parse(&loaded.file, source.as_bytes()).map_err(|_| refuse())?;
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::LevelSet;

    #[test]
    fn every_snapshot_of_ours_can_be_recorded_anew() {
        let levels = LevelSet::embedded().unwrap();
        let mut tried = 0;
        for loaded in levels.iter() {
            for (index, check) in loaded.level.checks.iter().enumerate() {
                for (step, scenario) in check.scenario.iter().enumerate() {
                    if scenario.expect.snapshot.is_none() {
                        continue;
                    }
                    let text = "said \"one\"\n\n  and: two # three\n";
                    let new = edited(loaded, &[(index, vec![(step, text.to_owned())])]).unwrap();
                    let read = &new.level.checks[index].scenario[step].expect.snapshot;
                    assert_ne!(read, &scenario.expect.snapshot);
                    assert!(new.source.contains("and: two # three"), "{}", new.source);
                    tried += 1;
                }
            }
        }
        assert!(tried > 0);
    }
}
