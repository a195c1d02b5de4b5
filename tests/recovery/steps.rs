//! A run under ptrace(2), which counts its steps and can kill at any of them.
//!
//! A step is the beginning or the end of a system call: what a process would leave behind changes there alone, and how many there
//! are does not depend on how busy the machine is. Who is killed at a step that was counted is certainly alive.
//!
//! On the way it is seen that none of them has a thread: who forks had better have none.

use crate::run::{command, heard};
use nix::errno::Errno;
use nix::sys::ptrace::{self, Event, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fs;

/// Who is killed, by how far below the process that was started it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Victim {
    /// That process.
    Main,
    /// A child of it.
    Stage,
    /// A child of that. What is below are jails, which are not traced.
    Worker,
}

impl Victim {
    /// All of them.
    pub const ALL: [Victim; 3] = [Victim::Main, Victim::Stage, Victim::Worker];

    fn child(self) -> Option<Victim> {
        match self {
            Victim::Main => Some(Victim::Stage),
            Victim::Stage => Some(Victim::Worker),
            Victim::Worker => None,
        }
    }
}

/// A run that is over.
#[derive(Debug)]
pub struct Walked {
    /// The exit status, unless it was killed.
    pub code: Option<i32>,
    /// What it said.
    pub said: String,
    /// The steps of all of that kind, up to the blow.
    pub steps: u64,
    /// Who was struck, if the run came that far.
    pub struck: Option<Pid>,
}

/// Runs level 01 to its end, with all that was its own. At step `at` of those who are `victim`, counted together, whoever makes
/// it is killed.
pub fn walk(cache: &str, victim: Victim, at: Option<u64>) -> Walked {
    let run = command("/bin/sh", "level01", cache).spawn().unwrap();
    let main = Pid::from_raw(run.id() as i32);
    // The shell waits there for who is to trace it.
    let stopped = waitpid(main, Some(WaitPidFlag::WUNTRACED)).unwrap();
    assert_eq!(stopped, WaitStatus::Stopped(main, Signal::SIGSTOP));
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACECLONE;
    ptrace::seize(main, options).unwrap();
    kill(main, Signal::SIGCONT).unwrap();
    let mut tracer = Tracer {
        victim,
        at,
        known: BTreeMap::new(),
        steps: 0,
        struck: None,
    };
    let mut code = None;
    loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(pid, status)) if pid == main => code = Some(status),
            Ok(status) => tracer.meet(main, status),
            Err(Errno::EINTR) => {}
            Err(Errno::ECHILD) => break,
            Err(errno) => panic!("waitpid: {errno}"),
        }
    }
    Walked {
        code,
        said: heard(run),
        steps: tracer.steps,
        struck: tracer.struck,
    }
}

struct Tracer {
    victim: Victim,
    at: Option<u64>,
    /// Those that are traced.
    known: BTreeMap<Pid, Victim>,
    steps: u64,
    struck: Option<Pid>,
}

impl Tracer {
    fn meet(&mut self, main: Pid, status: WaitStatus) {
        match status {
            WaitStatus::PtraceSyscall(pid) if self.is_counted(pid) => {
                self.steps += 1;
                if Some(self.steps) == self.at {
                    self.struck = Some(pid);
                    kill(pid, Signal::SIGKILL).unwrap();
                } else {
                    self.resume(pid, None);
                }
            }
            WaitStatus::PtraceSyscall(pid) => self.resume(pid, None),
            WaitStatus::Stopped(pid, signal) => self.resume(pid, Some(signal)),
            WaitStatus::PtraceEvent(pid, _, event) => {
                if pid == main && event == Event::PTRACE_EVENT_EXEC as i32 {
                    // The shell has become rdgrade.
                    self.known.insert(main, Victim::Main);
                }
                if pid == main || self.known.contains_key(&pid) {
                    return self.resume(pid, None);
                }
                let born = Born::of(pid);
                let threads = born
                    .iter()
                    .filter(|born| born.leader != pid && self.known.contains_key(&born.leader));
                assert_eq!(threads.count(), 0, "rdgrade has a thread");
                let parent = born.and_then(|born| self.known.get(&born.parent));
                match parent.and_then(|parent| parent.child()) {
                    Some(kind) => {
                        self.known.insert(pid, kind);
                        self.resume(pid, None);
                    }
                    None => let_go(ptrace::detach(pid, None)),
                }
            }
            // Also of orphans that nobody has traced: this is process 1.
            WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..) => {
                self.known.remove(&pid);
            }
            _ => {}
        }
    }

    fn is_counted(&self, pid: Pid) -> bool {
        self.struck.is_none() && self.known.get(&pid) == Some(&self.victim)
    }

    fn resume(&self, pid: Pid, signal: Option<Signal>) {
        let_go(if self.is_counted(pid) {
            ptrace::syscall(pid, signal)
        } else {
            ptrace::cont(pid, signal)
        });
    }
}

/// Whoever has been killed meanwhile needs no leave to go on.
fn let_go(result: nix::Result<()>) {
    assert!(matches!(result, Ok(()) | Err(Errno::ESRCH)), "{result:?}");
}

/// A task that has done nothing yet.
struct Born {
    parent: Pid,
    /// Itself, unless it is a thread.
    leader: Pid,
}

impl Born {
    fn of(pid: Pid) -> Option<Born> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let field = |name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().parse().ok().map(Pid::from_raw)
        };
        Some(Born {
            parent: field("PPid:")?,
            leader: field("Tgid:")?,
        })
    }
}
