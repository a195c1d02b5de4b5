//! What this host offers: which controllers a jail can have, or why not.

use super::hierarchy::{Access, Hierarchy, Version, parse};
use crate::jail::ids::Power;
use crate::jail::mechanism::Mechanism;
use checks::level::Ability;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

/// The controllers a jail is given. What shares a version 1 hierarchy with one of them comes along. Each hierarchy costs a jail
/// about 0.1 ms, so those that no level asks for (blkio, cpuset, devices, freezer) stay away; without freezer, no
/// submission can freeze what is to be killed, either.
const WANTED: [&str; 4] = ["cpu", "memory", "pids", "freezer"];

/// How many of them, from the first.
fn wanted() -> &'static [&'static str] {
    let all = usize::from(!Mechanism::ChosenControllers.is_on());
    &WANTED[..WANTED.len() - 1 + all]
}

/// A hierarchy jails get a group in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tree {
    pub hierarchy: Hierarchy,
    /// On version 2: the controllers to hand down.
    pub hand_down: Vec<String>,
}

impl Tree {
    /// The controllers whose limits a jail's group has: on version 2, those handed down to it.
    pub fn limited(&self) -> &[String] {
        match self.hierarchy.version {
            Version::One => &self.hierarchy.controllers,
            Version::Two => &self.hand_down,
        }
    }
}

/// What a host offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    pub(super) trees: Vec<Tree>,
    missing: BTreeMap<Ability, String>,
}

impl Offer {
    /// Looks at this host, with the power rdgrade was started with: in a user namespace of its own, an ordinary user looks like
    /// root. Nothing is changed.
    pub fn probe(power: Power) -> Offer {
        let mountinfo = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        Offer::of(&mountinfo, power)
    }

    /// What [`Offer::probe`] has found with the power this process was started with. It is looked for once: forks of this process
    /// know it as well.
    pub fn of_this_host(power: Power) -> &'static Offer {
        static FOUND: OnceLock<Offer> = OnceLock::new();
        FOUND.get_or_init(|| Offer::probe(power))
    }

    /// What a host with this `/proc/self/mountinfo` offers.
    pub fn of(mountinfo: &str, power: Power) -> Offer {
        if power == Power::User {
            return Offer::nothing("only root can hand groups down to a jail; run rdgrade as root");
        }
        let hierarchies = parse(mountinfo, |tree| words(tree, "cgroup.controllers"));
        let mut offer = Offer::default();
        let mut refusals: BTreeMap<&str, String> = BTreeMap::new();
        for hierarchy in hierarchies {
            let wanted: Vec<&str> = wanted()
                .iter()
                .copied()
                .filter(|name| hierarchy.has(name))
                .collect();
            match refusal(&hierarchy, &wanted) {
                Some(why) => refusals.extend(wanted.into_iter().map(|name| (name, why.clone()))),
                // A tree of version 2 without controllers is shown as well: a student may look for it on a hybrid host.
                None if wanted.is_empty() && hierarchy.version == Version::One => {}
                None => {
                    let hand_down = match hierarchy.version {
                        Version::One => Vec::new(),
                        Version::Two => wanted.into_iter().map(str::to_owned).collect(),
                    };
                    offer.trees.push(Tree {
                        hierarchy,
                        hand_down,
                    });
                }
            }
        }
        offer.judge(&refusals);
        offer
    }

    /// Nothing, for one reason.
    pub(super) fn nothing(why: &str) -> Offer {
        let all = [
            Ability::CpuCgroup,
            Ability::MemoryCgroup,
            Ability::SwapAccounting,
        ];
        Offer {
            trees: Vec::new(),
            missing: all.map(|ability| (ability, why.to_owned())).into(),
        }
    }

    /// The abilities this host lacks, with the reason.
    pub fn missing(&self) -> &BTreeMap<Ability, String> {
        &self.missing
    }

    /// Where a controller's groups are made.
    pub fn place(&self, controller: &str) -> Option<(Version, &Path)> {
        let Hierarchy {
            version,
            mount_point,
            ..
        } = &self.tree(controller)?.hierarchy;
        Some((*version, mount_point))
    }

    fn tree(&self, controller: &str) -> Option<&Tree> {
        self.trees
            .iter()
            .find(|tree| tree.hierarchy.has(controller))
    }

    fn judge(&mut self, refusals: &BTreeMap<&str, String>) {
        for (ability, controller) in [
            (Ability::CpuCgroup, "cpu"),
            (Ability::MemoryCgroup, "memory"),
        ] {
            if self.tree(controller).is_none() {
                let nowhere = || {
                    format!(
                        "no cgroup hierarchy with the {controller} controller is mounted; mount one below /sys/fs/cgroup"
                    )
                };
                self.missing.insert(
                    ability,
                    refusals.get(controller).cloned().unwrap_or_else(nowhere),
                );
            }
        }
        let swap = match self.tree("memory") {
            None => self.missing.get(&Ability::MemoryCgroup).cloned(),
            Some(tree) if accounts_swap(&tree.hierarchy) => None,
            Some(_) => Some(
                "the kernel does not account swap by group; boot it with swapaccount=1".to_owned(),
            ),
        };
        if let Some(why) = swap {
            self.missing.insert(Ability::SwapAccounting, why);
        }
    }
}

/// Why no jail can have a group in this hierarchy.
fn refusal(hierarchy: &Hierarchy, wanted: &[&str]) -> Option<String> {
    let shown = hierarchy.mount_point.display();
    if hierarchy.access == Access::ReadOnly {
        return Some(format!(
            "{shown} is mounted read-only, as in a container; run rdgrade on the host"
        ));
    }
    if hierarchy.version == Version::One {
        return None;
    }
    let handed_down = words(&hierarchy.mount_point, "cgroup.subtree_control");
    let lacking = wanted
        .iter()
        .any(|controller| !handed_down.iter().any(|known| known == controller));
    // Only the root of the whole tree, which has no type, may hold processes and hand controllers down
    // (kernel doc `admin-guide/cgroup-v2`, "No Internal Process Constraint").
    let is_root = !hierarchy.mount_point.join("cgroup.type").exists();
    let occupied = || !words(&hierarchy.mount_point, "cgroup.procs").is_empty();
    (lacking && !is_root && occupied()).then(|| {
        format!("the group at {shown} holds processes and so cannot hand {} down; move them to a group below it", wanted.join(" and "))
    })
}

/// Whether limits on memory and swap together can be set in groups of this hierarchy.
fn accounts_swap(hierarchy: &Hierarchy) -> bool {
    let top = &hierarchy.mount_point;
    match hierarchy.version {
        Version::One => top.join("memory.memsw.limit_in_bytes").exists(),
        // The root itself has no limits; any group below it that has one tells. Where there is none yet, nothing does, and
        // kernels account swap by default (since 5.8 unconditionally, but for `cgroup.memory=` and `swapaccount=0`).
        Version::Two => {
            let below = fs::read_dir(top)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path());
            let mut limited = std::iter::once(top.clone())
                .chain(below)
                .filter(|group| group.join("memory.max").exists());
            limited
                .next()
                .is_none_or(|group| group.join("memory.swap.max").exists())
        }
    }
}

fn words(group: &Path, file: &str) -> Vec<String> {
    let text = fs::read_to_string(group.join(file)).unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
