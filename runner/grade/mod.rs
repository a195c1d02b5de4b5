//! Grading: who plays which check, and what becomes of the results.

mod build;
mod candidate;
mod cores;
mod crew;
mod digest;
mod done;
mod ending;
mod entrant;
mod frame;
mod group;
mod held;
mod isolation;
mod lay_down;
mod open;
mod order;
mod playing;
mod pool;
mod post;
mod ready;
mod request;
mod run;
mod share;
mod signals;
mod stage;
mod task;

pub use digest::host;
pub use entrant::{Entrant, Program};
pub use isolation::isolation;
pub use playing::part;
pub use ready::ready;
pub use request::{Request, RunError};
pub use run::grade_all;
pub use signals::Signals;
pub use task::{Settings, Task, Timed, mapping, settle};

use crate::event::NotGraded;
use crate::jail::JailError;
use checks::report::CheckResult;
use pool::{News, Others, Pool};

/// One check of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Index of the level in the task.
    pub level: usize,
    /// Index of the check in the level.
    pub check: usize,
}

/// How grading one submission ended.
pub enum Graded {
    /// Its results, one for each unit, in order.
    Results(Vec<CheckResult>),
    /// It cannot be graded.
    Not(NotGraded),
    /// Somebody asked rdgrade to stop.
    Interrupted,
}

/// Grades one task by itself, `jobs` checks side by side; `finished` is called for each check as it ends.
///
/// # Errors
/// When no process can be made for it, or waiting for one fails.
pub fn grade(
    task: &Task,
    jobs: usize,
    signals: &Signals,
    mut finished: impl FnMut(usize, &CheckResult),
) -> Result<Graded, JailError> {
    let mut done = task.ungradable();
    for (index, result) in done.iter().enumerate() {
        result.iter().for_each(|result| finished(index, result));
    }
    let playable: Vec<usize> = (0..done.len())
        .filter(|index| done[*index].is_none())
        .collect();
    if playable.is_empty() {
        return Ok(Graded::Results(done.into_iter().flatten().collect()));
    }
    let mut pool = Pool::new(jobs, signals);
    pool.open(0, task, playable, Others::Few)?;
    let mut outcome = None;
    while outcome.is_none() {
        for news in pool.turn()? {
            match news {
                News::Finished(_, unit, performance) => {
                    finished(unit, &performance.result);
                    done[unit] = Some(performance.result);
                }
                News::Timed(..) => {}
                News::NotGraded(_, why) => outcome = Some(Graded::Not(why)),
                News::Interrupted => outcome = Some(Graded::Interrupted),
                News::Done(_) => {
                    let results = std::mem::take(&mut done).into_iter().flatten().collect();
                    outcome = Some(Graded::Results(results));
                }
            }
        }
    }
    pool.close();
    Ok(outcome.unwrap_or(Graded::Interrupted))
}
