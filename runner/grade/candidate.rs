//! A submission that is being graded: its programs, its results so far, and the report they come to.

use super::digest;
use super::group::Group;
use super::request::{Request, RunError};
use super::task::{Task, settle};
use super::{Entrant, Program};
use crate::event::{Digests, NotGraded, SCHEMA, SubmissionReport};
use crate::level::Chosen;
use crate::results::{Asked, CheckRecord, Known, Place};
use crate::submission::{FindError, Submission};
use checks::report::{CheckResult, LevelResult};
use std::path::PathBuf;
use std::rc::Rc;
use tempfile::TempDir;

/// `rdgrade 0.1.0`.
pub(super) const TOOL: &str = concat!("rdgrade ", env!("CARGO_PKG_VERSION"));

/// A submission that is being graded.
pub(super) struct Candidate<'a> {
    pub entrant: &'a Entrant,
    /// Those of its files are there once [`Candidate::digest`] has made them.
    pub digests: Digests,
    command: String,
    /// By the levels that were asked for.
    levels: Vec<Option<LevelResult>>,
    /// Levels that are graded with the same program share its ground.
    pub groups: Vec<Group<'a>>,
    failure: Option<NotGraded>,
    /// The report of an earlier run, where nothing had to be graded.
    taken: Option<(Place, SubmissionReport)>,
    /// A checked-out revision; it stays until the report is made.
    _checkout: Option<TempDir>,
}

/// Why a submission has no results.
pub(super) enum Trouble {
    NotGraded(NotGraded),
    Stop(RunError),
}

impl<E: Into<RunError>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Trouble::Stop(error.into())
    }
}

