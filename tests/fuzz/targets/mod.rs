//! The targets, one file each.

mod archive;
mod level;
mod manifest;
mod pattern;
mod procfs;
mod session;

use crate::Target;

/// All targets.
pub fn all() -> &'static [Target] {
    static ALL: [Target; 6] = [
        level::TARGET,
        manifest::TARGET,
        pattern::TARGET,
        archive::TARGET,
        procfs::TARGET,
        session::TARGET,
    ];
    &ALL
}
