//! A task: one submission's program and the checks to play with it.

use super::Unit;
use crate::doctor;
use crate::image::{ImageError, ImageStore, Mapping};
use crate::jail::{GroundPlan, Helper, HelperContent, Power};
use crate::level::{Chosen, LoadedLevel};
use crate::play::{IMAGE, ShownImages, observe::ImageView};
use crate::recording::Record;
use crate::submission::{Content, CopyEntry, Source, Submission};
use checks::level::{Ability, Check};
use checks::limit::Overrides;
use checks::report::{CheckResult, LevelResult};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Everything needed to grade one submission's program.
pub struct Task {
    /// What is graded.
    pub submission: Submission,
    /// What of it is copied into the jail.
    pub copied: Vec<CopyEntry>,
    /// The levels.
    pub levels: Vec<Rc<LoadedLevel>>,
    /// The checks to play.
    pub units: Vec<Unit>,
    /// What the jails are made from.
    pub plan: GroundPlan,
    /// Host directories with images, in the order of `images`.
    pub image_directories: Vec<PathBuf>,
    /// What the image directories hold.
    pub images: Vec<ShownImages>,
    /// What this host cannot do, with the reason.
    pub missing: BTreeMap<Ability, String>,
    /// Longest time for a step.
    pub timeout: Duration,
    /// What nonces are made from.
    pub seed: u64,
    /// Whether it is told where the time goes.
    pub timed: Timed,
    /// Limits set on the command line.
    pub limits: Overrides,
    /// Whether recordings are made.
    pub record: Record,
}

/// What one submission's task has that the next one's has not.
#[derive(Debug, Serialize, Deserialize)]
pub struct Newcomer {
    /// What is graded.
    pub submission: Submission,
    /// What of it is copied into the jail.
    pub copied: Vec<CopyEntry>,
}

/// What all tasks of a run share.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Longest time for a step, unless it says otherwise.
    pub timeout: Duration,
    /// What nonces are made from.
    pub seed: u64,
    /// Whether it is told where the time goes.
    pub timed: Timed,
    /// Limits set on the command line.
    pub limits: Overrides,
    /// Whether recordings are made.
    pub record: Record,
}

/// Whether it is told where the time of each check goes. To know the end of a jail it has to be waited for, which costs time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Timed {
    /// Nobody asked.
    #[default]
    No,
    /// Each check's result comes when its jail has ended, and after its timings.
    Yes,
}

/// Room for a submission and what its build makes, in bytes.
const SUBMISSION_BYTES: u64 = 512 << 20;

impl Task {
    /// Puts a task together; images are made if they are not in the cache yet.
    ///
    /// # Errors
    /// When an image cannot be had.
    pub fn new(
        submission: Submission,
        copied: Vec<CopyEntry>,
        chosen: &[Chosen],
        store: &ImageStore,
        settings: Settings,
    ) -> Result<Task, ImageError> {
        let levels: Vec<Rc<LoadedLevel>> =
            chosen.iter().map(|chosen| chosen.loaded.clone()).collect();
        let mut units = Vec::new();
        for (level, chosen) in chosen.iter().enumerate() {
            units.extend(chosen.checks.iter().map(|check| Unit {
                level,
                check: *check,
            }));
        }
        let mut images = Vec::new();
        let mut image_directories = Vec::new();
        let checks = units
            .iter()
            .map(|unit| &levels[unit.level].level.checks[unit.check]);
        let mappings: BTreeSet<Mapping> = checks.map(mapping).collect();
        for key in mappings {
            let directory = store.directory(&key)?;
            let known = directory.images.get(IMAGE);
            images.push(ShownImages {
                files: directory
                    .images
                    .keys()
                    .flat_map(|name| [format!("{name}.tar"), format!("{name}.tar.gz")])
                    .collect(),
                view: ImageView {
                    name: IMAGE.to_owned(),
                    digest: known.map(|image| image.digest.clone()).unwrap_or_default(),
                    top: known.map(|image| image.top.clone()).unwrap_or_default(),
                    seal: None,
                },
                key,
            });
            image_directories.push(directory.path);
        }
        let checks = units
            .iter()
            .map(|unit| &levels[unit.level].level.checks[unit.check]);
        let missing = doctor::missing(Power::of_this_process(), checks);
        let plan = GroundPlan {
            visible: submission.visible.clone(),
            helpers: helpers(&submission),
            submission_bytes: SUBMISSION_BYTES,
            avoid: root_of(&submission.source).into_iter().collect(),
        };
        Ok(Task {
            copied,
            levels,
            units,
            plan,
            image_directories,
            images,
            missing,
            timeout: settings.timeout,
            seed: settings.seed,
            timed: settings.timed,
            record: settings.record,
            limits: settings.limits,
            submission,
        })
    }

