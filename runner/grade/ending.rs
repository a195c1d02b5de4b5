//! Stages that have nothing more to do: they end by themselves, or are made to.

use super::signals::{Patience, Signals};
use crate::jail::sys::pidfd_kill;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

/// How long the processes of a submission get to tear down after they were told to.
const FAREWELL: Duration = Duration::from_secs(10);

/// A stage that has been told to end.
struct Ending {
    pidfd: OwnedFd,
    pid: Pid,
    until: Instant,
}

/// All of them.
#[derive(Default)]
pub(super) struct Endings(Vec<Ending>);

impl Endings {
    /// One more.
    pub(super) fn push(&mut self, (pidfd, pid): (OwnedFd, Pid)) {
        self.0.push(Ending {
            pidfd,
            pid,
            until: Instant::now() + FAREWELL,
        });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Lets go of what is known of them, in a process that is not their parent.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    /// What becomes readable when one has ended.
    pub(super) fn listening(&self) -> impl Iterator<Item = PollFd<'_>> {
        let pidfds = self.0.iter().map(|ending| ending.pidfd.as_fd());
        pidfds.map(|pidfd| PollFd::new(pidfd, PollFlags::POLLIN))
    }

    /// How long to wait for the next to end.
    pub(super) fn patience(&self) -> PollTimeout {
        let Some(until) = self.0.iter().map(|ending| ending.until).min() else {
            return PollTimeout::NONE;
        };
        // Rounded up, or the last millisecond is spent turning. One that was killed already is waited for a little at a time.
        let left = until.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
        PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)
    }

    /// Waits for those that have ended, and ends those that do not. The stages in `open` have not been told to.
    pub(super) fn bury(&mut self, open: impl Iterator<Item = Pid>, signals: &Signals) {
        let mut buried = false;
        self.0.retain_mut(|ending| {
            let mut ended = [PollFd::new(ending.pidfd.as_fd(), PollFlags::POLLIN)];
            if let Ok(0) | Err(_) = poll(&mut ended, PollTimeout::ZERO) {
                if Instant::now() >= ending.until {
                    // Its workers follow it, and their jails follow them.
                    let _ = pidfd_kill(ending.pidfd.as_fd(), Signal::SIGKILL);
                    ending.until += FAREWELL;
                }
                return true;
            }
            while let Err(Errno::EINTR) = waitpid(ending.pid, None) {}
            buried = true;
            false
        });
        if buried {
            let alive: Vec<Pid> = open.chain(self.0.iter().map(|ending| ending.pid)).collect();
            signals.reap_orphans(&alive, Patience::None);
        }
    }

    /// Waits until all have ended.
    pub(super) fn wait(&mut self, signals: &Signals) {
        while !self.0.is_empty() {
            let mut ended: Vec<PollFd> = self.listening().collect();
            let _ = poll(&mut ended, self.patience());
            self.bury(std::iter::empty(), signals);
        }
        signals.reap_orphans(&[], Patience::UntilTheyEnd);
    }
}

/// Whatever made the caller give up: no stage is left behind. [`Endings::wait`] has usually been here before.
impl Drop for Endings {
    fn drop(&mut self) {
        for ending in self.0.drain(..) {
            let _ = pidfd_kill(ending.pidfd.as_fd(), Signal::SIGKILL);
            while let Err(Errno::EINTR) = waitpid(ending.pid, None) {}
        }
    }
}
