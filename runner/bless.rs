//! Recording a level's snapshots anew from what the reference prints.

mod edit;

use crate::grade::{Graded, RunError, Settings, Signals, Task, grade, part};
use crate::image::ImageStore;
use crate::level::{Chosen, LoadedLevel};
use crate::play::bindings;
use crate::recording::Record;
use crate::submission::Submission;
use checks::captures::Captures;
use checks::report::{CheckResult, Status};
use edit::edited;
use std::rc::Rc;

/// What recording needs.
pub struct Recorder<'a> {
    /// The images.
    pub store: &'a ImageStore,
    /// Workers side by side.
    pub jobs: usize,
    /// Deadlines and seed.
    pub settings: Settings,
    /// Signals of this process.
    pub signals: &'a Signals,
}

/// A level file as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its text; the old one if nothing changed.
    pub text: String,
    /// The steps that were recorded anew.
    pub changed: Vec<Change>,
    /// Checks whose snapshots stay as they are, and why, one sentence each.
    pub refused: Vec<String>,
    /// Checks that this host cannot show, and why: nothing was learnt about them.
    pub unplayed: Vec<String>,
}

/// A step that was recorded anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Id of the check.
    pub check: String,
    /// Line of the step in the file as it was, 1-based.
    pub line: usize,
}

/// New snapshots for the steps of one check: index of the check, then step and text.
type Snapshots = (usize, Vec<(usize, String)>);

impl Recorder<'_> {
    /// Plays the chosen checks that have a snapshot, and records those anew that no longer match. Each is then played
    /// once more, with another seed: what does not pass twice is not recorded.
    ///
    /// # Errors
    /// When the reference cannot be played here.
    pub fn record(&self, chosen: &Chosen) -> Result<Recorded, RecordError> {
        let loaded = chosen.loaded;
        let speaks = |index: &usize| {
            let check = loaded.level.checks.get(*index);
            check.is_some_and(|check| {
                check
                    .scenario
                    .iter()
                    .any(|step| step.expect.snapshot.is_some())
            })
        };
        let checks: Vec<usize> = chosen.checks.iter().copied().filter(speaks).collect();
        let mut recorded = Recorded {
            text: loaded.source.clone(),
            changed: Vec::new(),
            refused: Vec::new(),
            unplayed: Vec::new(),
        };
        let mut found: Vec<Snapshots> = Vec::new();
        for (snapshots, result) in self.play(loaded, checks, self.settings)? {
            let name = format!("{}/{}", loaded.level.level, result.id);
            match result.status {
                Status::Ungradable => recorded.unplayed.push(format!("{name}: {}", result.reason)),
                Status::Error => recorded.refused.push(format!("{name}: {}", result.reason)),
                _ if !snapshots.1.is_empty() => found.push(snapshots),
                Status::Pass => {}
                Status::Fail | Status::Blocked => {
                    recorded.refused.push(format!(
                        "{name}: fails for another reason: {}",
                        result.reason
                    ));
                }
            }
        }
        found.retain(
            |snapshots| match edited(loaded, std::slice::from_ref(snapshots)) {
                Ok(_) => true,
                Err(why) => {
                    recorded.refused.push(why);
                    false
                }
            },
        );
        let proven = self.proven(loaded, found, &mut recorded.refused)?;
        recorded.text = edited(loaded, &proven).map_err(RecordError::Edit)?.source;
        for (index, snapshots) in &proven {
            let check = &loaded.level.checks[*index];
            recorded
                .changed
                .extend(snapshots.iter().map(|(step, _)| Change {
                    check: check.id.clone(),
                    line: check.scenario[*step].line,
                }));
        }
        Ok(recorded)
    }

    /// Those of `found` that pass when they are played again.
    fn proven(
        &self,
        loaded: &LoadedLevel,
        found: Vec<Snapshots>,
        refused: &mut Vec<String>,
    ) -> Result<Vec<Snapshots>, RecordError> {
        if found.is_empty() {
            return Ok(found);
        }
        let candidate = edited(loaded, &found).map_err(RecordError::Edit)?;
        let checks = found.iter().map(|(index, _)| *index).collect();
        let settings = Settings {
            record: Record::Off,
            seed: self.settings.seed.wrapping_add(1),
            ..self.settings
        };
        let played = self.play(&Rc::new(candidate), checks, settings)?;
        let pairs = found.into_iter().zip(played).filter_map(|(snapshots, ((_, again), result))| {
            if result.status == Status::Pass {
                return Some(snapshots);
            }
            let (name, reason) = (format!("{}/{}", loaded.level.level, result.id), &result.reason);
            refused.push(match again.is_empty() {
                true => format!("{name}: fails with its new snapshot, too: {reason}"),
                false => format!(
                    "{name}: prints something else when it is played again: {reason}; write `[..]` for what changes"
                ),
            });
            None
        });
        Ok(pairs.collect())
    }

    /// Plays `checks`; for each, what its snapshots have to become, and its result.
    fn play(
        &self,
        loaded: &Rc<LoadedLevel>,
        checks: Vec<usize>,
        settings: Settings,
    ) -> Result<Vec<(Snapshots, CheckResult)>, RecordError> {
        if checks.is_empty() {
            return Ok(Vec::new());
        }
        let level = &loaded.level.level;
        let submission = Submission::reference(level).map_err(RecordError::Reference)?;
        let copied = submission
            .copied()
            .map_err(|error| RecordError::NotPlayed(error.to_string()))?;
        let chosen = [Chosen {
            loaded,
            checks: checks.clone(),
        }];
        let task =
            Task::new(submission, copied, &chosen, self.store, settings).map_err(RunError::from)?;
        let results =
            match grade(&task, self.jobs, self.signals, |_, _| {}).map_err(RunError::from)? {
                Graded::Results(results) => results,
                Graded::Not(why) => {
                    return Err(RecordError::NotPlayed(format!(
                        "{}; {}",
                        why.reason, why.remedy
                    )));
                }
                Graded::Interrupted => return Err(RunError::Interrupted.into()),
            };
        let units = task.units.iter().zip(checks).zip(results);
        Ok(units
            .map(|((unit, index), result)| {
                ((index, snapshots(&part(&task, unit), &result)), result)
            })
            .collect())
    }
}

/// The snapshots of a check that do not match what was printed, as they have to be.
fn snapshots(part: &crate::play::Part, result: &CheckResult) -> Vec<(usize, String)> {
    let known = bindings(part);
    let mut captures = Captures::new(known.captures);
    let mut found = Vec::new();
    for (index, step) in part.check.scenario.iter().enumerate() {
        let printed = result.transcript.iter().find(|entry| entry.step == index);
        if let (Some(snapshot), Some(printed)) = (&step.expect.snapshot, printed) {
            let new = checks::bless::bless(snapshot, &printed.output, &known.words, &mut captures);
            found.extend(new.map(|new| (index, new)));
        }
    }
    found
}

/// Why nothing could be recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The reference is this very program.
    #[error("failed to find rdgrade's own program: {0}; is /proc mounted?")]
    Reference(std::io::Error),
    /// The reference cannot be played.
    #[error("failed to play the reference: {0}")]
    NotPlayed(String),
    /// A change that could be made alone could not be made among others.
    #[error("failed to edit the level file: {0}")]
    Edit(String),
    /// Grading stopped.
    #[error(transparent)]
    Run(#[from] RunError),
}
