//! Level 01: the command sees a root of its own.

use super::container::{Container, announce};
use super::fork_exec::{exec, fork, report, wait};
use super::options::Run;
use super::root::change_root;
use super::special::mount_special_file_systems;
use super::unpack::unpack;

/// The steps.
pub fn run(options: &Run) -> anyhow::Result<()> {
    let container = Container::new(options)?;
    let rootfs = container.make_directory("rootfs")?;
    unpack(&options.image(), &rootfs)?;
    announce(&rootfs)?;
    let child = fork(|| {
        mount_special_file_systems(&rootfs)?;
        change_root(&rootfs)?;
        exec(&options.command)
    })?;
    let status = wait(child)?;
    report(child, status)
}
