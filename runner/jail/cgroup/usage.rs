//! What a jail has used, and what the kernel has refused it, as its groups count.

use super::file::{get, open_group};
use super::group::JailGroups;
use super::hierarchy::Version;
use super::remove::subgroups;
use checks::limit::{Limit, Reading, Used};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// Most groups of a submission's that are looked at.
const MOST: usize = 256;

impl JailGroups {
    /// Whether a group limits what `controller` counts.
    pub fn limit(&self, controller: &str) -> bool {
        self.with(controller).is_some()
    }

    /// The CPU time of all that ever ran in the jail, and the kernel's word for it. `None` where no group counts it.
    pub fn cpu_time(&self) -> Option<(Duration, String)> {
        self.groups
            .iter()
            .zip(&self.run.places)
            .find_map(|(group, place)| {
                let hierarchy = &place.tree.hierarchy;
                match hierarchy.version {
                    // There whatever the controllers are (kernel doc `admin-guide/cgroup-v2`, "cpu.stat").
                    Version::Two => {
                        let text = get(group.as_fd(), "cpu.stat").ok()?;
                        let used = field(&text, "usage_usec")?;
                        let said = format!("cpu.stat: usage_usec {used}");
                        Some((Duration::from_micros(used), said))
                    }
                    Version::One if hierarchy.has("cpuacct") => {
                        let text = get(group.as_fd(), "cpuacct.usage").ok()?;
                        let used = text.trim().parse().ok()?;
                        Some((Duration::from_nanos(used), format!("cpuacct.usage: {used}")))
                    }
                    Version::One => None,
                }
            })
    }

    /// What the kernel has refused for the jail's own limits. What it refuses for a limit that the submission has set, in a
    /// group it has made, is none of them.
    pub fn refusals(&self) -> Vec<Reading> {
        let memory = self
            .with("memory")
            .and_then(|(group, version)| match version {
                Version::One => memory_1(group),
                Version::Two => memory_2(group),
            });
        let processes = self.with("pids").and_then(|(group, _)| processes(group));
        memory.into_iter().chain(processes).collect()
    }

    fn with(&self, controller: &str) -> Option<(BorrowedFd<'_>, Version)> {
        let mut places = self.groups.iter().zip(&self.run.places);
        places.find_map(|(group, place)| {
            let limited = place.tree.limited().iter().any(|known| known == controller);
            limited.then(|| (group.as_fd(), place.tree.hierarchy.version))
        })
    }
}

/// Version 1 counts a kill where the victim was, and how often a limit was met where the limit is.
fn memory_1(group: BorrowedFd) -> Option<Reading> {
    let met = |group: BorrowedFd, file| get(group, file).map_or(0, |text| number(&text));
    let failures =
        |group: BorrowedFd| met(group, "memory.failcnt") + met(group, "memory.memsw.failcnt");
    let here = failures(group);
    if here == 0 {
        return None;
    }
    let kills = total(
        group,
        |group| {
            let text = get(group, "memory.oom_control").unwrap_or_default();
            field(&text, "oom_kill").unwrap_or_default()
        },
        |below| failures(below) > 0,
    );
    Some(Reading {
        limit: Limit::Memory,
        used: Used::Refused(kills),
        evidence: vec![
            format!("memory.failcnt: {here}"),
            format!("memory.oom_control: oom_kill {kills}"),
        ],
    })
}

/// Version 2 tells its own limit from those below.
fn memory_2(group: BorrowedFd) -> Option<Reading> {
    let own = get(group, "memory.events.local").ok()?;
    let all = get(group, "memory.events").unwrap_or_default();
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
fn processes(group: BorrowedFd) -> Option<Reading> {
    let refused = match get(group, "pids.events.local") {
        Ok(own) => field(&own, "max").unwrap_or_default(),
        Err(_) => total(
            group,
            |group| {
                field(&get(group, "pids.events").unwrap_or_default(), "max").unwrap_or_default()
            },
            |below| get(below, "pids.max").is_ok_and(|most| most.trim() != "max"),
        ),
    };
    Some(Reading {
        limit: Limit::Processes,
        used: Used::Refused(refused),
        evidence: vec![format!("pids.events: max {refused}")],
    })
}

/// The sum of `count` over a group and those below, without those that are `limited` by the submission and what is below them.
fn total(
    group: BorrowedFd,
    count: impl Fn(BorrowedFd) -> u64,
    limited: impl Fn(BorrowedFd) -> bool,
) -> u64 {
    let mut sum = count(group);
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

fn number(text: &str) -> u64 {
    text.trim().parse().unwrap_or_default()
}
