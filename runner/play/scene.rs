//! A jail and everything that goes on in it: the loop that waits, with a deadline, for whatever comes first.

use super::capture::Capture;
use super::meter::{self, Meter, Tmpfs};
use super::observe::process;
use super::rest::Rest;
use super::running::{Running, decode, pid_of};
use super::supervisor;
use crate::jail::{FromInit, Jail, JailError, Mechanism, Program, ToInit, While};
use crate::recording::Tape;
use checks::fact::{FactName, Row};
use checks::limit::Exceeded;
use checks::played::Side;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::read;
use std::collections::BTreeSet;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// What was waited for is there.
    Done,
    /// The deadline passed.
    Deadline,
    /// A limit of the jail was exceeded: [`Scene::exceeded`].
    Limit,
}

/// Why a scene cannot go on: never the submission's doing.
#[derive(Debug, thiserror::Error)]
pub enum SceneError {
    /// rdgrade was asked to stop.
    #[error("rdgrade was interrupted")]
    Interrupted,
    /// The jail's init ended although nobody asked it to.
    #[error("the jail ended by itself")]
    JailGone,
    /// The jail is not what is promised: nothing may be graded in it.
    #[error("this host does not give what the jail promises: {}", .0.join("; "))]
    Unfit(Vec<String>),
    /// Something did not work.
    #[error(transparent)]
    Jail(#[from] JailError),
}

/// Everything that happens in one jail.
pub struct Scene<'a> {
    /// The jail.
    pub jail: Jail,
    /// The programs started so far.
    pub programs: Vec<Running>,
    /// Every execve of a command that was asked for: `argv pid root error`.
    pub execs: Vec<Row>,
    /// What is recorded, if anything is.
    pub tape: Option<Tape>,
    /// File systems that programs are describing with the new mount API.
    pub contexts: supervisor::Contexts,
    /// What is used of the jail's limits.
    pub meter: Meter,
    /// Whether it does nothing but wait.
    pub rest: Rest<'a>,
    /// The facts of containers that are recorded at their execve, besides their root: all of them, if nobody says which.
    pub wanted: BTreeSet<FactName>,
    /// The tmpfs that were mounted inside.
    pub tmpfs: Tmpfs,
    /// What we failed to do while a call was held.
    pub failed: Option<JailError>,
    /// The limit that was exceeded: nothing is waited for any more.
    pub exceeded: Option<Exceeded>,
    /// Readable (end of file) when rdgrade's main process wants this to stop, or is gone.
    lease: BorrowedFd<'a>,
    spawned: Option<Result<usize, JailError>>,
    /// Whether init was asked for a program and has not answered.
    starting: bool,
    coming: Vec<String>,
}

impl<'a> Scene<'a> {
    /// Takes over a jail.
    pub fn new(jail: Jail, lease: BorrowedFd<'a>) -> Self {
        let groups = jail.groups.as_ref();
        let meter = Meter::new(
            &jail.limits,
            groups.is_ok_and(|groups| groups.limit("memory")),
        );
        Scene {
            meter,
            rest: Rest::of_nobody(),
            wanted: process::RECORDED.into(),
            tmpfs: Tmpfs::default(),
            failed: None,
            exceeded: None,
            jail,
            programs: Vec::new(),
            execs: Vec::new(),
            tape: None,
            contexts: supervisor::Contexts::default(),
            lease,
            spawned: None,
            starting: false,
            coming: Vec::new(),
        }
    }

    /// Starts a program; `asked` is the command it is to put into a container. Returns its index.
    pub fn spawn(&mut self, program: Program, asked: &[String]) -> Result<usize, SceneError> {
        self.spawned = None;
        self.starting = true;
        self.coming = asked.to_vec();
        self.jail
            .wire
            .send(&ToInit::Spawn(program), &[])
            .while_trying(|| "speak to the jail's init")?;
        let deadline = Instant::now() + Duration::from_secs(10);
        let waited = self.wait(deadline, |scene| scene.spawned.is_some());
        self.starting = false;
        match waited? {
            Waited::Done => Ok(self
                .spawned
                .take()
                .unwrap_or_else(|| unreachable!("just seen"))?),
            Waited::Deadline | Waited::Limit => {
                Err(JailError::new("start a program in the jail", Errno::ETIMEDOUT).into())
            }
        }
    }

    /// Waits until `done`, serving the jail meanwhile.
    pub fn wait(
        &mut self,
        deadline: Instant,
        mut done: impl FnMut(&Self) -> bool,
    ) -> Result<Waited, SceneError> {
        loop {
            if let Some(error) = self.failed.take() {
                return Err(error.into());
            }
            if done(self) {
                return Ok(Waited::Done);
            }
            let now = Instant::now();
            if self.exceeded.is_none() && now >= self.meter.next() {
                self.exceeded = meter::on_the_way(self);
            }
            if self.exceeded.is_some() {
                return Ok(Waited::Limit);
            }
            let left = deadline.saturating_duration_since(now);
            if left.is_zero() && Mechanism::Deadlines.is_on() {
                return Ok(Waited::Deadline);
            }
            let groups = self.jail.groups.as_ref().ok();
            let used = || groups?.cpu_time().map(|(used, _)| used);
            self.rest.look(now, used);
            let next = self.meter.next().saturating_duration_since(now);
            self.turn(left.min(next).min(self.rest.next(now)))?;
        }
    }

