//! Level 02: what the container mounts is mounted for it alone; and its /dev has devices.

use super::container::{Container, announce};
use super::devices::make_device_nodes;
use super::fork_exec::{exec, fork, report, wait};
use super::namespace::own_mount_namespace;
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
        own_mount_namespace()?;
        mount_special_file_systems(&rootfs)?;
        make_device_nodes(&rootfs)?;
        change_root(&rootfs)?;
        exec(&options.command)
    })?;
    let status = wait(child)?;
    report(child, status)
}