impl<'a> Candidate<'a> {
    /// Finds the programs of a submission, and what is known of it already.
    ///
    /// # Errors
    /// When the run has to stop. What is wrong with the submission alone is in its report.
    pub fn admit(
        request: &Request<'a>,
        index: usize,
        host: &str,
        known: &Known,
    ) -> Result<Candidate<'a>, RunError> {
        let entrant = &request.entrants[index];
        let mut candidate = Candidate {
            entrant,
            digests: Digests::default(),
            command: String::new(),
            levels: vec![None; request.chosen.len()],
            groups: Vec::new(),
            failure: None,
            taken: None,
            _checkout: None,
        };
        match candidate.find(request, host) {
            Ok(()) if known.is_nothing() => {}
            // What is known of it is known by its digest.
            Ok(()) => match candidate.digest() {
                Ok(()) => candidate.recall(request, known)?,
                Err(why) => candidate.fail(why),
            },
            Err(Trouble::NotGraded(why)) => candidate.fail(why),
            Err(Trouble::Stop(error)) => return Err(error),
        }
        Ok(candidate)
    }

    fn find(&mut self, request: &Request<'a>, host: &str) -> Result<(), Trouble> {
        let at = match &self.entrant.program {
            Program::Reference => None,
            Program::At(path) => Some(path.clone()),
            Program::Revision {
                repository,
                revision,
            } => {
                let checkout = crate::roster::checkout(repository, revision).map_err(|error| {
                    Trouble::NotGraded(NotGraded {
                        reason: error.to_string(),
                        remedy: "correct the roster: `path` names a repository on this machine, `revision` a \
                                 commit, tag or branch of it"
                            .to_owned(),
                    })
                })?;
                let path = checkout.path().to_owned();
                self._checkout = Some(checkout);
                Some(path)
            }
        };
        for (position, chosen) in request.chosen.iter().enumerate() {
            let mut submission =
                program(at.as_ref(), chosen).map_err(|error| self.lenient(request, error))?;
            submission.name = self.entrant.program.name();
            let same = |group: &&mut Group| {
                group
                    .submission
                    .as_ref()
                    .is_some_and(|(known, _)| *known == submission)
            };
            if let Some(group) = self.groups.last_mut().filter(same) {
                group.chosen.push((position, chosen.clone()));
                continue;
            }
            let copied = submission
                .copied()
                .map_err(|error| Trouble::NotGraded(not_copied(&error)))?;
            if self.command.is_empty() {
                self.command.clone_from(&submission.display);
            }
            self.groups.push(Group {
                submission: Some((submission, copied)),
                chosen: vec![(position, chosen.clone())],
                task: None,
                results: Vec::new(),
            });
        }
        self.digests = Digests {
            submission: String::new(),
            levels: request.digests(),
            host: host.to_owned(),
        };
        Ok(())
    }

    /// Reads all that is copied of its programs, unless that was done before. Where nothing is known of it there is time for that
    /// while its ground is being prepared.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn digest(&mut self) -> Result<(), NotGraded> {
        if self.digests.submission.is_empty() && !self.groups.is_empty() {
            let programs = self.groups.iter().filter_map(Group::program);
            let digest = digest::submission(programs);
            self.digests.submission = digest.map_err(|error| not_copied(&error))?;
        }
        Ok(())
    }

    /// Where one submission alone was asked for, a path or a manifest that is wrong is a mistake of the command line's.
    fn lenient(&self, request: &Request, error: FindError) -> Trouble {
        let alone = request.entrants.len() == 1 && self.entrant.student.is_none();
        match error {
            FindError::NotGraded(why) => Trouble::NotGraded(why),
            error if alone => Trouble::Stop(error.into()),
            FindError::Path { .. } => Trouble::NotGraded(NotGraded {
                reason: error.to_string(),
                remedy: "correct the path, or make it readable".to_owned(),
            }),
            FindError::Manifest(mistakes) => Trouble::NotGraded(NotGraded {
                reason: format!("its manifest has mistakes\n{mistakes}"),
                remedy: "correct the manifest, then grade it again".to_owned(),
            }),
        }
    }

    /// Takes what is known from earlier runs.
    fn recall(&mut self, request: &Request, known: &Known) -> Result<(), RunError> {
        let id = self.entrant.id();
        let reports = known.reports(&id)?;
        for (position, chosen) in request.chosen.iter().enumerate() {
            let level = &chosen.loaded.level.level;
            let checks: Vec<&str> = chosen.checks().map(|check| check.id.as_str()).collect();
            let inputs = self.digests_at(level).inputs(TOOL);
            let asked = Asked {
                id: &id,
                inputs: &inputs,
            };
            self.levels[position] = reports
                .iter()
                .find_map(|(_, report)| known.level(report, level, &checks, asked));
        }
        if self.levels.iter().all(Option::is_some) {
            let whole =
                |report: &SubmissionReport| report.levels.iter().eq(self.levels.iter().flatten());
            self.taken = reports.into_iter().find(|(_, report)| whole(report));
        }
        let levels = &self.levels;
        for group in &mut self.groups {
            group
                .chosen
                .retain(|(position, _)| levels[*position].is_none());
        }
        self.groups.retain(|group| !group.chosen.is_empty());
        Ok(())
    }

    /// What a result of one level depends on.
    pub fn digests_at(&self, level: &str) -> Digests {
        let mut digests = self.digests.clone();
        digests.levels.retain(|known, _| known == level);
        digests
    }

    /// Makes the task of a group; what is known of its checks, or cannot be shown here, has its result already.
    pub fn task(
        &mut self,
        group: usize,
        request: &Request,
        known: &Known,
    ) -> Result<Rc<Task>, RunError> {
        let id = self.entrant.id();
        let Group {
            submission, chosen, ..
        } = &mut self.groups[group];
        let Some((submission, copied)) = submission.take() else {
            unreachable!("a group is begun once")
        };
        let chosen: Vec<Chosen> = chosen.iter().map(|(_, chosen)| chosen.clone()).collect();
        let task = Rc::new(Task::new(
            submission,
            copied,
            &chosen,
            request.store,
            request.settings,
        )?);
        let mut results = task.ungradable();
        let unknown = results.iter_mut().enumerate();
        for (unit, slot) in unknown.filter(|(_, slot)| slot.is_none() && !known.is_nothing()) {
            let level = &task.levels[task.units[unit].level].level.level;
            let inputs = self.digests_at(level).inputs(TOOL);
            let asked = Asked {
                id: &id,
                inputs: &inputs,
            };
            let record = known.check(level, &task.check(unit).id, asked)?;
            *slot = record.map(|record| record.result);
        }
        self.groups[group].results = results;
        self.groups[group].task = Some(task.clone());
        Ok(task)
    }

    /// A check as it is kept.
    pub fn record(&self, request: &Request, level: &str, result: &CheckResult) -> CheckRecord {
        CheckRecord {
            id: self.entrant.id(),
            level: level.to_owned(),
            digests: self.digests_at(level),
            tool: TOOL.to_owned(),
            seed: request.settings.seed,
            result: result.clone(),
        }
    }

    /// Every unit of a group has its result.
    pub fn complete(&mut self, group: usize) {
        let group = &mut self.groups[group];
        let Some(task) = group.task.take() else {
            return;
        };
        let results = std::mem::take(&mut group.results)
            .into_iter()
            .flatten()
            .collect();
        for level in settle(&task, results) {
            let of = |(_, chosen): &&(usize, Chosen)| chosen.loaded.level.level == level.level;
            if let Some((position, _)) = group.chosen.iter().find(of) {
                self.levels[*position] = Some(level);
            }
        }
    }

    /// It cannot be graded.
    pub fn fail(&mut self, why: NotGraded) {
        self.failure.get_or_insert(why);
        self.groups.clear();
    }

    /// Whether nothing is left to be played.
    pub fn is_complete(&self) -> bool {
        self.failure.is_some() || self.levels.iter().all(Option::is_some)
    }

    /// The report, and whether it is already kept where this run keeps its results.
    pub fn report(self, request: &Request, isolation: &str) -> (SubmissionReport, Place) {
        let name = self.entrant.program.name();
        if let Some((place, mut report)) = self.taken {
            let student = self.entrant.student.as_deref();
            let place = match report.student.as_ref() == student && report.submission == name {
                true => place,
                false => Place::Elsewhere,
            };
            report.student = student.cloned();
            report.submission = name;
            return (report, place);
        }
        let levels: Vec<LevelResult> = match self.failure {
            Some(_) => Vec::new(),
            None => self.levels.into_iter().flatten().collect(),
        };
        let score = checks::score::total(&levels);
        let report = SubmissionReport {
            schema: SCHEMA.to_owned(),
            tool: TOOL.to_owned(),
            seed: request.settings.seed,
            isolation: isolation.to_owned(),
            submission: name,
            student: self.entrant.student.as_deref().cloned(),
            digests: self.digests,
            not_graded: self.failure,
            levels,
            score: score.points,
            max_score: score.maximum,
            command: self.command,
        };
        (report, Place::Elsewhere)
    }
}

fn program(at: Option<&PathBuf>, chosen: &Chosen) -> Result<Submission, FindError> {
    let level = &chosen.loaded.level.level;
    match at {
        Some(path) => Submission::find(path, level),
        None => Submission::reference(level).map_err(|source| FindError::Path {
            path: PathBuf::from("/proc/self/exe"),
            source,
        }),
    }
}

fn not_copied(error: &dyn std::fmt::Display) -> NotGraded {
    NotGraded {
        reason: error.to_string(),
        remedy: "give rdgrade the directory of the program alone".to_owned(),
    }
}
