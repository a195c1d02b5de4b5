//! Flags of mount(2) as attributes of fsmount(2).

/// Those attributes that the flags ask for.
pub fn of_flags(flags: u64) -> u64 {
    let pairs = [
        (libc::MS_RDONLY, libc::MOUNT_ATTR_RDONLY),
        (libc::MS_NOSUID, libc::MOUNT_ATTR_NOSUID),
        (libc::MS_NODEV, libc::MOUNT_ATTR_NODEV),
        (libc::MS_NOEXEC, libc::MOUNT_ATTR_NOEXEC),
        (libc::MS_NODIRATIME, libc::MOUNT_ATTR_NODIRATIME),
    ];
    let chosen = pairs.into_iter().filter(|(flag, _)| flags & flag != 0);
    let attributes = chosen.fold(0, |all, (_, bit)| all | bit);
    match flags {
        flags if flags & libc::MS_NOATIME != 0 => attributes | libc::MOUNT_ATTR_NOATIME,
        flags if flags & libc::MS_STRICTATIME != 0 => attributes | libc::MOUNT_ATTR_STRICTATIME,
        _ => attributes,
    }
}
