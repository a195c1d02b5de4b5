//! A task that is under way: its stage, its workers, and who plays what.

use super::Task;
use super::cores::{self, Place};
use super::crew::Crew;
use super::done::Epoch;
use super::frame::Frame;
use super::order;
use super::pool::{News, Ticket};
use super::post::{self, Post};
use super::stage::StageProcess;
use crate::event::NotGraded;
use crate::play::Activity;
use nix::unistd::Pid;
use std::collections::VecDeque;
use std::io;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// How far a stage has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The ground is being prepared; that takes some milliseconds, and no place.
    Preparing,
    /// The build may begin as soon as there is a place.
    WaitingToBuild,
    /// The build is running.
    Building,
    /// Checks are played.
    Playing,
}

/// A task that is under way.
pub(super) struct Open<T> {
    pub(super) ticket: Ticket,
    pub(super) task: T,
    pub(super) process: StageProcess,
    pub(super) state: State,
    /// Why it cannot be played, once the stage has said so.
    pub(super) failure: Option<NotGraded>,
    pub(super) crew: Crew,
    /// What was mounted before it was begun.
    pub(super) mounts: Epoch,
    /// Those that its workers may be told to be on.
    cores: Vec<usize>,
    /// The core it was kept on last.
    core: Option<usize>,
    /// Units nobody plays yet.
    pub(super) waiting: VecDeque<usize>,
    /// By line: the stage first, which plays nothing, then the workers.
    posts: Vec<Post>,
}

impl<T: Deref<Target = Task>> Open<T> {
    pub(super) fn new(
        ticket: Ticket,
        task: T,
        playable: Vec<usize>,
        process: StageProcess,
        crew: Crew,
        cores: Vec<usize>,
        mounts: Epoch,
    ) -> Self {
        Open {
            ticket,
            task,
            state: State::Preparing,
            failure: None,
            crew,
            cores,
            mounts,
            core: None,
            waiting: playable.into(),
            posts: process.lines.iter().map(|_| Post::new()).collect(),
            process,
        }
    }

    /// Whether one process has played this task and can play another.
    pub(super) fn can_go_on(&self) -> bool {
        self.crew == Crew::Alone && self.posts.iter().all(|post| post.alive)
    }

    /// Has the process play another task; `false` if it cannot be told.
    pub(super) fn go_on_with(&mut self, ticket: Ticket, task: T, playable: &[usize]) -> bool {
        let Some(line) = self.process.lines.last_mut() else {
            return false;
        };
        if order::give_another(&mut line.orders, &task.newcomer()).is_err() {
            return false;
        }
        self.ticket = ticket;
        self.task = task;
        self.state = State::Preparing;
        self.waiting = playable.iter().copied().collect();
        true
    }

    /// How many processes it has, their jails apart.
    pub(super) fn processes(&self) -> usize {
        match self.crew {
            Crew::Alone => 1,
            Crew::Workers(count) => 1 + count,
        }
    }

    /// How many units or builds could begin if there were places.
    pub(super) fn ready(&self) -> usize {
        match self.state {
            // One after another.
            State::Playing if self.crew == Crew::Alone => {
                usize::from(self.playing() == 0 && !self.waiting.is_empty())
            }
            State::Preparing if self.crew == Crew::Alone => 1,
            // Nobody of its crew would begin one soon.
            State::Playing if !self.is_brisk() => self.ahead(),
            State::Preparing | State::Playing => self.waiting.len() + self.ahead(),
            State::WaitingToBuild => 1,
            State::Building => 0,
        }
    }

    /// How many units are ready before their turn.
    pub(super) fn ahead(&self) -> usize {
        self.posts
            .iter()
            .filter(|post| post.ready.is_some())
            .count()
    }

    /// How many units are played.
    pub(super) fn playing(&self) -> usize {
        self.posts.iter().filter(|post| post.is_playing()).count()
    }

    /// Whether anybody of its crew does more than wait for a check that rests.
    fn is_brisk(&self) -> bool {
        let mut players = self.posts.iter().skip(1);
        players.any(|post| post.alive && !post.is(Activity::Resting))
    }

    /// How many of them do nothing but wait.
    pub(super) fn resting(&self) -> usize {
        self.count(Activity::Resting)
    }

    /// How many places it takes, those of units that rest included.
    pub(super) fn busy(&self) -> usize {
        self.playing() - self.count(Activity::Over) + usize::from(self.state == State::Building)
    }

    fn count(&self, activity: Activity) -> usize {
        self.posts.iter().filter(|post| post.is(activity)).count()
    }

    /// What a unit does from now on.
    pub(super) fn activity(&mut self, line: usize, unit: usize, activity: Activity) {
        self.posts[line].hear(unit, activity);
    }

    /// The pipes that may still say something.
    pub(super) fn listening(&self) -> impl Iterator<Item = (usize, BorrowedFd<'_>)> {
        let lines = self.process.lines.iter().zip(&self.posts).enumerate();
        lines
            .filter(|(_, (_, post))| post.alive)
            .map(|(line, (pipes, _))| (line, pipes.frames.as_fd()))
    }

    /// What a process says.
    pub(super) fn hear(&mut self, line: usize) -> io::Result<Vec<Frame>> {
        let (frames, ended) = self.posts[line]
            .frames
            .read(&self.process.lines[line].frames)?;
        self.posts[line].alive = !ended;
        Ok(frames)
    }

