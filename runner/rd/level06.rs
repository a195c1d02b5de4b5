//! Level 06: the command is process 1, and sees no process but the container's.

use super::container::{Container, announce};
use super::devices::make_device_nodes;
use super::fork_exec::{exec, fork, report, wait};
use super::namespace::{own_mount_namespace, own_uts_namespace, pid_namespace_for_children};
use super::options::Run;
use super::overlay::{mount_overlay, unpack_once};
use super::root::pivot;
use super::special::mount_special_file_systems;

/// The steps.
pub fn run(options: &Run) -> anyhow::Result<()> {
    let container = Container::new(options)?;
    let image = unpack_once(options, &container)?;
    let rootfs = container.make_directory("rootfs")?;
    announce(&rootfs)?;
    pid_namespace_for_children()?;
    let child = fork(|| {
        own_mount_namespace()?;
        own_uts_namespace(&container.id)?;
        mount_overlay(&container, &image, &rootfs)?;
        mount_special_file_systems(&rootfs)?;
        make_device_nodes(&rootfs)?;
        pivot(&rootfs)?;
        exec(&options.command)
    })?;
    let status = wait(child)?;
    report(child, status)
}
