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
mod usage;

pub(super) use group::Doors;
pub use group::{JailGroups, Located};
pub use hierarchy::Version;
pub use offer::Offer;
pub use run::Run;
pub(super) use show::{Shown, mount_all};
