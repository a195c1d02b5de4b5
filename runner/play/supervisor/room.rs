//! How many mounts a namespace of the jail may have.
//!
//! Mounts upon each other, in a tree that is shared, double with each call: twenty fill the kernel's own limit of a hundred
//! thousand (`fs.mount-max`, for each namespace). Reading the table then takes a minute in one system call that even SIGKILL waits
//! for, so a submission could keep its jail from ending; and nobody on the whole machine mounts anything meanwhile.

use crate::jail::Mechanism;
use crate::jail::sys::{Notification, count_mounts};
use std::fs::File;
use std::os::fd::AsFd;

/// Most mounts before a new one is refused; a container adds ten to the jail's thirty.
const MOST: usize = 1_000;

/// Whether the caller's mount namespace has room. Before Linux 6.11 nobody can tell, and there is.
pub fn for_another(call: &Notification) -> bool {
    if !Mechanism::MountRoom.is_on() {
        return true;
    }
    let namespace = File::open(format!("/proc/{}/ns/mnt", call.thread));
    // A caller that is gone needs no answer.
    namespace.map_or(true, |namespace| {
        !matches!(count_mounts(namespace.as_fd(), MOST), Ok(MOST..))
    })
}
