//! What a process does that plays checks: it is told which, makes each ready, plays it when there is a place, and says what came of it.

use super::cores::Allowed;
use super::frame::{Frame, send};
use super::order::{Order, next};
use super::stage::Post;
use super::task::Newcomer;
use super::{Task, Timed, Unit};
use crate::jail::Ground;
use crate::play::{self, Activity, Ready, SceneError, Stage};
use checks::limit::Limits;
use nix::unistd::Pid;
use std::cell::Cell;
use std::os::fd::{AsFd, OwnedFd};

/// Nothing is graded in a jail that does not hold.
pub(super) fn unfit(error: &SceneError) -> Frame {
    Frame::NotGraded {
        reason: error.to_string(),
        remedy: "run rdgrade on another host or kernel; tell its makers what did not hold here"
            .to_owned(),
    }
}

/// Whether somebody else of the crew could use a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Nobody,
    Others,
}

/// Why somebody plays no more of a task.
pub(super) enum Ended {
    /// It is over, with this exit status.
    For(i32),
    /// Another submission is to be graded in the same way.
    Another(Box<Newcomer>),
}

/// Plays what it is told to, and leaves nothing.
pub(super) fn play_all(
    task: &Task,
    ground: &Ground,
    lease: &OwnedFd,
    post: &Post,
    beside: Beside,
) -> Ended {
    let say = |frame: &Frame| send(&mut &post.frames, frame);
    let playing = Cell::new(0);
    let (allowed, this) = (Allowed::here(), Pid::from_raw(0));
    // Where it is told where the time goes, checks do not overlap.
    let early = beside == Beside::Others && task.timed == Timed::No;
    let tell = |activity| {
        if activity != Activity::Over || early {
            // Whoever does not hear it is gone.
            let _ = say(&Frame::Activity(playing.get(), activity));
            make_way();
        }
    };
    let stage = Stage {
        ground,
        submission: &task.submission,
        images: &task.images,
        lease: lease.as_fd(),
        timeout: task.timeout,
        record: task.record,
        activity: &tell,
    };
    loop {
        let index = match next(&post.orders) {
            Ok(Some(Order::Unit(index))) => index,
            Ok(Some(Order::Place(place))) => {
                allowed.keep_at(place, this);
                continue;
            }
            Ok(Some(Order::Another(newcomer))) => return Ended::Another(newcomer),
            Ok(None) => return Ended::For(0),
            Err(_) => return Ended::For(1),
        };
        playing.set(index);
        let Some(unit) = task.units.get(index) else {
            return Ended::For(1);
        };
        let ready = Ready::new(&stage, part(task, unit));
        // Told twice: to make it ready, and to play it when there is a place.
        loop {
            match next(&post.orders) {
                Ok(Some(Order::Unit(again))) if again == index => break,
                Ok(Some(Order::Place(place))) => {
                    let all = ready.init().into_iter().chain([this]);
                    all.for_each(|pid| allowed.keep_at(place, pid));
                }
                Ok(None) => return Ended::For(0),
                _ => return Ended::For(1),
            }
        }
        let (performance, remains) = match ready.play() {
            Ok(played) => played,
            Err(SceneError::Interrupted) => return Ended::For(0),
            Err(error @ SceneError::Unfit(_)) => {
                let _ = say(&unfit(&error));
                return Ended::For(0);
            }
            Err(_) => return Ended::For(1),
        };
        let finished = Frame::Finished(index, Box::new(performance));
        let said = match task.timed {
            // Whoever waits for the place need not wait until the kernel has taken the jail apart.
            Timed::No => {
                let said = say(&finished);
                make_way();
                let _ = remains.tear_down();
                said
            }
            Timed::Yes => {
                let timed = Frame::Timed(index, remains.tear_down());
                say(&timed).and_then(|()| say(&finished))
            }
        };
        if said.is_err() {
            return Ended::For(1);
        }
    }
}

/// How a unit of the task is played. The same seed gives the same nonces, whichever worker plays the check.
///
/// # Panics
/// On a unit that is none of the task's.
pub fn part<'a>(task: &'a Task, unit: &Unit) -> play::Part<'a> {
    let level = &task.levels[unit.level];
    let check = &level.level.checks[unit.check];
    let mut hasher = blake3::Hasher::new();
    hasher.update(&task.seed.to_le_bytes());
    for word in [task.submission.name.as_str(), &level.level.level, &check.id] {
        hasher.update(word.as_bytes());
        hasher.update(&[0]);
    }
    let nonce = hasher.finalize().to_hex()[..12].to_owned();
    let steps = check.scenario.iter().filter_map(|step| step.within_ms);
    let longest = steps.fold(task.timeout.as_millis() as u64, u64::max);
    let limits = Limits::of_check(&level.level.limits, &check.limits, &task.limits, longest);
    play::Part {
        limits,
        check,
        file: &level.file,
        nonce,
    }
}

/// Lets the main process go first, if it was woken on this very core, where a pipe's reader is expected to take over: others wait for
/// what it has to say, and nobody for what this process does next.
fn make_way() {
    let _ = nix::sched::sched_yield();
}
