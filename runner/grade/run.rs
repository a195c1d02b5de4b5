//! A run: every submission asked for, side by side, as events.

use super::candidate::Candidate;
use super::held::Held;
use super::pool::{self, News, Others, Pool, Ticket};
use super::ready::{files_are_ready, processes_are_ready};
use super::request::{Request, RunError};
use super::signals::Signals;
use super::task::Task;
use super::{digest, isolation};
use crate::event::{Event, NotGraded};
use crate::jail::JailError;
use crate::phase::Phase;
use crate::play::Performance;
use crate::recording::Recording;
use crate::results::{Known, Place, Session};
use checks::report::CheckResult;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

/// Grades everything; `sink` receives the events, reports in the order of the submissions. With a `session` results are kept as
/// they come, and what it knows is not graded again.
///
/// # Errors
/// See [`RunError`]. A submission that cannot be graded is no error: its report says so.
pub fn grade_all(
    request: &Request,
    session: Option<&mut Session>,
    mut sink: impl FnMut(Event),
) -> Result<(), RunError> {
    let checks = request
        .chosen
        .iter()
        .map(|chosen| chosen.checks.len())
        .sum();
    let workers = pool::side_by_side(request.jobs, request.entrants.len(), checks);
    files_are_ready(workers)?;
    let signals = Signals::take()?;
    let isolation = isolation();
    sink(Event::RunStarted {
        seed: request.settings.seed,
        isolation: isolation.clone(),
        submissions: request.entrants.len(),
        checks,
    });
    let nothing = Known::nothing();
    let mut run = Run {
        request,
        host: digest::host(&request.chosen, request.store)?,
        isolation,
        nothing,
        session,
        sink: &mut sink,
        untried: Some(workers),
        arriving: 0,
        waiting: VecDeque::new(),
        candidates: BTreeMap::new(),
        tickets: BTreeMap::new(),
        held: Held::default(),
    };
    let mut pool = Pool::new(request.jobs, &signals);
    let done = run.all(&mut pool);
    pool.close();
    done?;
    sink(Event::RunFinished);
    Ok(())
}

/// A run that is under way.
struct Run<'r, 'a> {
    request: &'r Request<'a>,
    host: String,
    isolation: String,
    nothing: Known,
    session: Option<&'r mut Session>,
    sink: &'r mut dyn FnMut(Event),
    /// For so many workers there may not be enough processes: nobody has tried yet.
    untried: Option<usize>,
    /// The next submission to be admitted.
    arriving: usize,
    /// Groups that have not begun: the submission's index and the group's.
    waiting: VecDeque<(usize, usize)>,
    candidates: BTreeMap<usize, Candidate<'r>>,
    /// By ticket; the ticket of a group is new.
    tickets: BTreeMap<Ticket, (usize, usize)>,
    held: Held,
}

