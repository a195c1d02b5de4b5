//! What a jail has used, and what the kernel has refused it, as its groups count.

use super::file::{Group, get, open_group};
use super::group::JailGroups;
use super::hierarchy::Version;
use super::limits::{Setting, settings};
use super::remove::subgroups;
use crate::jail::mechanism::Mechanism;
use checks::limit::{Limit, Limits, Reading, Used};
use nix::unistd::Pid;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// Most groups of a submission's that are looked at.
const MOST: usize = 256;

/// Bytes that the kernel charges at a time (MEMCG_CHARGE_BATCH in mm/memcontrol.c): this much of a limit may stay free.
const BATCH: u64 = 64 * 4096;

impl JailGroups {
    /// Whether a group limits what `controller` counts.
    pub fn limit(&self, controller: &str) -> bool {
        self.with(controller).is_some()
    }

    /// The CPU time of all that ever ran in the jail, and the kernel's word for it. `None` where no group counts it.
    pub fn cpu_time(&self) -> Option<(Duration, String)> {
        let (used, said) = self.cpu_time_of_all()?;
        let before = self.used_before;
        if before.is_zero() {
            return Some((used, said));
        }
        let said = format!("{said}, {} us of it before", before.as_micros());
        Some((used.saturating_sub(before), said))
    }

    fn cpu_time_of_all(&self) -> Option<(Duration, String)> {
        self.groups
            .iter()
            .zip(&self.run.places)
            .find_map(|(group, place)| {
                let hierarchy = &place.tree.hierarchy;
                match hierarchy.version {
                    // There whatever the controllers are (kernel doc `admin-guide/cgroup-v2`, "cpu.stat").
                    Version::Two => cpu_time_2(group),
                    Version::One if hierarchy.has("cpuacct") => {
                        let text = group.read("cpuacct.usage").ok()?;
                        let used = text.trim().parse().ok()?;
                        Some((Duration::from_nanos(used), format!("cpuacct.usage: {used}")))
                    }
                    Version::One => None,
                }
            })
    }

    /// What the kernel has refused for the jail's own limits. What it refuses for a limit that the submission has set, in a
    /// group it has made, is none of them.
    ///
    /// `memory` is our limit of it in bytes.
    pub fn refusals(&self, memory: u64) -> Vec<Reading> {
        let memory = self
            .with("memory")
            .and_then(|(group, version)| match version {
                Version::One => memory_1(group, memory),
                Version::Two => memory_2(group),
            });
        let processes = self.with("pids").and_then(|(group, _)| processes(group));
        memory.into_iter().chain(processes).collect()
    }

    /// The most bytes of memory that were ever in use, where version 1 counts them.
    pub(super) fn memory_used(&self) -> Option<u64> {
        let (group, version) = self.with("memory")?;
        (version == Version::One).then(|| most_memory(group))?
    }

    /// What of the groups' promise does not hold for the process `pid`: that it is in each of them, and that their limits are
    /// set.
    pub(in crate::jail) fn unmet(&self, pid: Pid, limits: &Limits) -> Vec<String> {
        let mut unmet = Vec::new();
        let text = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
        for (group, place) in self.groups.iter().zip(&self.run.places) {
            let hierarchy = &place.tree.hierarchy;
            let path = self.run.path_of(place, &self.name);
            // The last field of a line of each hierarchy (cgroups(7)); on version 2 init has made room for others.
            let inside = |line: &str| {
                line.find(&path).is_some_and(|at| {
                    matches!(line.as_bytes().get(at + path.len()), None | Some(b'/'))
                })
            };
            if !text.lines().any(inside) {
                unmet.push(format!(
                    "the jail's init is not in its group below {}",
                    hierarchy.mount_point.display()
                ));
            }
            let settings = settings(limits, hierarchy.version, place.tree.limited());
            let promised =
                |setting: &&Setting| setting.mechanism.is_none_or(Mechanism::is_promised);
            for setting in settings.iter().filter(promised) {
                match get(group.as_fd(), setting.file) {
                    Ok(text) if setting.holds(&text) => {}
                    Err(errno) if setting.forgives(errno) => {}
                    _ => unmet.push(format!("the group's {} is not in force", setting.file)),
                }
            }
        }
        unmet
    }

    fn with(&self, controller: &str) -> Option<(&Group, Version)> {
        let mut places = self.groups.iter().zip(&self.run.places);
        places.find_map(|(group, place)| {
            let limited = place.tree.limited().iter().any(|known| known == controller);
            limited.then_some((group, place.tree.hierarchy.version))
        })
    }
}

fn cpu_time_2(group: &Group) -> Option<(Duration, String)> {
    let text = group.read("cpu.stat").ok()?;
    let used = field(&text, "usage_usec")?;
    let said = format!("cpu.stat: usage_usec {used}");
    Some((Duration::from_micros(used), said))
}

