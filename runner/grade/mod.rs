//! Grading: who plays which check, and what becomes of the results.

mod build;
mod frame;
mod lay_down;
mod ready;
mod run;
mod stage;
mod task;

pub use ready::ready;
pub use run::{Program, Request, RunError, grade_all, settle};
pub use stage::part;
pub use task::{Settings, Task, mapping};

use crate::event::NotGraded;
use crate::jail::{JailError, While};
use crate::play::procfs::children;
use checks::report::CheckResult;
use frame::{Frame, Frames};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getpid};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// One check of one level.
#[derive(Debug, Clone, Copy)]
pub struct Unit {
    /// Index of the level in the task.
    pub level: usize,
    /// Index of the check in the level.
    pub check: usize,
}

/// How long the processes of a submission get to tear down after they were told to.
const FAREWELL: Duration = Duration::from_secs(10);

/// Signals that end a run. They are blocked and read from a descriptor, so that teardown is never skipped.
pub struct Signals {
    descriptor: SignalFd,
    /// Children this process had before it made any.
    inherited: Vec<Pid>,
}

impl Signals {
    /// Takes charge of SIGINT, SIGTERM and SIGHUP, and of orphans of ours: a jail's init whose worker died is reaped here.
    pub fn take() -> Result<Self, JailError> {
        let mut set = SigSet::empty();
        set.add(Signal::SIGINT);
        set.add(Signal::SIGTERM);
        set.add(Signal::SIGHUP);
        set.thread_block().while_trying(|| "block signals")?;
        nix::sys::prctl::set_child_subreaper(true).while_trying(|| "become a subreaper")?;
        let descriptor =
            SignalFd::with_flags(&set, SfdFlags::SFD_CLOEXEC).while_trying(|| "open a signalfd")?;
        Ok(Signals {
            descriptor,
            inherited: children(getpid()),
        })
    }
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

/// Grades one submission with `jobs` workers; `finished` is called for each check as it ends.
pub fn grade(
    task: &Task,
    jobs: usize,
    signals: &Signals,
    mut finished: impl FnMut(usize, &CheckResult),
) -> Result<Graded, JailError> {
    let mut done: Vec<Option<CheckResult>> = vec![None; task.units.len()];
    for (index, slot) in done.iter_mut().enumerate() {
        let check = task.check(index);
        let missing = check
            .requires
            .iter()
            .find_map(|ability| task.missing.get(ability));
        if let Some(reason) = missing {
            let result = checks::judge::ungradable(check, reason);
            finished(index, &result);
            *slot = Some(result);
        }
    }
    let playable: Vec<usize> = (0..done.len())
        .filter(|index| done[*index].is_none())
        .collect();
    if playable.is_empty() {
        return Ok(Graded::Results(done.into_iter().flatten().collect()));
    }
    let mut process = stage::start(task, &playable, jobs.clamp(1, playable.len()))?;
    let mut watch = Watch {
        taken: vec![None; process.frames.len()],
        failure: None,
        done,
        finished: &mut finished,
        task,
    };
    let outcome = watch.run(&mut process, signals);
    farewell(process, signals);
    let Watch {
        failure, mut done, ..
    } = watch;
    if !outcome? {
        return Ok(Graded::Interrupted);
    }
    if let Some(failure) = failure {
        return Ok(Graded::Not(failure));
    }
    for (index, slot) in done.iter_mut().enumerate() {
        if slot.is_none() {
            let check = task.check(index);
            let result = checks::judge::error(
                check,
                "the process that was to play this check ended before it did",
            );
            finished(index, &result);
            *slot = Some(result);
        }
    }
    Ok(Graded::Results(done.into_iter().flatten().collect()))
}

/// Collects what stage and workers say.
struct Watch<'a> {
    taken: Vec<Option<usize>>,
    failure: Option<NotGraded>,
    done: Vec<Option<CheckResult>>,
    finished: &'a mut dyn FnMut(usize, &CheckResult),
    task: &'a Task,
}

impl Watch<'_> {
    /// Until every pipe is at its end; `false` when a signal asked to stop.
    fn run(
        &mut self,
        process: &mut stage::StageProcess,
        signals: &Signals,
    ) -> Result<bool, JailError> {
        let mut readers: Vec<Frames> = process.frames.iter().map(|_| Frames::default()).collect();
        let mut open: Vec<bool> = vec![true; process.frames.len()];
        while open.contains(&true) {
            let mut ready = vec![PollFd::new(signals.descriptor.as_fd(), PollFlags::POLLIN)];
            let mut index_of = Vec::new();
            for (index, pipe) in process.frames.iter().enumerate() {
                if open[index] {
                    index_of.push(index);
                    ready.push(PollFd::new(pipe.as_fd(), PollFlags::POLLIN));
                }
            }
            match poll(&mut ready, PollTimeout::NONE) {
                Ok(_) => {}
                Err(Errno::EINTR) => continue,
                Err(errno) => return Err(JailError::new("wait for the workers", errno)),
            }
            if ready[0].any() == Some(true) {
                return Ok(false);
            }
            for (position, index) in index_of.into_iter().enumerate() {
                if ready[position + 1].any() != Some(true) {
                    continue;
                }
                let read = readers[index]
                    .read(&process.frames[index])
                    .while_trying(|| "hear from a worker")?;
                for frame in read.0 {
                    self.take(index, frame);
                }
                open[index] = !read.1;
            }
        }
        Ok(true)
    }

    fn take(&mut self, reader: usize, frame: Frame) {
        match frame {
            Frame::Prepared => {}
            Frame::NotGraded { reason, remedy } => {
                self.failure = Some(NotGraded { reason, remedy })
            }
            Frame::BuildFailed(output) => {
                for index in 0..self.done.len() {
                    if self.done[index].is_none() {
                        self.finish(
                            index,
                            checks::judge::not_built(self.task.check(index), &output),
                        );
                    }
                }
            }
            Frame::Started(index) => self.taken[reader] = Some(index),
            Frame::Finished(index, result) => {
                self.taken[reader] = None;
                self.finish(index, *result);
            }
        }
    }

    fn finish(&mut self, index: usize, result: CheckResult) {
        (self.finished)(index, &result);
        if let Some(slot) = self.done.get_mut(index) {
            *slot = Some(result);
        }
    }
}

/// Lets go of the lease, waits for the processes, and ends those that do not listen.
fn farewell(process: stage::StageProcess, signals: &Signals) {
    let stage::StageProcess {
        pidfd, pid, lease, ..
    } = process;
    drop(lease);
    let until = Instant::now() + FAREWELL;
    let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        match poll(&mut ended, timeout) {
            Err(Errno::EINTR) => {}
            Ok(0) | Err(_) => {
                // Its workers follow it, and their jails follow them.
                let _ = crate::jail::sys::pidfd_kill(pidfd.as_fd(), Signal::SIGKILL);
                break;
            }
            Ok(_) => break,
        }
    }
    while let Err(Errno::EINTR) = waitpid(pid, None) {}
    reap_orphans(signals);
}

/// Waits for what was reparented to us: jails whose worker was killed. They are dying already.
///
/// Other children are none of our business: `cmd & exec rdgrade …` in a shell leaves us those of the shell.
fn reap_orphans(signals: &Signals) {
    let ours = || {
        children(getpid())
            .into_iter()
            .filter(|child| !signals.inherited.contains(child))
    };
    // Each is waited for by its id, or a foreign one that never ends would keep us here.
    while let Some(child) = ours().next() {
        if let Err(errno) = waitpid(child, None)
            && errno != Errno::EINTR
        {
            return;
        }
    }
}