impl<'r, 'a: 'r> Run<'r, 'a> {
    fn all(&mut self, pool: &mut Pool<'_, Rc<Task>>) -> Result<(), RunError> {
        let mut ticket = 0;
        loop {
            while pool.wants_more() {
                if let Some(group) = self.waiting.pop_front() {
                    ticket += 1;
                    self.begin(pool, ticket, group)?;
                } else if self.arriving < self.request.entrants.len() {
                    self.admit()?;
                } else {
                    break;
                }
            }
            if self.waiting.is_empty() && self.arriving == self.request.entrants.len() {
                if pool.is_idle() {
                    return Ok(());
                }
                pool.share();
            }
            let heard = pool.turn()?;
            self.try_processes(pool)?;
            for news in heard {
                self.hear(pool, news)?;
            }
            // For all that came together, and when the workers have something to do again.
            if let Some(session) = &mut self.session {
                session.sync()?;
            }
        }
    }

    /// Once, when the first jails are being built, and before anything is heard of them.
    fn try_processes(&mut self, pool: &Pool<'_, Rc<Task>>) -> Result<(), JailError> {
        match self.untried.take() {
            Some(workers) => processes_are_ready(workers, pool.processes()),
            None => Ok(()),
        }
    }

    fn known(&self) -> &Known {
        self.session
            .as_ref()
            .map_or(&self.nothing, |session| &session.known)
    }

    fn admit(&mut self) -> Result<(), RunError> {
        let index = self.arriving;
        self.arriving += 1;
        let candidate = Candidate::admit(self.request, index, &self.host, self.known())?;
        (self.sink)(Event::SubmissionStarted {
            submission: index,
            name: candidate.entrant.program.name(),
        });
        let groups = candidate.groups.len();
        self.waiting.extend((0..groups).map(|group| (index, group)));
        self.candidates.insert(index, candidate);
        self.finish_if_complete(index)
    }

    fn begin(
        &mut self,
        pool: &mut Pool<'_, Rc<Task>>,
        ticket: Ticket,
        (index, group): (usize, usize),
    ) -> Result<(), RunError> {
        let known = self
            .session
            .as_ref()
            .map_or(&self.nothing, |session| &session.known);
        let Some(candidate) = self.candidates.get_mut(&index) else {
            return Ok(());
        };
        let task = candidate.task(group, self.request, known)?;
        let results = &candidate.groups[group].results;
        let playable: Vec<usize> = (0..results.len())
            .filter(|unit| results[*unit].is_none())
            .collect();
        let complete = playable.is_empty();
        if !complete {
            self.tickets.insert(ticket, (index, group));
            let after = self.request.entrants.len() - 1 - index + self.waiting.len();
            let others = match after >= self.request.jobs {
                true => Others::Many,
                false => Others::Few,
            };
            if let Err(error) = pool.open(ticket, task.clone(), playable, others) {
                self.try_processes(pool)?;
                return self.fail(pool, index, error.into());
            }
        }
        // Its ground is being prepared meanwhile.
        if let Err(why) = candidate.digest() {
            return self.fail(pool, index, why);
        }
        for (unit, result) in candidate.groups[group].results.iter().enumerate() {
            if let Some(result) = result {
                (self.sink)(played(index, &task, unit, result, None));
            }
        }
        if complete {
            candidate.complete(group);
            return self.finish_if_complete(index);
        }
        Ok(())
    }

    fn hear(&mut self, pool: &mut Pool<'_, Rc<Task>>, news: News) -> Result<(), RunError> {
        match news {
            News::Interrupted => return Err(RunError::Interrupted),
            News::Timed(ticket, unit, timings) => {
                let group = self.tickets.get(&ticket).copied();
                let task = group.and_then(|(index, group)| {
                    let candidate = self.candidates.get(&index)?;
                    Some((index, candidate.groups[group].task.clone()?))
                });
                if let Some((submission, task)) = task {
                    let level = &task.levels[task.units[unit].level].level.level;
                    (self.sink)(Event::CheckTimed {
                        submission,
                        check: format!("{level}/{}", task.check(unit).id),
                        timings,
                    });
                }
            }
            News::NotGraded(ticket, why) => {
                if let Some((index, _)) = self.tickets.get(&ticket).copied() {
                    return self.fail(pool, index, why);
                }
            }
            News::Finished(ticket, unit, performance) => {
                let Some((index, group)) = self.tickets.get(&ticket).copied() else {
                    return Ok(());
                };
                let Some(candidate) = self.candidates.get_mut(&index) else {
                    return Ok(());
                };
                let Some(task) = candidate.groups[group].task.clone() else {
                    return Ok(());
                };
                let Performance { result, recording } = *performance;
                let event = played(index, &task, unit, &result, recording);
                if let (Some(session), Event::CheckFinished { level, result, .. }) =
                    (&mut self.session, &event)
                {
                    session.check(candidate.record(self.request, level, result))?;
                }
                candidate.groups[group].results[unit] = Some(result);
                (self.sink)(event);
            }
            News::Done(ticket) => {
                if let Some((index, group)) = self.tickets.remove(&ticket)
                    && let Some(candidate) = self.candidates.get_mut(&index)
                {
                    candidate.complete(group);
                    self.finish_if_complete(index)?;
                }
            }
        }
        Ok(())
    }

    fn fail(
        &mut self,
        pool: &mut Pool<'_, Rc<Task>>,
        index: usize,
        why: NotGraded,
    ) -> Result<(), RunError> {
        let of = |(_, (of, _)): (&Ticket, &(usize, usize))| *of == index;
        for ticket in self
            .tickets
            .iter()
            .filter(|entry| of(*entry))
            .map(|(ticket, _)| *ticket)
        {
            pool.abandon(ticket);
        }
        self.tickets.retain(|_, (of, _)| *of != index);
        self.waiting.retain(|(of, _)| *of != index);
        if let Some(candidate) = self.candidates.get_mut(&index) {
            candidate.fail(why);
        }
        self.finish_if_complete(index)
    }

    fn finish_if_complete(&mut self, index: usize) -> Result<(), RunError> {
        let Some(candidate) = self.candidates.remove(&index) else {
            return Ok(());
        };
        if !candidate.is_complete() {
            self.candidates.insert(index, candidate);
            return Ok(());
        }
        Phase::Report.enter();
        let (report, place) = candidate.report(self.request, &self.isolation);
        if let Some(session) = &mut self.session
            && place == Place::Elsewhere
        {
            session.report(&report)?;
        }
        self.held.push(index, report).map_err(RunError::Held)?;
        while let Some((submission, report)) = self.held.pop().map_err(RunError::Held)? {
            (self.sink)(Event::SubmissionFinished {
                submission,
                report: Box::new(report),
            });
        }
        Ok(())
    }
}

fn played(
    submission: usize,
    task: &Task,
    unit: usize,
    result: &CheckResult,
    recording: Option<Recording>,
) -> Event {
    Event::CheckFinished {
        submission,
        level: task.levels[task.units[unit].level].level.level.clone(),
        result: Box::new(result.clone()),
        recording: recording.map(Box::new),
    }
}
