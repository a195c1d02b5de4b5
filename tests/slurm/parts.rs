//! How far the parts of a class are, read from the files of results that grow.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use rdgrade::results::Results;
use std::fs;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A directory in which something changes.
pub struct Watch(Inotify);

impl Watch {
    pub fn on(directory: &Path) -> Watch {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).unwrap();
        let flags =
            AddWatchFlags::IN_MODIFY | AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO;
        inotify.add_watch(directory, flags).unwrap();
        Watch(inotify)
    }

    /// Waits until something has changed since it was asked last. `false` when it is too late.
    pub fn changed(&self, until: Instant) -> bool {
        let left = until
            .saturating_duration_since(Instant::now())
            .min(Duration::from_secs(60));
        let mut ready = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        let changed = poll(&mut ready, PollTimeout::try_from(left).unwrap()).unwrap() > 0;
        // All at once: one look answers them.
        while changed && self.0.read_events().is_ok() {}
        changed
    }
}

/// What one task of the array grades.
pub struct Part(PathBuf);

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Results of checks of submissions that are not complete, or were not when the run ended.
    pub checks: usize,
    /// Submissions that are complete.
    pub done: usize,
    /// Those the part has.
    pub of: usize,
}

impl Part {
    pub fn at(path: PathBuf) -> Part {
        Part(path)
    }

    /// All that is there.
    pub fn text(&self) -> String {
        fs::read_to_string(&self.0).unwrap_or_default()
    }

    /// `None` as long as there is no file, or nothing in it.
    pub fn progress(&self) -> Option<Progress> {
        let results = Results::open(&self.0).ok()?;
        let lines = self.text();
        Some(Progress {
            checks: lines
                .lines()
                .filter(|line| line.starts_with("{\"check\""))
                .count(),
            done: results.done(),
            of: results.expected().count(),
        })
    }

    /// The process that appends to it, which has it locked.
    pub fn writer(&self) -> Option<nix::unistd::Pid> {
        use nix::fcntl::{FcntlArg, fcntl};
        let file = fs::File::open(&self.0).ok()?;
        let mut lock = libc::flock {
            l_type: libc::F_WRLCK as libc::c_short,
            l_whence: libc::SEEK_SET as libc::c_short,
            l_start: 0,
            l_len: 0,
            l_pid: 0,
        };
        fcntl(&file, FcntlArg::F_GETLK(&mut lock)).unwrap();
        (lock.l_type != libc::F_UNLCK as libc::c_short)
            .then(|| nix::unistd::Pid::from_raw(lock.l_pid))
    }
}

impl Progress {
    /// Something is there, and something is missing.
    pub fn is_midway(self) -> bool {
        self.checks > 0 && self.done < self.of
    }
}
