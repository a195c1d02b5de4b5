//! Capabilities that nothing in a jail ever has again: dropped from the bounding set (capabilities(7)).
//!
//! What they mean is bounded by the user namespace already. These are for what no level needs and what reaches past it: into the
//! pid namespace's own end, kernel logs and clocks, security modules, tracing. A user namespace that a submission makes begins
//! with all of them again, but over nothing that is the jail's.

use super::sys;
use nix::errno::Errno;

/// By number and name (linux/capability.h).
const DROPPED: [(u32, &str); 17] = [
    (9, "CAP_LINUX_IMMUTABLE"),
    (16, "CAP_SYS_MODULE"),
    (17, "CAP_SYS_RAWIO"),
    (20, "CAP_SYS_PACCT"),
    // reboot(2) in a pid namespace kills its init.
    (22, "CAP_SYS_BOOT"),
    (25, "CAP_SYS_TIME"),
    (26, "CAP_SYS_TTY_CONFIG"),
    (30, "CAP_AUDIT_CONTROL"),
    (32, "CAP_MAC_OVERRIDE"),
    (33, "CAP_MAC_ADMIN"),
    (34, "CAP_SYSLOG"),
    (35, "CAP_WAKE_ALARM"),
    (36, "CAP_BLOCK_SUSPEND"),
    (37, "CAP_AUDIT_READ"),
    (38, "CAP_PERFMON"),
    (39, "CAP_BPF"),
    (40, "CAP_CHECKPOINT_RESTORE"),
];

/// Drops them, for the calling process and whatever it starts.
pub(super) fn drop_unneeded() -> nix::Result<()> {
    for (number, _) in DROPPED {
        match sys::drop_from_bounding_set(number) {
            // An older kernel has fewer.
            Ok(()) | Err(Errno::EINVAL) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// Those that a bounding set, as `CapBnd` in `/proc/PID/status` has it, still holds.
pub(super) fn kept(bounding: u64) -> impl Iterator<Item = &'static str> {
    DROPPED
        .into_iter()
        .filter_map(move |(number, name)| (bounding >> number & 1 == 1).then_some(name))
}
