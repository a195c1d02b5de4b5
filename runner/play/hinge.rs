//! The exec hinge: the container is known by the kernel at its execve, in any language.
//!
//! The filter holds every execve. While the caller is held, its root, namespaces, ids and mounts are read from procfs;
//! then it goes on. The argument vector only selects which execve is the one that was asked for.

use super::observe::{groups, process};
use super::scene::Scene;
use super::{memory, procfs};
use crate::jail::While;
use crate::jail::sys::{Answer, Notification, notification_is_valid, pidfd_open};
use checks::fact::{FactName, Row, Value};
use checks::observed::Observed;
use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};

/// Most rows kept of the table `execs`.
const EXECS: usize = 1000;

/// A process that was seen executing the command asked for.
pub struct Container {
    /// Its id as this process's pid namespace counts.
    pub pid: Pid,
    /// Its process; `None` if it was gone before it could be had.
    pub pidfd: Option<OwnedFd>,
    /// Whether the file to execute was there, in the container's root.
    pub found: Result<(), Errno>,
    /// What the kernel said at that moment.
    pub facts: BTreeMap<FactName, Observed<Value>>,
}

/// Where an execve's arguments are.
pub struct Arguments {
    directory: Option<i32>,
    path: u64,
    argv: u64,
    flags: u64,
}

impl Arguments {
    /// Of execve(2).
    pub fn execve(call: &Notification) -> Self {
        Arguments {
            directory: None,
            path: call.arguments[0],
            argv: call.arguments[1],
            flags: 0,
        }
    }

    /// Of execveat(2).
    pub fn execveat(call: &Notification) -> Self {
        Arguments {
            directory: Some(call.arguments[0] as i32),
            path: call.arguments[1],
            argv: call.arguments[2],
            flags: call.arguments[4],
        }
    }
}

/// Looks at an execve. It always goes on.
pub fn executes(scene: &mut Scene, call: &Notification, arguments: Arguments) -> Answer {
    // Whatever cannot be read (a caller that died, a program we may not trace) is no command of ours.
    let _ = look(scene, call, &arguments);
    Answer::Continue
}

fn look(scene: &mut Scene, call: &Notification, arguments: &Arguments) -> Option<()> {
    // The latest program that still runs and has not yet been spoken to is the one whose container is awaited.
    let index = scene
        .programs
        .iter()
        .rposition(|program| !program.asked.is_empty() && program.exit.is_none())?;
    let thread = call.thread;
    if !memory::are(thread, arguments.argv, &scene.programs[index].asked).ok()? {
        return None;
    }
    let found = file_there(thread, arguments);
    let status = procfs::status(thread);
    let mut facts = BTreeMap::new();
    if let Ok(status) = &status {
        facts = process::facts_at_exec(thread, status, scene.jail.ids, &scene.wanted);
        facts.extend(groups::at_exec(&scene.jail.groups, thread, &scene.wanted));
    }
    // Still held, hence everything above was read from this very process.
    if !notification_is_valid(scene.jail.listener.as_fd(), call.id) {
        return None;
    }
    let status = match status {
        Ok(status) => status,
        // It is there and held, and we could not look: nothing may be concluded from that.
        Err(error) => {
            let failed = Err::<(), _>(error);
            let doing = || "look at a process that is about to be the container";
            scene.failed = failed.while_trying(doing).err();
            return None;
        }
    };
    let pid = Pid::from_raw(status.tgid);
    if scene.execs.len() < EXECS {
        let argv = &scene.programs[index].asked;
        scene.execs.push(row(argv, &status, &facts, found));
    }
    let program = &mut scene.programs[index];
    // execvp tries one directory of PATH after another: the first attempt that finds the file is the container, unless
    // none does.
    let better = program
        .container
        .as_ref()
        .is_none_or(|known| known.found.is_err());
    if better || (found.is_ok() && !program.spoken_to) {
        program.container = Some(Container {
            pid,
            pidfd: pidfd_open(pid).ok(),
            found,
            facts,
        });
    }
    Some(())
}

fn row(
    argv: &[String],
    status: &procfs::Status,
    facts: &BTreeMap<FactName, Observed<Value>>,
    found: Result<(), Errno>,
) -> Row {
    let mut row = Row::new();
    row.insert("argv".to_owned(), Value::Words(argv.to_vec()));
    // As its parent counts it, which is what a submission prints: the id in the jail's own namespace.
    let pid = status
        .nspid
        .get(1)
        .or(status.nspid.first())
        .copied()
        .unwrap_or_default();
    row.insert("pid".to_owned(), Value::Number(pid as u64));
    if let Some(Observed::Known(root)) = facts.get(&FactName::Root) {
        row.insert("root".to_owned(), root.clone());
    }
    if let Err(errno) = found {
        row.insert("error".to_owned(), Value::Text(format!("{errno:?}")));
    }
    row
}

/// Whether the file exists in the caller's root: *tried there, and not found there*.
fn file_there(thread: Pid, arguments: &Arguments) -> Result<(), Errno> {
    let path = memory::string(thread, arguments.path)?;
    let flags = OFlag::O_PATH | OFlag::O_CLOEXEC;
    if path.is_empty() && arguments.flags & libc::AT_EMPTY_PATH as u64 != 0 {
        return Ok(());
    }
    let absolute = path.starts_with(b"/");
    let base = match arguments.directory {
        _ if absolute => format!("/proc/{thread}/root"),
        Some(fd) if fd != libc::AT_FDCWD => format!("/proc/{thread}/fd/{fd}"),
        _ => format!("/proc/{thread}/cwd"),
    };
    let base = nix::fcntl::open(base.as_str(), flags, nix::sys::stat::Mode::empty())?;
    let mut resolve = ResolveFlag::RESOLVE_NO_MAGICLINKS;
    if absolute {
        resolve |= ResolveFlag::RESOLVE_IN_ROOT;
    }
    openat2(
        &base,
        path.as_slice(),
        OpenHow::new().flags(flags).resolve(resolve),
    )
    .map(drop)
}
