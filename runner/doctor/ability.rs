//! What checks may require of a host, tried: the same answer for `rdgrade doctor` and for grading.

use super::isolation;
use crate::jail::cgroup::Offer;
use crate::jail::{Power, try_device_node};
use checks::level::{Ability, Check};
use nix::errno::Errno;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Why an ordinary user cannot have it.
const FOR_ROOT: &str = "rdgrade runs as an ordinary user here, who has one id to give";

/// Of what these checks require, what this host lacks: why, and after a semicolon what to do.
///
/// Each thing is tried once in the life of a process: a run of five hundred submissions takes place on one host.
pub fn missing<'c>(
    power: Power,
    checks: impl Iterator<Item = &'c Check>,
) -> BTreeMap<Ability, String> {
    let wanted: BTreeSet<Ability> = checks.flat_map(|check| &check.requires).copied().collect();
    let mut offer = None;
    let lacking = wanted.into_iter().filter_map(|ability| {
        let why = match ability {
            Ability::Overlay => overlay(),
            Ability::CpuCgroup | Ability::MemoryCgroup | Ability::SwapAccounting => {
                let offer = offer.get_or_insert_with(|| Offer::of_this_host(power));
                offer.missing().get(&ability).cloned()
            }
            Ability::ManyIds => many_ids(power),
            Ability::DeviceNodes => device_nodes(power),
        };
        why.map(|why| (ability, why))
    });
    lacking.collect()
}

pub(super) fn overlay() -> Option<String> {
    static TRIED: OnceLock<Option<String>> = OnceLock::new();
    TRIED.get_or_init(|| isolation::try_overlay().err()).clone()
}

pub(super) fn many_ids(power: Power) -> Option<String> {
    (power == Power::User).then(|| format!("{FOR_ROOT}; run it as root"))
}

pub(super) fn device_nodes(power: Power) -> Option<String> {
    if power == Power::User {
        return Some(
            "rdgrade runs as an ordinary user here, who can make no device nodes; run it as root"
                .to_owned(),
        );
    }
    static TRIED: OnceLock<Option<Errno>> = OnceLock::new();
    let refused = (*TRIED.get_or_init(|| try_device_node().err()))?;
    Some(format!(
        "device nodes cannot be made or opened here ({refused}); run rdgrade outside of a container, or give it CAP_MKNOD"
    ))
}