    /// Waits for one event, or until `longest` has passed, and serves all that is ready.
    fn turn(&mut self, longest: Duration) -> Result<(), SceneError> {
        const FIXED: usize = 4;
        let readable = |fd| PollFd::new(fd, PollFlags::POLLIN);
        // On a busy machine a program may come to its container's execve before init comes to tell that it was started. Until
        // then every held call stays held, or an execve would be nobody's.
        let calls = if self.starting {
            PollFlags::empty()
        } else {
            PollFlags::POLLIN
        };
        let mut ready = vec![
            readable(self.lease),
            PollFd::new(self.jail.listener.as_fd(), calls),
            readable(self.jail.wire.as_fd()),
            readable(self.jail.pidfd()),
        ];
        let mut streams = Vec::new();
        for (index, program) in self.programs.iter().enumerate() {
            if let Some(stream) = &program.stream {
                streams.push(index);
                ready.push(readable(stream.as_fd()));
            }
        }
        // Rounded up: a timeout of 0 would spin until the deadline.
        let timeout =
            PollTimeout::try_from(longest + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
        match poll(&mut ready, timeout) {
            Ok(0) | Err(Errno::EINTR) => return Ok(()),
            Ok(_) => {}
            Err(errno) => return Err(JailError::new("wait for the jail", errno).into()),
        }
        self.rest.stirred();
        let events: Vec<bool> = ready.iter().map(|fd| fd.any() == Some(true)).collect();
        if events[0] {
            return Err(SceneError::Interrupted);
        }
        if events[1] {
            supervisor::serve(self)?;
        }
        // What was printed comes before the news that the printer has ended.
        for (position, index) in streams.into_iter().enumerate() {
            if events[FIXED + position] {
                self.read_stream(index);
            }
        }
        if events[2] {
            self.hear()?;
        }
        if events[3] {
            return Err(SceneError::JailGone);
        }
        Ok(())
    }

    fn read_stream(&mut self, index: usize) {
        let program = &mut self.programs[index];
        let Some(stream) = &program.stream else {
            return;
        };
        let mut buffer = [0; 16 * 1024];
        match read(stream, &mut buffer) {
            // EIO is how a pty says end of file.
            Ok(0) | Err(Errno::EIO) => program.spent = program.stream.take(),
            Ok(length) => {
                program.output.push(&buffer[..length]);
                if let Some(tape) = &mut self.tape {
                    tape.printed(index, &buffer[..length]);
                }
                self.meter.printed(&self.jail.limits, length);
                if let Some(awaited) = &mut program.awaited {
                    awaited.look(&buffer[..length]);
                }
            }
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            Err(_) => program.stream = None,
        }
    }

    /// Puts a line that is typed now on the record, where there is one.
    pub fn show_typed(&mut self, side: Side, line: &str) {
        if let Some(tape) = &mut self.tape {
            tape.typed(side, line);
        }
    }

    /// Reads what a program has already printed, without waiting for more: a daemon may hold its terminal for ever.
    pub fn drain(&mut self, index: usize) {
        // A flood from a daemon must not keep us here.
        for _ in 0..1024 {
            let Some(stream) = &self.programs[index].stream else {
                return;
            };
            let mut ready = [PollFd::new(stream.as_fd(), PollFlags::POLLIN)];
            match poll(&mut ready, PollTimeout::ZERO) {
                Ok(1..) => self.read_stream(index),
                _ => return,
            }
        }
    }

    fn hear(&mut self) -> Result<(), SceneError> {
        let heard = self
            .jail
            .wire
            .receive::<FromInit>()
            .while_trying(|| "hear from the jail's init")?;
        match heard {
            None => return Err(SceneError::JailGone),
            Some((FromInit::Spawned { pid }, descriptors)) => {
                let received: Result<[OwnedFd; 2], _> = descriptors.try_into();
                let Ok([pidfd, stream]) = received else {
                    self.spawned = Some(Err(JailError::new(
                        "receive a program's descriptors",
                        Errno::EMFILE,
                    )));
                    return Ok(());
                };
                let host_pid = pid_of(&pidfd).while_trying(|| "read a pidfd's id")?;
                self.programs.push(Running {
                    jail_pid: pid,
                    pid: host_pid,
                    pidfd,
                    stream: Some(stream),
                    spent: None,
                    output: Capture::default(),
                    exit: None,
                    asked: std::mem::take(&mut self.coming),
                    container: None,
                    spoken_to: false,
                    awaited: None,
                });
                self.spawned = Some(Ok(self.programs.len() - 1));
            }
            Some((FromInit::Exited { pid, status }, _)) => {
                let ended = self
                    .programs
                    .iter_mut()
                    .find(|program| program.jail_pid == pid && program.exit.is_none());
                if let Some(program) = ended {
                    program.exit = Some(decode(status));
                    program.spent = None;
                }
            }
            Some((FromInit::Failed { doing, errno }, _)) => {
                self.spawned = Some(Err(JailError::new(doing, Errno::from_raw(errno))));
            }
            Some((FromInit::Ready { .. } | FromInit::Masked { .. }, _)) => {}
        }
        Ok(())
    }
}
