//! The cpu and memory groups of a process, as the jail names them: `/rubber_docker/UUID`.

use super::{process, shares};
use crate::jail::cgroup::{JailGroups, Located, Version};
use crate::play::procfs;
use checks::fact::{FactName, Row, Value};
use checks::observed::Observed;
use nix::errno::Errno;
use nix::unistd::Pid;
use std::collections::{BTreeMap, BTreeSet};

/// What the kernel has for "no limit" on version 1 is the largest number of whole pages; nothing real comes near.
const UNLIMITED: u64 = 1 << 62;

/// A jail's groups, or why it has none.
type Groups = Result<JailGroups, String>;

/// The groups of a process that is held or alive.
pub fn of(groups: &Groups, pid: Pid, name: FactName) -> Observed<Value> {
    let (groups, controller) = match (groups, controller(name)) {
        (Err(why), _) => return Observed::HostCannot(why.clone()),
        (Ok(groups), controller) if groups.have(controller) => (groups, controller),
        (Ok(_), controller) => {
            return Observed::HostCannot(format!(
                "this host hands no {controller} controller down"
            ));
        }
    };
    let text = match process::known(procfs::read(pid, "cgroup"), pid) {
        Observed::Known(text) => text,
        other => return other.map(|_| Value::Row(Row::new())),
    };
    match groups.locate(controller, &text) {
        Some(group) => Observed::Known(Value::Row(row(groups, &group, name))),
        None => Observed::OurBug(format!(
            "process {pid} is in none of the jail's groups: {text}"
        )),
    }
}

/// What is recorded while an execve is held, as far as it is `wanted`.
pub fn at_exec(
    groups: &Groups,
    thread: Pid,
    wanted: &BTreeSet<FactName>,
) -> BTreeMap<FactName, Observed<Value>> {
    [FactName::CpuGroup, FactName::MemoryGroup]
        .into_iter()
        .filter(|name| wanted.contains(name))
        .map(|name| (name, of(groups, thread, name)))
        .collect()
}

/// The groups of a process that has ended, by the paths recorded at its execve: a group outlives its processes, and counts its
/// killed ones. One that was removed is known as it was then.
pub fn after_the_end(
    groups: &Groups,
    recorded: &Observed<Value>,
    name: FactName,
) -> Observed<Value> {
    let again = || -> Option<Row> {
        let Value::Row(recorded) = recorded.known()? else {
            return None;
        };
        let (Some(Value::Text(path)), Ok(groups)) = (recorded.get("path"), groups) else {
            return None;
        };
        let group = groups.at(controller(name), path)?;
        groups.read(&group, "cgroup.procs").ok()?;
        Some(row(groups, &group, name))
    };
    again().map_or_else(|| recorded.clone(), |row| Observed::Known(Value::Row(row)))
}

fn controller(name: FactName) -> &'static str {
    if name == FactName::CpuGroup {
        "cpu"
    } else {
        "memory"
    }
}

fn row(groups: &JailGroups, group: &Located, name: FactName) -> Row {
    let mut row = Row::from([("path".to_owned(), Value::Text(group.path.clone()))]);
    let read = |file: &str| groups.read(group, file);
    let mut put = |field: &str, value| row.insert(field.to_owned(), value);
    if name == FactName::CpuGroup {
        put("shares", shares_of(group.version, read));
        return row;
    }
    let (limit, kills) = match group.version {
        Version::One => ("memory.limit_in_bytes", "memory.oom_control"),
        Version::Two => ("memory.max", "memory.events"),
    };
    // The jail's own group is its machine: that ours ends somewhere is not the submission's doing.
    let whole_machine = group.path == "/";
    let limited = |file: &str| {
        if whole_machine {
            unlimited()
        } else {
            bytes(file, read(file))
        }
    };
    put("limit", limited(limit));
    let with_swap = match group.version {
        Version::One => limited("memory.memsw.limit_in_bytes"),
        Version::Two => sum(limited(limit), limited("memory.swap.max")),
    };
    put("limit-with-swap", with_swap);
    put(
        "oom-kills",
        read(kills).map_or_else(
            |errno| absent(kills, errno),
            |text| Value::Number(oom_kills(&text)),
        ),
    );
    row
}

fn shares_of(version: Version, read: impl Fn(&str) -> nix::Result<String>) -> Value {
    let file = match version {
        Version::One => "cpu.shares",
        Version::Two => "cpu.weight",
    };
    match (version, read(file).map(|text| text.trim().parse::<u64>())) {
        (Version::One, Ok(Ok(number))) => shares::of_shares(number),
        (Version::Two, Ok(Ok(weight))) => shares::of_weight(weight),
        (_, Ok(Err(_))) => Value::Text(format!("{file} holds no number")),
        (_, Err(errno)) => absent(file, errno),
    }
}

fn bytes(file: &str, read: nix::Result<String>) -> Value {
    match read {
        Ok(text) => match text.trim().parse::<u64>() {
            Ok(number) if number < UNLIMITED => Value::Number(number),
            _ => unlimited(),
        },
        Err(errno) => absent(file, errno),
    }
}

/// Memory and swap together. No limit on one of them is no limit on both.
fn sum(memory: Value, swap: Value) -> Value {
    match (memory, swap) {
        (Value::Number(memory), Value::Number(swap)) => Value::Number(memory.saturating_add(swap)),
        (Value::Number(_), other) => other,
        (other, _) => other,
    }
}

fn unlimited() -> Value {
    Value::Text("max".to_owned())
}

/// On version 2 a group has a controller's files only if the group above hands the controller down.
fn absent(file: &str, errno: Errno) -> Value {
    match errno {
        Errno::ENOENT => Value::Text(format!("no {file} in this group")),
        errno => Value::Text(format!("{file} is unreadable: {}", errno.desc())),
    }
}

/// `oom_kill N`, in `memory.oom_control` (version 1, Linux 4.13) and in `memory.events`.
pub(crate) fn oom_kills(text: &str) -> u64 {
    let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
    count
        .and_then(|count| count.trim().parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