    /// If the process has ended: what it was playing has no result, and its place is free.
    pub(super) fn mourn(&mut self, line: usize, news: &mut Vec<News>) {
        if self.posts[line].alive {
            return;
        }
        if line == 0 && self.state == State::Building {
            self.state = State::Preparing;
        }
        // Nobody has played that.
        if let Some(unit) = self.posts[line].ready.take() {
            self.waiting.push_front(unit);
        }
        if let Some(unit) = self.posts[line].end() {
            news.push(self.lost(unit));
        }
    }

    /// What becomes of a unit whose player has died.
    pub(super) fn lost(&self, unit: usize) -> News {
        let result = checks::judge::error(
            self.task.check(unit),
            "the process that was to play this check ended before it did",
        );
        News::Finished(self.ticket, unit, Box::new(result.into()))
    }

    /// The ground is prepared.
    pub(super) fn prepared(&mut self) {
        if self.task.submission.build.is_some() {
            self.state = State::WaitingToBuild;
        }
    }

    /// The core it keeps busy.
    pub(super) fn core(&self) -> Option<usize> {
        self.core.filter(|_| self.count(Activity::Astir) > 0)
    }

    /// Keeps who plays alone on a core: the one it had, if `choose` agrees.
    pub(super) fn settle_on(&mut self, choose: impl FnOnce(Option<usize>) -> Option<usize>) {
        if self.crew == Crew::Alone
            && self.state == State::Playing
            && self.ready() > 0
            && let Some(core) = choose(self.core)
            && self.core != Some(core)
        {
            cores::keep_on(core, self.process.pid);
            self.core = Some(core);
        }
    }

    /// Begins one unit, or the build; `false` if there is nothing to begin or nobody to do it.
    pub(super) fn begin_next(&mut self) -> bool {
        match self.state {
            State::WaitingToBuild => {
                self.state = State::Building;
                // It may use all cores.
                self.order(0, &[0], None)
            }
            State::Playing => {
                loop {
                    let (line, unit, told) = if let Some((line, unit)) = self.next_ready() {
                        self.posts[line].ready = None;
                        (line, unit, self.order_play(line, &[unit]))
                    } else if let Some((line, unit)) = self.next_waiting() {
                        // Made ready and played without being told in between.
                        (line, unit, self.order_play(line, &[unit, unit]))
                    } else {
                        return false;
                    };
                    if told {
                        self.posts[line].begin(unit);
                        return true;
                    }
                    self.dead(line, unit);
                }
            }
            State::Preparing | State::Building => false,
        }
    }

    /// The earliest unit that waits for a place and nothing else.
    fn next_ready(&self) -> Option<(usize, usize)> {
        let ready = self.posts.iter().enumerate();
        ready
            .filter_map(|(line, post)| Some((line, post.ready?)))
            .min_by_key(|(_, unit)| *unit)
    }

    /// Has the next unit made ready before there is a place for it; `false` if there is none, or nobody to do it.
    pub(super) fn make_ready_ahead(&mut self) -> bool {
        // Where there are other tasks for the cores, that would keep one busy beyond those that were asked for.
        while self.crew != Crew::Alone
            && self.state == State::Playing
            && let Some((line, unit)) = self.next_waiting()
        {
            if self.order_ready(line, unit) {
                self.posts[line].ready = Some(unit);
                return true;
            }
            self.dead(line, unit);
        }
        false
    }

    /// Takes the first unit that nobody has begun, and somebody who can.
    fn next_waiting(&mut self) -> Option<(usize, usize)> {
        let idle = |line: &usize| self.posts[*line].alive && self.posts[*line].is_idle();
        let line = (1..self.posts.len()).find(idle)?;
        Some((line, self.waiting.pop_front()?))
    }

    /// It has just died, and played nothing. The end of its pipe is about to be read.
    fn dead(&mut self, line: usize, unit: usize) {
        self.posts[line].alive = false;
        self.waiting.push_front(unit);
    }

    /// Has a worker make a unit ready.
    fn order_ready(&mut self, line: usize, unit: usize) -> bool {
        let had = self.posts[line].core();
        let place = cores::to_make_ready_on(&self.cores, had, &post::busy(&self.posts));
        self.order(line, &[unit], place)
    }

    /// Has a worker play the unit that it has made ready, or makes ready first.
    fn order_play(&mut self, line: usize, units: &[usize]) -> bool {
        let had = self.posts[line].core();
        let core = cores::to_play_on(&self.cores, had, &post::busy(&self.posts));
        self.order(line, units, core.map(Place::Core))
    }

    fn order(&mut self, line: usize, units: &[usize], place: Option<Place>) -> bool {
        let told = place.filter(|_| place != self.posts[line].place);
        self.posts[line].place = place;
        order::give(&mut self.process.lines[line].orders, units, told).is_ok()
    }

    /// Takes note of a result; `false` if nobody asked for it.
    pub(super) fn finished(&mut self, line: usize, unit: usize) -> bool {
        let asked = self.posts[line].plays(unit);
        if asked {
            self.posts[line].end();
        }
        asked
    }

    /// Takes all units that have no result.
    pub(super) fn give_up(&mut self) -> Vec<usize> {
        let posts = self.posts.iter_mut();
        let playing = posts.flat_map(|post| [post.end(), post.ready.take()].into_iter().flatten());
        let mut units: Vec<usize> = playing.collect();
        units.extend(self.waiting.drain(..));
        units
    }

    /// Whether every unit has its result.
    pub(super) fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.posts.iter().all(Post::is_idle)
    }

    /// Whether nobody is left who could say anything.
    pub(super) fn is_silent(&self) -> bool {
        self.posts.iter().all(|post| !post.alive)
    }
}

impl<T> Open<T> {
    /// Lets go of the lease and of all pipes.
    pub(super) fn into_process(self) -> (OwnedFd, Pid) {
        self.process.let_go()
    }
}
