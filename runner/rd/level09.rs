//! Level 09: the container uses no more memory than it was given.

use super::container::{Container, announce};
use super::cpu::enter_cpu_group;
use super::devices::make_device_nodes;
use super::fork_exec::{exec, fork, report, wait};
use super::memory::enter_memory_group;
use super::namespace::{
    own_mount_namespace, own_network_namespace, own_uts_namespace, pid_namespace_for_children,
};
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
        enter_cpu_group(&container.id, options.cpu_shares)?;
        enter_memory_group(&container.id, options.limits())?;
        own_mount_namespace()?;
        own_uts_namespace(&container.id)?;
        own_network_namespace()?;
        mount_overlay(&container, &image, &rootfs)?;
        mount_special_file_systems(&rootfs)?;
        make_device_nodes(&rootfs)?;
        pivot(&rootfs)?;
        exec(&options.command)
    })?;
    let status = wait(child)?;
    report(child, status)
}