/// Version 1 counts a kill where the victim was, and tells where a limit was met only by how much was ever used there: newer
/// kernels leave `memory.failcnt` at 0.
fn memory_1(group: &Group, limit: u64) -> Option<Reading> {
    // Most jails use a hundredth of what they may.
    if most_memory(group)?.saturating_add(BATCH) < limit {
        return None;
    }
    let (most, of) = ["memory", "memory.memsw"]
        .into_iter()
        .find_map(|counter| filled(group.as_fd(), counter))?;
    let kills_in = |group: BorrowedFd| {
        let text = get(group, "memory.oom_control").unwrap_or_default();
        field(&text, "oom_kill").unwrap_or_default()
    };
    let limited = |below: BorrowedFd| {
        filled(below, "memory").is_some() || filled(below, "memory.memsw").is_some()
    };
    let kills = kills_in(group.as_fd()) + total_below(group.as_fd(), kills_in, limited);
    Some(Reading {
        limit: Limit::Memory,
        used: Used::Refused(kills),
        evidence: vec![
            format!("memory.max_usage_in_bytes: {most} of {of}"),
            format!("memory.oom_control: oom_kill {kills}"),
        ],
    })
}

/// What counts swap too is never less.
fn most_memory(group: &Group) -> Option<u64> {
    let counters = [
        "memory.memsw.max_usage_in_bytes",
        "memory.max_usage_in_bytes",
    ];
    let mut read = counters.iter().map(|file| group.read(file));
    read.find_map(|text| text.ok()?.trim().parse().ok())
}

/// The most that was ever used of a counter of version 1, and its limit, if that was all of it.
fn filled(group: BorrowedFd, counter: &str) -> Option<(u64, u64)> {
    let number = |file: &str| -> Option<u64> {
        let text = get(group, &format!("{counter}.{file}")).ok()?;
        text.trim().parse().ok()
    };
    let (most, of) = (number("max_usage_in_bytes")?, number("limit_in_bytes")?);
    (most.saturating_add(BATCH) >= of).then_some((most, of))
}

/// Version 2 tells its own limit from those below.
fn memory_2(group: &Group) -> Option<Reading> {
    let own = group.read("memory.events.local").ok()?;
    let all = group.read("memory.events").unwrap_or_default();
    let refused = field(&own, "oom").unwrap_or_default();
    let kills = field(&all, "oom_kill").unwrap_or_default();
    Some(Reading {
        limit: Limit::Memory,
        used: Used::Refused(refused),
        evidence: vec![
            format!("memory.events.local: oom {refused}"),
            format!("memory.events: oom_kill {kills}"),
        ],
    })
}

/// Since Linux 6.11 version 2 counts a refused fork where the limit is; before, and on version 1, it is counted where the
/// process was that forked.
fn processes(group: &Group) -> Option<Reading> {
    let of =
        |text: nix::Result<String>| field(&text.unwrap_or_default(), "max").unwrap_or_default();
    let refused = match group.read("pids.events.local") {
        Ok(own) => of(Ok(own)),
        Err(_) => {
            let limited =
                |below: BorrowedFd| get(below, "pids.max").is_ok_and(|most| most.trim() != "max");
            let below = total_below(
                group.as_fd(),
                |group| of(get(group, "pids.events")),
                limited,
            );
            of(group.read("pids.events")) + below
        }
    };
    Some(Reading {
        limit: Limit::Processes,
        used: Used::Refused(refused),
        evidence: vec![format!("pids.events: max {refused}")],
    })
}

/// The sum of `count` over the groups below one, without those that are `limited` by the submission and what is below them.
fn total_below(
    group: BorrowedFd,
    count: impl Fn(BorrowedFd) -> u64,
    limited: impl Fn(BorrowedFd) -> bool,
) -> u64 {
    let mut sum = 0;
    let mut todo: Vec<String> = names_below(group, "");
    let mut seen = 0;
    while let Some(path) = todo.pop() {
        seen += 1;
        if seen > MOST {
            break;
        }
        let Ok(below) = open_group(group, &path) else {
            continue;
        };
        if limited(below.as_fd()) {
            continue;
        }
        sum += count(below.as_fd());
        todo.extend(names_below(below.as_fd(), &path));
    }
    sum
}

fn names_below(group: BorrowedFd, path: &str) -> Vec<String> {
    let names = subgroups(group).unwrap_or_default().into_iter().take(MOST);
    // A name that is no UTF-8 is none of the workshop's.
    let names = names.filter_map(|name| name.into_string().ok());
    names
        .map(|name| {
            if path.is_empty() {
                name
            } else {
                format!("{path}/{name}")
            }
        })
        .collect()
}

/// N of the line `KEY N`.
fn field(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        (name == key).then(|| value.trim().parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests;
