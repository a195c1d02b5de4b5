//! Facts about one process, read from its `/proc` entry.

use super::{mounts, place};
use crate::jail::IdRange;
use crate::play::procfs::{self, Status};
use checks::fact::{FactName, Row, Value};
use checks::observed::Observed;
use nix::unistd::Pid;
use std::collections::{BTreeMap, BTreeSet};

/// The facts that can be recorded while an execve is held, and stay known when the process is gone; the last two are of its groups.
pub const RECORDED: [FactName; 9] = [
    FactName::Root,
    FactName::RootDevice,
    FactName::Cwd,
    FactName::Pid,
    FactName::Namespaces,
    FactName::Ids,
    FactName::Mounts,
    FactName::CpuGroup,
    FactName::MemoryGroup,
];

/// Namespaces by their names under `/proc/PID/ns`.
const NAMESPACES: [&str; 7] = ["mnt", "pid", "net", "uts", "ipc", "user", "cgroup"];

/// Reads what is recorded at an execve: the root, which the table of all of them shows, and what is `wanted`. The thread must be
/// held; `status` is its own.
pub fn facts_at_exec(
    thread: Pid,
    status: &Status,
    ids: IdRange,
    wanted: &BTreeSet<FactName>,
) -> BTreeMap<FactName, Observed<Value>> {
    // What an overlay is made of, and its lower layer, are read from the table of mounts.
    let needed = |name| match name {
        FactName::Root => true,
        FactName::Mounts => [name, FactName::Overlay, FactName::Tree]
            .iter()
            .any(|name| wanted.contains(name)),
        _ => wanted.contains(&name),
    };
    let own = &RECORDED[..RECORDED.len() - 2];
    let needed = own.iter().copied().filter(|name| needed(*name));
    needed
        .map(|name| match known_by(status, name, ids) {
            Some(value) => (name, Observed::Known(value)),
            None => (name, fact(thread, name, ids)),
        })
        .collect()
}

/// A fact that is in the process's status.
fn known_by(status: &Status, name: FactName, ids: IdRange) -> Option<Value> {
    match name {
        FactName::Pid => Some(Value::Number(innermost(status))),
        FactName::Ids => Some(Value::Row(ids_of(status, ids))),
        _ => None,
    }
}

/// Reads one fact of a process that is held or alive.
pub fn fact(pid: Pid, name: FactName, ids: IdRange) -> Observed<Value> {
    let read = match name {
        FactName::Root => place::of(pid, "root").map(Value::Place).map_err(Into::into),
        FactName::Cwd => place::of(pid, "cwd").map(Value::Place).map_err(Into::into),
        FactName::RootDevice => place::of(pid, "root")
            .map(|root| Value::Text(format!("{}:{}", root.file.major, root.file.minor)))
            .map_err(Into::into),
        FactName::Pid | FactName::Ids => procfs::status(pid)
            .map(|status| known_by(&status, name, ids).unwrap_or(Value::Number(0))),
        FactName::Namespaces => namespaces(pid).map(Value::Row),
        FactName::Mounts => mounts::table(pid).map(Value::Table),
        other => {
            return Observed::OurBug(format!("the fact {other:?} is not one of a process's own"));
        }
    };
    known(read, pid)
}

/// A read of `/proc/PID` that failed because the process is gone is the submission's doing.
pub fn known<T>(read: std::io::Result<T>, pid: Pid) -> Observed<T> {
    match read {
        Ok(value) => Observed::Known(value),
        Err(error) => match error.raw_os_error() {
            Some(libc::ENOENT | libc::ESRCH) => {
                Observed::ContainerGone("the process ended before it could be looked at".to_owned())
            }
            Some(libc::ETIMEDOUT) => Observed::ContainerGone(
                "what the kernel tells of the process is too much to be read, or changes all the time"
                    .to_owned(),
            ),
            _ => Observed::OurBug(format!("failed to read /proc/{pid}: {error}")),
        },
    }
}

fn innermost(status: &Status) -> u64 {
    status.nspid.last().copied().unwrap_or_default() as u64
}

fn namespaces(pid: Pid) -> std::io::Result<Row> {
    let mut row = Row::new();
    for name in NAMESPACES {
        let link = std::fs::read_link(format!("/proc/{pid}/ns/{name}"))?;
        let text = link.to_string_lossy();
        let inode = text
            .split(['[', ']'])
            .nth(1)
            .and_then(|inode| inode.parse().ok())
            .unwrap_or_default();
        row.insert(name.to_owned(), Value::Number(inode));
    }
    Ok(row)
}

/// What an id outside is inside; one that is not mapped reads as the overflow id there.
pub fn inside(id: u32, ids: IdRange) -> u64 {
    match id.checked_sub(ids.base) {
        Some(inner) if inner < ids.count => u64::from(inner),
        _ => 65_534,
    }
}

fn ids_of(status: &Status, ids: IdRange) -> Row {
    let number = |list: &[u32], index: usize| {
        Value::Number(list.get(index).map_or(65_534, |id| inside(*id, ids)))
    };
    let capabilities = match status.capabilities | status.permitted {
        0 => "none".to_owned(),
        some => format!("{some:#x}"),
    };
    let groups = status
        .groups
        .iter()
        .map(|group| inside(*group, ids).to_string())
        .collect();
    let mut row = Row::new();
    // The order in /proc/PID/status: real, effective, saved, file system.
    row.insert("uid".to_owned(), number(&status.uid, 1));
    row.insert("gid".to_owned(), number(&status.gid, 1));
    row.insert("real-uid".to_owned(), number(&status.uid, 0));
    row.insert("real-gid".to_owned(), number(&status.gid, 0));
    row.insert("saved-uid".to_owned(), number(&status.uid, 2));
    row.insert("saved-gid".to_owned(), number(&status.gid, 2));
    row.insert("capabilities".to_owned(), Value::Text(capabilities));
    row.insert("groups".to_owned(), Value::Words(groups));
    row
}
