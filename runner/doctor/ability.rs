//! What checks may require of a host, tried: the same answer for `rdgrade doctor` and for grading.

use super::isolation;
use crate::jail::cgroup::Offer;
use crate::jail::{Power, try_device_node};
use checks::level::Ability;
use std::collections::{BTreeMap, BTreeSet};

/// Why an ordinary user cannot have it.
const FOR_ROOT: &str = "rdgrade runs as an ordinary user here, who has one id to give";

/// Of the abilities in `wanted`, those this host lacks: why, and after a semicolon what to do.
pub fn missing(power: Power, wanted: &BTreeSet<Ability>) -> BTreeMap<Ability, String> {
    let mut offer = None;
    let lacking = wanted.iter().filter_map(|ability| {
        let why = match ability {
            Ability::Overlay => isolation::try_overlay().err(),
            Ability::CpuCgroup | Ability::MemoryCgroup | Ability::SwapAccounting => {
                let offer = offer.get_or_insert_with(|| Offer::probe(power));
                offer.missing().get(ability).cloned()
            }
            Ability::ManyIds => many_ids(power),
            Ability::DeviceNodes => device_nodes(power),
        };
        why.map(|why| (*ability, why))
    });
    lacking.collect()
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
    let refused = try_device_node().err()?;
    Some(format!(
        "device nodes cannot be made or opened here ({refused}); run rdgrade outside of a container, or give it CAP_MKNOD"
    ))
}
