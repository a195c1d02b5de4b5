//! The work queue: stages side by side, and never more than `jobs` checks or builds at any time.
//!
//! The main process hands out every unit itself, to one worker's own pipe. So it knows who plays what, a worker that is killed
//! gives its place back by dying, and no two submissions wait for one another: while the last checks of one are played the
//! next one's ground is prepared.

use super::cores::Cores;
use super::crew::{Common, Crew};
use super::done::{Done, Epoch};
use super::ending::Endings;
use super::frame::Frame;
use super::open::{Open, State};
use super::signals::Signals;
use super::{Task, stage};
use crate::event::NotGraded;
use crate::jail::{JailError, Power, While, cgroup};
use crate::play::{self, Performance, Timings};
use checks::report::Status;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use std::ops::Deref;

/// Checks that rest may be so many for each job, beyond those that are played.
const RESTING_FOR_A_JOB: usize = 4;

/// How many checks are in their jails at any time, at the most, when `submissions` are graded by so many `checks` each.
pub fn side_by_side(jobs: usize, submissions: usize, checks: usize) -> usize {
    // Few submissions have their crews, and nobody else takes a place.
    let resting = usize::from(submissions > jobs) * RESTING_FOR_A_JOB * jobs;
    jobs.clamp(1, checks.max(1)) + resting
}

/// What the caller knows a task by.
pub type Ticket = usize;

/// What happened.
#[derive(Debug)]
pub enum News {
    /// A check of a task was played, or could not be.
    Finished(Ticket, usize, Box<Performance>),
    /// Where the time of a check went; comes before its result.
    Timed(Ticket, usize, Timings),
    /// A task cannot be played. Nothing more is heard of it.
    NotGraded(Ticket, NotGraded),
    /// Every check of a task has its result.
    Done(Ticket),
    /// Somebody asked rdgrade to stop.
    Interrupted,
}

/// Whether the other tasks of a run are enough to keep every core busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// They are: each task is played by one process. That is less work, and somebody waits for all of them, not for one.
    Many,
    /// They are not: a task's own checks are played side by side, unless a process that is done can go on with it.
    Few,
}

/// All that is under way.
pub struct Pool<'s, T> {
    pub(super) jobs: usize,
    signals: &'s Signals,
    /// In the order they were opened, which is the order they are served in.
    pub(super) open: Vec<Open<T>>,
    pub(super) done: Done<T>,
    /// What was said of the last task for which a process was made.
    others: Others,
    pub(super) ending: Endings,
    common: Common,
    cores: Cores,
}

impl<'s, T: Deref<Target = Task> + Clone> Pool<'s, T> {
    /// A pool in which `jobs` checks are played side by side.
    pub fn new(jobs: usize, signals: &'s Signals) -> Self {
        // Counted here, by whom no core has been given to.
        play::cores();
        Pool {
            jobs,
            cores: Cores::for_jobs(jobs),
            signals,
            open: Vec::new(),
            done: Done::default(),
            others: Others::Few,
            ending: Endings::default(),
            common: Common::default(),
        }
    }

    /// Whether another task is needed lest a core stand idle.
    pub fn wants_more(&self) -> bool {
        let ready: usize = self.open.iter().map(Open::ready).sum();
        // The second bound keeps the memory flat, however small the tasks and however slow their builds are.
        let most = 2 * self.jobs + 2 + self.resting();
        ready < self.jobs && self.open.len() + self.ending.len() < most
    }

    /// How many units rest and take no place.
    fn resting(&self) -> usize {
        let resting: usize = self.open.iter().map(Open::resting).sum();
        resting.min(RESTING_FOR_A_JOB * self.jobs)
    }

    /// How many processes all that is under way has, their jails apart.
    pub fn processes(&self) -> usize {
        self.open.iter().map(Open::processes).sum()
    }

