//! Control groups: which hierarchies there are, and whether a jail gets groups in them.

use super::jail::Built;
use super::{lacks, works};
use crate::jail::Power;
use crate::jail::cgroup::{Offer, Version};
use checks::doctor::{Finding, Gap};
use checks::level::Ability;

/// What is looked for: id, title, ability, controller.
const LOOKED_FOR: [(&str, &str, Ability, &str); 3] = [
    ("cpu-cgroup", "cpu cgroups", Ability::CpuCgroup, "cpu"),
    (
        "memory-cgroup",
        "memory cgroups",
        Ability::MemoryCgroup,
        "memory",
    ),
    (
        "swap-accounting",
        "swap accounting",
        Ability::SwapAccounting,
        "memory",
    ),
];

/// One finding for each.
pub fn controllers(power: Power, built: &Result<Built, String>) -> Vec<Finding> {
    let offer = Offer::probe(power);
    // What looks well may still be refused: a jail that was built with groups tells.
    let refused = built.as_ref().ok().and_then(|built| built.groups.as_ref());
    let finding = |(id, title, ability, controller)| {
        let why = offer.missing().get(&ability).cloned().or_else(|| {
            let refused = refused?;
            Some(format!(
                "{refused}; run rdgrade on the host, where it may make groups"
            ))
        });
        match (why, offer.place(controller)) {
            (Some(why), _) => lacks(id, title, &why, Gap::Abilities(vec![ability])),
            (None, Some((version, path))) => {
                let version = match version {
                    Version::One => "version 1",
                    Version::Two => "version 2",
                };
                works(
                    id,
                    title,
                    format!("{version}, writable at {}", path.display()),
                )
            }
            (None, None) => works(id, title, "there"),
        }
    };
    LOOKED_FOR.map(finding).into()
}
