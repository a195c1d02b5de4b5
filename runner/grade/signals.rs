//! Signals that end a run, and children of ours that nobody else waits for.

use crate::jail::{JailError, While};
use crate::play::procfs::children;
use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, getpid};
use std::os::fd::{AsFd, BorrowedFd};

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

    /// Readable when a signal has come.
    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// Waits for what was reparented to us and is none of `ours`: jails whose worker was killed. They are dying already; with
    /// [`Patience::None`] those that are not dead yet are left for later.
    ///
    /// Other children are none of our business: `cmd & exec rdgrade …` in a shell leaves us those of the shell.
    pub(super) fn reap_orphans(&self, ours: &[Pid], patience: Patience) {
        let flags = match patience {
            Patience::None => Some(WaitPidFlag::WNOHANG),
            Patience::UntilTheyEnd => None,
        };
        // Each is waited for by its id, or a foreign one that never ends would keep us here. Its own children become ours.
        loop {
            let mut gone = false;
            for child in children(getpid()) {
                if self.inherited.contains(&child) || ours.contains(&child) {
                    continue;
                }
                match waitpid(child, flags) {
                    Ok(nix::sys::wait::WaitStatus::StillAlive) => {}
                    Ok(_) | Err(Errno::EINTR) => gone = true,
                    Err(_) => return,
                }
            }
            if !gone {
                return;
            }
        }
    }
}

/// How long to wait for an orphan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// Not at all.
    None,
    /// Until it has ended.
    UntilTheyEnd,
}
