//! Processes: those of the jail, those a container can see, and those a submission left behind.

use super::files::open_in;
use crate::jail::sys::pidfd_open;
use crate::play::procfs::{self, Status};
use checks::fact::{Row, Value};
use checks::observed::Observed;
use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat2, readlink, readlinkat};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::Mode;
use nix::sys::statfs::{PROC_SUPER_MAGIC, fstatfs};
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};

/// Most processes listed: the jail's limit is lower.
const MOST: usize = 10_000;

/// Longest status or argument vector that is read, in bytes.
const LONGEST: u64 = 1 << 16;

/// How long a process that is being killed may take to go, in milliseconds. It has nothing left to do but to be torn down.
const LAST_MOMENTS_MS: u16 = 5_000;

/// PF_EXITING of the flags in `/proc/PID/stat` (include/linux/sched.h).
const EXITING: u64 = 0x4;

/// What descends from a process, by the ids of the jail's own pid namespace: `pid ppid argv namespace`.
pub fn descendants(pid: Pid) -> Vec<Row> {
    procfs::descendants(pid)
        .into_iter()
        .filter_map(in_the_jail)
        .collect()
}

/// The processes that can be seen at `/proc` in the root of `pid`, by the ids that are seen there: a proc shows one pid
/// namespace, whoever reads it (pid_namespaces(7), "/proc and PID namespaces").
pub fn seen_at_proc(pid: Pid) -> Observed<Value> {
    let look = || -> nix::Result<Option<Vec<Row>>> {
        let root = open(
            format!("/proc/{pid}/root").as_str(),
            OFlag::O_PATH | OFlag::O_CLOEXEC,
            Mode::empty(),
        )?;
        let proc = match open_in(root.as_fd(), "/proc", OFlag::O_RDONLY | OFlag::O_DIRECTORY) {
            Ok(proc) if fstatfs(&proc)?.filesystem_type() == PROC_SUPER_MAGIC => proc,
            Ok(_) | Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP) => return Ok(None),
            Err(errno) => return Err(errno),
        };
        listed(proc).map(Some)
    };
    match look() {
        Ok(Some(rows)) => Observed::Known(Value::Table(rows)),
        Ok(None) => Observed::ContainerGone(
            "no proc is mounted at /proc in the container's root".to_owned(),
        ),
        Err(errno) => super::process::known(Err(errno.into()), pid),
    }
}

/// The children of `init` that `ours` does not claim and that go on running. What is dead and only waits to be buried has not
/// outlived anybody, and what is being killed is waited for.
pub fn left_with(init: Pid, ours: impl Fn(Pid) -> bool) -> Vec<Row> {
    let mut left = procfs::children(init);
    left.retain(|pid| !ours(*pid) && goes_on(*pid));
    left.into_iter().filter_map(in_the_jail).collect()
}

