//! Tasks that are done, whose processes may play others: neither they nor their ground need be made again, nor the groups of
//! their jails.

use super::Task;
use super::ending::Endings;
use super::open::Open;
use super::pool::Ticket;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::fs::File;
use std::ops::Deref;
use std::os::fd::AsFd;

/// All of them.
pub(super) struct Done<T> {
    tasks: Vec<Open<T>>,
    mounts: Mounts,
}

impl<T> Default for Done<T> {
    fn default() -> Self {
        Done {
            tasks: Vec::new(),
            mounts: Mounts::default(),
        }
    }
}

impl<T> Done<T> {
    /// Lets go of all but so many.
    pub fn end(&mut self, but: usize, ending: &mut Endings) {
        let surplus = self.tasks.len().saturating_sub(but);
        let processes = self.tasks.drain(..surplus).map(Open::into_process);
        processes.for_each(|process| ending.push(process));
    }

    /// Lets go of what is known of them, in a process that is not their parent.
    pub fn forget(&mut self) {
        self.tasks.clear();
    }
}

impl<T: Deref<Target = Task> + Clone> Done<T> {
    /// To be asked before ground is prepared on which others may follow, and told to who prepares it.
    pub fn mounts(&mut self) -> Epoch {
        self.mounts.epoch()
    }

    /// One more.
    pub fn push(&mut self, done: Open<T>) {
        self.tasks.push(done);
    }

    /// Has one of the processes go on with a task.
    pub fn go_on_with(
        &mut self,
        ticket: Ticket,
        task: &T,
        playable: &[usize],
        ending: &mut Endings,
    ) -> Option<Open<T>> {
        if self.tasks.is_empty() {
            return None;
        }
        let epoch = self.mounts.epoch();
        let serves = |done: &Open<T>| done.mounts == epoch && done.task.serves(task);
        let mut open = self.tasks.remove(self.tasks.iter().position(serves)?);
        if open.go_on_with(ticket, task.clone(), playable) {
            return Some(open);
        }
        ending.push(open.into_process());
        None
    }
}

/// What can have been mounted: ground that was prepared in another epoch may not show what rdgrade itself sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Epoch(usize);

/// The mounts that this process sees.
#[derive(Default)]
struct Mounts {
    table: Option<File>,
    epoch: Epoch,
}

impl Mounts {
    /// The same as long as nothing is mounted or unmounted (proc_pid_mounts(5): such a file is pollable).
    fn epoch(&mut self) -> Epoch {
        let unchanged = self.table.as_ref().is_some_and(|table| {
            let mut changed = [PollFd::new(table.as_fd(), PollFlags::POLLPRI)];
            matches!(poll(&mut changed, PollTimeout::ZERO), Ok(0))
        });
        if !unchanged {
            self.table = File::open("/proc/self/mountinfo").ok();
            self.epoch.0 += 1;
        }
        self.epoch
    }
}
