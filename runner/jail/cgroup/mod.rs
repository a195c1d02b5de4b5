//! Control groups of a jail: our limits around it, and inside it groups that a submission may make and that really bind.
//!
//! ```text
//! rdgrade/OWNER/N                one for each jail, in every hierarchy. Its limits are host root's; the directory and what
//!                                moves processes belong to the jail's root. In the jail's cgroup namespace it is "/".
//!          rubber_docker/UUID    made by the submission: "/sys/fs/cgroup/cpu/rubber_docker/UUID" in the jail
//! ```
//!
//! The same group limits and is delegated: a group's own limit files are never among those that change hands.

mod file;
pub(crate) mod group;
pub(crate) mod hierarchy;
mod limits;
mod offer;
pub(crate) mod owner;
mod remove;
mod run;
mod show;
mod spare;
mod usage;

pub(super) use group::Doors;
pub use group::{JailGroups, Located};
pub use hierarchy::Version;
pub use offer::Offer;
pub use run::Run;
pub(super) use show::{Shown, mount_all};

use super::ids::Power;
use std::rc::Rc;

/// The groups of a run, or why there are none.
pub type Groups = Result<Rc<Run>, String>;

/// Groups for jails, if the host offers any. A jail without serves all levels but two.
pub fn begin(power: Power) -> Groups {
    let offer = Offer::of_this_host(power);
    match Run::begin(offer) {
        Ok(Some(run)) => Ok(Rc::new(run)),
        Ok(None) => Err(offer.missing().values().next().cloned().unwrap_or_default()),
        Err(error) => Err(error.to_string()),
    }
}
