//! A run: every submission asked for, one after another, as events.

use super::{Graded, Settings, Signals, Task, grade};
use crate::event::{Digests, Event, NotGraded, SCHEMA, SubmissionReport};
use crate::image::{ImageError, ImageStore};
use crate::jail::{IdRange, JailError, Mechanism, Power};
use crate::level::Chosen;
use crate::phase::Phase;
use crate::submission::{FindError, Submission};
use checks::report::{CheckResult, LevelResult};
use nix::unistd::getpid;
use std::path::PathBuf;

/// What is graded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// The program of this file or directory.
    At(PathBuf),
    /// The reference container, each level with its own step.
    Reference,
}

impl Program {
    /// Its name on reports.
    pub fn name(&self) -> String {
        match self {
            Program::At(path) => path.display().to_string(),
            Program::Reference => "--reference".to_owned(),
        }
    }
}

/// What to grade.
pub struct Request<'a> {
    /// The programs.
    pub programs: Vec<Program>,
    /// The checks.
    pub chosen: Vec<Chosen<'a>>,
    /// The images.
    pub store: &'a ImageStore,
    /// Workers side by side.
    pub jobs: usize,
    /// Deadlines and seed.
    pub settings: Settings,
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
    #[error("{0}")]
    Jail(#[from] JailError),
    /// rdgrade was asked to stop.
    #[error("interrupted; nothing of the submission is left running")]
    Interrupted,
}

/// Grades everything; `sink` receives the events.
///
/// # Errors
/// See [`RunError`]. A submission that cannot be graded is no error: its report says so.
pub fn grade_all(request: &Request, mut sink: impl FnMut(Event)) -> Result<(), RunError> {
    let signals = Signals::take()?;
    let isolation = isolation();
    sink(Event::RunStarted {
        seed: request.settings.seed,
        isolation: isolation.clone(),
        submissions: request.programs.len(),
        checks: request
            .chosen
            .iter()
            .map(|chosen| chosen.checks.len())
            .sum(),
    });
    for (index, program) in request.programs.iter().enumerate() {
        sink(Event::SubmissionStarted {
            submission: index,
            name: program.name(),
        });
        let mut report = SubmissionReport {
            schema: SCHEMA.to_owned(),
            tool: concat!("rdgrade ", env!("CARGO_PKG_VERSION")).to_owned(),
            seed: request.settings.seed,
            isolation: isolation.clone(),
            submission: program.name(),
            student: None,
            digests: Digests::default(),
            not_graded: None,
            levels: Vec::new(),
            score: 0,
            max_score: 0,
            command: String::new(),
        };
        let mut finished = |level: &str, result: &CheckResult| {
            sink(Event::CheckFinished {
                submission: index,
                level: level.to_owned(),
                result: Box::new(result.clone()),
                recording: None,
            });
        };
        match grade_program(request, program, &signals, &mut report, &mut finished) {
            Ok(levels) => report.levels = levels,
            Err(Trouble::NotGraded(why)) => report.not_graded = Some(why),
            Err(Trouble::Stop(error)) => return Err(error),
        }
        Phase::Report.enter();
        let score = checks::score::total(&report.levels);
        (report.score, report.max_score) = (score.points, score.maximum);
        sink(Event::SubmissionFinished {
            submission: index,
            report: Box::new(report),
        });
    }
    sink(Event::RunFinished);
    Ok(())
}

/// Why a program has no results.
enum Trouble {
    NotGraded(NotGraded),
    Stop(RunError),
}

impl<E: Into<RunError>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Trouble::Stop(error.into())
    }
}

fn grade_program(
    request: &Request,
    program: &Program,
    signals: &Signals,
    report: &mut SubmissionReport,
    finished: &mut dyn FnMut(&str, &CheckResult),
) -> Result<Vec<LevelResult>, Trouble> {
    let mut levels = Vec::new();
    for (submission, chosen) in by_program(request, program)? {
        if report.command.is_empty() {
            report.command = submission.display.clone();
        }
        let copied = submission.copied().map_err(|error| {
            Trouble::NotGraded(NotGraded {
                reason: error.to_string(),
                remedy: "give rdgrade the directory of the program alone".to_owned(),
            })
        })?;
        let task = Task::new(submission, copied, &chosen, request.store, request.settings)?;
        let graded = grade(&task, request.jobs, signals, |unit, result| {
            finished(&task.levels[task.units[unit].level].level.level, result);
        })?;
        match graded {
            Graded::Results(results) => levels.extend(settle(&task, results)),
            Graded::Not(why) => return Err(Trouble::NotGraded(why)),
            Graded::Interrupted => return Err(RunError::Interrupted.into()),
        }
    }
    Ok(levels)
}

/// Levels that are graded with the same program share its ground: the program of each level, and its levels.
fn by_program<'a>(
    request: &Request<'a>,
    program: &Program,
) -> Result<Vec<(Submission, Vec<Chosen<'a>>)>, Trouble> {
    let mut groups: Vec<(Submission, Vec<Chosen>)> = Vec::new();
    for chosen in &request.chosen {
        let level = &chosen.loaded.level.level;
        let submission = match program {
            Program::Reference => {
                Submission::reference(level).map_err(|source| FindError::Path {
                    path: PathBuf::from("/proc/self/exe"),
                    source,
                })?
            }
            Program::At(path) => match Submission::find(path, level) {
                Ok(submission) => submission,
                Err(FindError::NotGraded(why)) => return Err(Trouble::NotGraded(why)),
                Err(error) => return Err(error.into()),
            },
        };
        match groups.last_mut() {
            Some((known, levels)) if *known == submission => levels.push(chosen.clone()),
            _ => groups.push((submission, vec![chosen.clone()])),
        }
    }
    Ok(groups)
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

/// How submissions are isolated here, for people.
fn isolation() -> String {
    let ids = match Power::of_this_process() {
        Power::Root => {
            let ids = IdRange::unprivileged(getpid());
            format!("{} unprivileged ids", ids.count)
        }
        Power::User => "one id, of an ordinary user".to_owned(),
    };
    let missing: Vec<_> = Mechanism::missing().map(Mechanism::name).collect();
    let missing = match missing.as_slice() {
        [] => String::new(),
        names => format!("; WITHOUT {}", names.join(", ")),
    };
    format!(
        "user namespace ({ids}); own mount, pid, network, UTS, IPC and cgroup namespaces{missing}"
    )
}
