//! Whose ids a jail can have, and what only host root can make.

use super::ability::{device_nodes as no_nodes, many_ids};
use super::{lacks, works};
use crate::jail::{IdRange, Power};
use checks::doctor::{Finding, Gap};
use checks::level::Ability;

/// The ids that can be mapped.
pub fn range(power: Power) -> Finding {
    let (id, title) = ("many-ids", "id ranges");
    match many_ids(power) {
        Some(why) => lacks(id, title, &why, Gap::Abilities(vec![Ability::ManyIds])),
        None => {
            let ids = IdRange::unprivileged(nix::unistd::getpid());
            works(
                id,
                title,
                format!("{} ids for each jail, none of them anybody's", ids.count),
            )
        }
    }
}

/// Device nodes in a tmpfs.
pub fn device_nodes(power: Power) -> Finding {
    let (id, title) = ("device-nodes", "device nodes");
    match no_nodes(power) {
        Some(why) => lacks(id, title, &why, Gap::Abilities(vec![Ability::DeviceNodes])),
        None => works(id, title, "can be made, and open"),
    }
}