    /// Whether another submission's task differs from this in nothing but that submission, and ground prepared for this one serves
    /// it as well.
    pub fn serves(&self, other: &Task) -> bool {
        let levels = |task: &Task| -> Vec<_> { task.levels.iter().map(Rc::as_ptr).collect() };
        levels(self) == levels(other)
            && self.units == other.units
            && self.image_directories == other.image_directories
            && self.submission.inject == other.submission.inject
            && other.plan.serves_as_well(&self.plan)
    }

    /// What [`Task::of_newcomer`] needs to make this task of one that serves it.
    pub fn newcomer(&self) -> Newcomer {
        Newcomer {
            submission: self.submission.clone(),
            copied: self.copied.clone(),
        }
    }

    /// The same task for another submission.
    pub fn of_newcomer(&self, newcomer: Newcomer) -> Task {
        let mut submission = newcomer.submission;
        submission.visible.clone_from(&self.submission.visible);
        submission.inject.clone_from(&self.submission.inject);
        Task {
            submission,
            copied: newcomer.copied,
            levels: self.levels.clone(),
            units: self.units.clone(),
            plan: self.plan.clone(),
            image_directories: self.image_directories.clone(),
            images: self.images.clone(),
            missing: self.missing.clone(),
            ..*self
        }
    }

    /// The results of the units that this host cannot show; `None` for all others.
    pub fn ungradable(&self) -> Vec<Option<CheckResult>> {
        let units = (0..self.units.len()).map(|index| self.check(index));
        let missing = |check: &Check| {
            let reason = check
                .requires
                .iter()
                .find_map(|ability| self.missing.get(ability));
            reason.map(|reason| checks::judge::ungradable(check, reason))
        };
        units.map(missing).collect()
    }

    /// The check of a unit.
    pub fn check(&self, index: usize) -> &Check {
        let unit = self.units[index];
        &self.levels[unit.level].level.checks[unit.check]
    }
}

/// The results of a task by level, with what their checks need taken into account.
pub fn settle(task: &Task, results: Vec<CheckResult>) -> Vec<LevelResult> {
    let mut by_level: Vec<Vec<CheckResult>> = task.levels.iter().map(|_| Vec::new()).collect();
    for (unit, result) in task.units.iter().zip(results) {
        by_level[unit.level].push(result);
    }
    let pairs = task
        .levels
        .iter()
        .zip(by_level)
        .filter(|(_, results)| !results.is_empty());
    pairs
        .map(|(loaded, results)| checks::score::settle(&loaded.level, results))
        .collect()
}

/// The image mapping of a check, the workshop's image where it names none.
pub fn mapping(check: &Check) -> Mapping {
    if check.images.is_empty() {
        return Mapping::from([(IMAGE.to_owned(), vec![IMAGE.to_owned()])]);
    }
    check.images.clone()
}

fn helpers(submission: &Submission) -> Vec<Helper> {
    let inside = |path: &str| path.trim_start_matches("/rdgrade/").to_owned();
    let injected = submission.inject.iter().map(|file| Helper {
        path: inside(&file.inside),
        content: match &file.content {
            Content::HostFile(path) => HelperContent::File(path.clone()),
            Content::Text(text) => HelperContent::Text(text),
        },
    });
    injected.collect()
}

fn root_of(source: &Source) -> Option<PathBuf> {
    match source {
        Source::File(path) | Source::Directory(path) => path.canonicalize().ok(),
        Source::Nothing => None,
    }
}