fn goes_on(pid: Pid) -> bool {
    // Opened before its state is read: if the id is another's by then, that one is no child of init, and its end is not
    // waited for.
    let Ok(pidfd) = pidfd_open(pid) else {
        return false;
    };
    match moment(pid) {
        Moment::Alive => true,
        Moment::Dead => false,
        Moment::Dying => {
            let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
            loop {
                match poll(&mut ended, PollTimeout::from(LAST_MOMENTS_MS)) {
                    Ok(1..) => return false,
                    Err(Errno::EINTR) => {}
                    Ok(_) | Err(_) => return true,
                }
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Alive,
    /// Killed, or on its way out of exit(2).
    Dying,
    /// Gone, or a zombie.
    Dead,
}

fn moment(pid: Pid) -> Moment {
    let (Ok(stat), Ok(status)) = (procfs::read(pid, "stat"), procfs::read(pid, "status")) else {
        return Moment::Dead;
    };
    moment_of(&stat, &status)
}

/// By the texts of `/proc/PID/stat` and `/proc/PID/status` (proc_pid_stat(5), proc_pid_status(5)).
pub(crate) fn moment_of(stat: &str, status: &str) -> Moment {
    // The name, in parentheses, may hold anything.
    let mut after_name = stat
        .rsplit_once(')')
        .map_or("", |(_, rest)| rest)
        .split_whitespace();
    match after_name.next() {
        Some("Z" | "X") | None => return Moment::Dead,
        Some(_) => {}
    }
    // Field 9 of the file; the state was field 3.
    let flags: u64 = after_name
        .nth(5)
        .and_then(|flags| flags.parse().ok())
        .unwrap_or_default();
    let killed = status
        .lines()
        .filter_map(|line| {
            line.strip_prefix("SigPnd:")
                .or(line.strip_prefix("ShdPnd:"))
        })
        .any(|mask| {
            let mask = u64::from_str_radix(mask.trim(), 16).unwrap_or_default();
            mask & (1 << (libc::SIGKILL - 1)) != 0
        });
    if killed || flags & EXITING != 0 {
        Moment::Dying
    } else {
        Moment::Alive
    }
}

fn in_the_jail(pid: Pid) -> Option<Row> {
    let status = procfs::status(pid).ok()?;
    let argv = procfs::argv(pid).ok()?;
    let namespace = readlink(format!("/proc/{pid}/ns/pid").as_str()).ok();
    // The first id is the one of our own namespace, the second the jail's.
    let id = |status: &Status| status.nspid.get(1).copied().unwrap_or_default();
    let parent = procfs::status(Pid::from_raw(status.ppid))
        .map(|parent| id(&parent))
        .unwrap_or_default();
    Some(row(id(&status), parent, argv, namespace.as_deref()))
}

/// The processes that an open mount of proc lists.
fn listed(proc: OwnedFd) -> nix::Result<Vec<Row>> {
    let beneath = ResolveFlag::RESOLVE_BENEATH
        | ResolveFlag::RESOLVE_NO_XDEV
        | ResolveFlag::RESOLVE_NO_MAGICLINKS;
    // Nothing that a container mounts over a part of its proc is read.
    let at = |path: &str, flags: OFlag| {
        openat2(
            &proc,
            path,
            OpenHow::new()
                .flags(flags | OFlag::O_CLOEXEC)
                .resolve(beneath),
        )
    };
    let text = |path: &str| -> Option<String> {
        let mut bytes = Vec::new();
        File::from(at(path, OFlag::O_RDONLY).ok()?)
            .take(LONGEST)
            .read_to_end(&mut bytes)
            .ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let mut rows = Vec::new();
    for entry in Dir::from_fd(at(".", OFlag::O_RDONLY | OFlag::O_DIRECTORY)?)?
        .iter()
        .take(MOST)
    {
        let Some(pid) = entry?
            .file_name()
            .to_str()
            .ok()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        // One that ended meanwhile is not listed.
        let Some(status) = text(&format!("{pid}/status")) else {
            continue;
        };
        let argv = text(&format!("{pid}/cmdline")).unwrap_or_default();
        let argv = argv.split_terminator('\0').map(str::to_owned).collect();
        let link = at(&format!("{pid}/ns/pid"), OFlag::O_PATH | OFlag::O_NOFOLLOW);
        let namespace = link.and_then(|link| readlinkat(&link, "")).ok();
        rows.push(row(
            pid,
            procfs::parse_status(&status).ppid,
            argv,
            namespace.as_deref(),
        ));
    }
    Ok(rows)
}

fn row(pid: i32, parent: i32, argv: Vec<String>, namespace: Option<&OsStr>) -> Row {
    let mut row = Row::new();
    row.insert("pid".to_owned(), Value::Number(pid as u64));
    row.insert("ppid".to_owned(), Value::Number(parent as u64));
    row.insert("argv".to_owned(), Value::Words(argv));
    // A zombie has none any more.
    if let Some(namespace) = namespace {
        let inode = namespace
            .to_string_lossy()
            .split(['[', ']'])
            .nth(1)
            .and_then(|inode| inode.parse().ok());
        row.insert(
            "namespace".to_owned(),
            Value::Number(inode.unwrap_or_default()),
        );
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::process::Command;

    #[rstest]
    #[case(
        "7 (a) S 1 7 7 0 -1 4194304 0",
        "SigPnd:\t0000000000000000\nShdPnd:\t0000000000000001",
        Moment::Alive
    )]
    #[case(
        "7 (a) S 1 7 7 0 -1 4194304 0",
        "SigPnd:\t0000000000000000\nShdPnd:\t0000000000000100",
        Moment::Dying
    )]
    #[case(
        "7 (a) R 1 7 7 0 -1 4194308 0",
        "SigPnd:\t0000000000000000\nShdPnd:\t0000000000000000",
        Moment::Dying
    )]
    #[case("7 (Z) R (a) Z 1 7 7 0 -1 4194316 0", "", Moment::Dead)]
    #[case("7 (a Z) S 1 7 7 0 -1 4194304 0", "", Moment::Alive)]
    #[case("", "", Moment::Dead)]
    fn the_state_of_a_process_is_read_from_its_texts(
        #[case] stat: &str,
        #[case] status: &str,
        #[case] expected: Moment,
    ) {
        assert_eq!(moment_of(stat, status), expected);
    }

    #[test]
    fn the_dead_and_the_dying_are_not_left_behind_and_the_living_are() {
        let us = nix::unistd::getpid();
        let mut child = Command::new("/bin/sleep").arg("1000").spawn().unwrap();
        let pid = Pid::from_raw(child.id() as i32);
        let left = || left_with(us, |other| other != pid).len();
        assert_eq!(left(), 1);
        child.kill().unwrap();
        // Killed, and not yet waited for.
        assert_eq!(left(), 0);
        child.wait().unwrap();
        assert_eq!(left(), 0);
    }

    #[test]
    fn proc_lists_this_process_in_its_own_namespace() {
        let us = nix::unistd::getpid();
        let Observed::Known(Value::Table(rows)) = seen_at_proc(us) else {
            panic!("this machine has a proc")
        };
        let own = rows
            .iter()
            .find(|row| row["pid"] == Value::Number(us.as_raw() as u64))
            .unwrap();
        let link = std::fs::read_link("/proc/self/ns/pid").unwrap();
        assert!(
            matches!(own["namespace"], Value::Number(inode) if link.to_string_lossy().contains(&inode.to_string()))
        );
        assert_eq!(
            own["ppid"],
            Value::Number(nix::unistd::getppid().as_raw() as u64)
        );
    }
}
