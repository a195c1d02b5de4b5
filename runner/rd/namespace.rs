//! The namespaces of a container (namespaces(7)), one step each.

use anyhow::Context;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::sethostname;

/// A mount namespace of this process's own. A copy alone is not enough: where `/` is shared, as systemd makes it, what is
/// mounted in one copy appears in the other. And `/` alone is not enough either: mounts below it may be shared themselves.
pub fn own_mount_namespace() -> anyhow::Result<()> {
    unshare(CloneFlags::CLONE_NEWNS).context("failed to make a mount namespace")?;
    let none: Option<&str> = None;
    mount(none, "/", none, MsFlags::MS_PRIVATE | MsFlags::MS_REC, none)
        .context("failed to make the mounts private")
}

/// A UTS namespace, in which the host is called `hostname`. In that order, or the machine itself is renamed.
pub fn own_uts_namespace(hostname: &str) -> anyhow::Result<()> {
    unshare(CloneFlags::CLONE_NEWUTS).context("failed to make a UTS namespace")?;
    sethostname(hostname).with_context(|| format!("failed to set the hostname to {hostname}"))
}

/// A pid namespace for the children of this process: the next one is process 1 there. (A process cannot change its own: its
/// id would change under its feet.)
pub fn pid_namespace_for_children() -> anyhow::Result<()> {
    unshare(CloneFlags::CLONE_NEWPID).context("failed to make a pid namespace")
}

/// A network namespace: nothing is there but a loopback that is down.
pub fn own_network_namespace() -> anyhow::Result<()> {
    unshare(CloneFlags::CLONE_NEWNET).context("failed to make a network namespace")
}