    /// Whether nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// Begins a task: its `playable` units will be played. `others` says whether more tasks follow than there are places.
    ///
    /// # Errors
    /// When no process can be made for it.
    pub fn open(
        &mut self,
        ticket: Ticket,
        task: T,
        playable: Vec<usize>,
        others: Others,
    ) -> Result<(), JailError> {
        // What has to be built cannot be shared when no more tasks come.
        let may_follow = others == Others::Many || task.submission.build.is_none();
        if may_follow && self.follow(ticket, &task, &playable) {
            return Ok(());
        }
        let crew = match others {
            Others::Many => Crew::Alone,
            Others::Few if playable.len() == 1 => Crew::Alone,
            // Who builds the next jail meanwhile is on a core that somebody else has no use for.
            Others::Few if self.jobs == 1 && !self.cores.another_is_idle() => Crew::Alone,
            // One beyond what may be played at once, who makes the next unit ready meanwhile.
            Others::Few => Crew::Workers((self.jobs + 1).min(playable.len())),
        };
        self.others = others;
        let mounts = match others {
            Others::Many => self.done.mounts(),
            Others::Few => {
                self.done.end(0, &mut self.ending);
                Epoch::default()
            }
        };
        let nobody = Cores::default();
        let cores = match self.open.is_empty() {
            true => &self.cores,
            // Where the cores are those of others, the scheduler knows better which of them is free.
            false => &nobody,
        };
        if self.common.groups.is_none() && Power::of_this_process() == Power::Root {
            self.common.groups = Some(cgroup::begin(Power::Root));
        }
        let (open, done, ending) = (&mut self.open, &mut self.done, &mut self.ending);
        let process = stage::start(&task, crew, cores, &self.common, &mut || {
            open.clear();
            done.forget();
            ending.forget();
        })?;
        let cores = match crew {
            // It is kept on one as a whole, once there is a place for it.
            Crew::Alone => Vec::new(),
            Crew::Workers(_) => cores.others_first(),
        };
        let open = Open::new(ticket, task, playable, process, crew, cores, mounts);
        self.open.push(open);
        Ok(())
    }

    /// Has a process that is done go on with these units; `false` if there is none that can.
    pub(super) fn follow(&mut self, ticket: Ticket, task: &T, playable: &[usize]) -> bool {
        let ending = &mut self.ending;
        let open = self.done.go_on_with(ticket, task, playable, ending);
        let follows = open.is_some();
        self.open.extend(open);
        follows
    }

    /// Gives up on a task.
    pub fn abandon(&mut self, ticket: Ticket) {
        while let Some(at) = self.open.iter().position(|open| open.ticket == ticket) {
            self.end(at);
        }
    }

    /// Waits until something happens, hands out what can be played, and tells.
    ///
    /// # Errors
    /// When waiting itself fails.
    pub fn turn(&mut self) -> Result<Vec<News>, JailError> {
        self.hand_out();
        // Who cannot be told anything has died. If that was the last of a task, nobody is left to be heard of it.
        let mut news = Vec::new();
        self.settle(&mut news);
        if !news.is_empty() {
            return Ok(news);
        }
        let mut ready = vec![PollFd::new(self.signals.descriptor(), PollFlags::POLLIN)];
        let mut of = Vec::new();
        for (index, open) in self.open.iter().enumerate() {
            for (line, frames) in open.listening() {
                of.push((index, line));
                ready.push(PollFd::new(frames, PollFlags::POLLIN));
            }
        }
        ready.extend(self.ending.listening());
        match poll(&mut ready, self.ending.patience()) {
            Ok(_) => {}
            Err(Errno::EINTR) => return Ok(Vec::new()),
            Err(errno) => return Err(JailError::new("wait for the workers", errno)),
        }
        let heard: Vec<bool> = ready.iter().map(|fd| fd.any() == Some(true)).collect();
        if heard[0] {
            return Ok(vec![News::Interrupted]);
        }
        for ((index, line), heard) in of.into_iter().zip(&heard[1..]) {
            if *heard {
                let frames = self.open[index].hear(line);
                for frame in frames.while_trying(|| "hear from a worker")? {
                    self.take(index, line, frame, &mut news);
                }
                self.open[index].mourn(line, &mut news);
            }
        }
        self.settle(&mut news);
        // Before anybody writes a report or waits for a disk.
        self.hand_out();
        let open = self.open.iter().map(|open| open.process.pid);
        self.ending.bury(open, self.signals);
        Ok(news)
    }

    fn take(&mut self, index: usize, line: usize, frame: Frame, news: &mut Vec<News>) {
        let open = &mut self.open[index];
        match frame {
            Frame::Prepared => open.prepared(),
            Frame::Built => open.state = State::Playing,
            Frame::NotGraded { reason, remedy } => {
                open.failure = Some(NotGraded { reason, remedy });
            }
            Frame::BuildFailed(output) => {
                for unit in open.give_up() {
                    let result = checks::judge::not_built(open.task.check(unit), &output);
                    news.push(News::Finished(open.ticket, unit, Box::new(result.into())));
                }
            }
            Frame::Activity(unit, activity) => open.activity(line, unit, activity),
            Frame::Timed(unit, timings) => {
                news.push(News::Timed(open.ticket, unit, timings));
            }
            Frame::Finished(unit, result) => {
                // Its jail was the first of its process, which was tested, or came after that one. Where none could be made,
                // nothing was.
                self.common.tested |= result.result.status != Status::Error;
                if open.finished(line, unit) {
                    news.push(News::Finished(open.ticket, unit, result));
                }
            }
        }
    }

    /// How many more units may be played.
    pub(super) fn places(&self) -> usize {
        let busy: usize = self.open.iter().map(Open::busy).sum();
        self.jobs
            .saturating_sub(busy.saturating_sub(self.resting()))
    }

    /// Gives every free place to the task that was opened first.
    fn hand_out(&mut self) {
        let mut free = self.places();
        for at in 0..self.open.len() {
            let taken: Vec<usize> = self.open.iter().filter_map(Open::core).collect();
            let open = &mut self.open[at];
            if free > 0 {
                open.settle_on(|had| self.cores.choose(had, &taken));
            }
            while free > 0 && open.begin_next() {
                free -= 1;
            }
        }
        // As many more are made ready: a jail is built while others are played, and a place is taken without waiting.
        let ahead: usize = self.open.iter().map(Open::ahead).sum();
        let mut ahead = self.jobs.saturating_sub(ahead);
        for open in &mut self.open {
            while ahead > 0 && open.make_ready_ahead() {
                ahead -= 1;
            }
        }
    }

    /// Lets go of the stages that have nothing more to do.
    fn settle(&mut self, news: &mut Vec<News>) {
        let mut at = 0;
        while at < self.open.len() {
            let ticket = self.open[at].ticket;
            let shared = self.is_shared(ticket);
            let open = &mut self.open[at];
            if let Some(failure) = open.failure.take() {
                news.push(News::NotGraded(ticket, failure));
            } else if open.is_done() {
                if !shared {
                    news.push(News::Done(ticket));
                }
                // More tasks come than there are places.
                if self.others == Others::Many && open.can_go_on() {
                    self.done.push(self.open.remove(at));
                    self.done.end(self.jobs, &mut self.ending);
                    continue;
                }
            } else if open.is_silent() {
                for unit in open.give_up() {
                    news.push(open.lost(unit));
                }
                if !shared {
                    news.push(News::Done(ticket));
                }
            } else {
                at += 1;
                continue;
            }
            self.end(at);
        }
    }

    /// Lets go of the lease and of the pipes; the processes end by themselves.
    fn end(&mut self, at: usize) {
        self.ending.push(self.open.remove(at).into_process());
    }

    /// Ends everything, and waits until it has ended.
    pub fn close(&mut self) {
        while !self.open.is_empty() {
            self.end(0);
        }
        self.done.end(0, &mut self.ending);
        self.ending.wait(self.signals);
    }
}

impl<T> Drop for Pool<'_, T> {
    /// Whatever made the caller give up: [`Endings`] leaves no stage behind. [`Pool::close`] has usually been here before.
    fn drop(&mut self) {
        let processes = self.open.drain(..).map(Open::into_process);
        processes.for_each(|process| self.ending.push(process));
        self.done.end(0, &mut self.ending);
    }
}
