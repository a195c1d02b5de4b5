//! Landlock (landlock(7)).

use super::Result;
use nix::errno::Errno;

/// LANDLOCK_CREATE_RULESET_VERSION: asks for the version instead of making a ruleset.
const VERSION: libc::c_uint = 1;

/// landlock_create_ruleset(2): the version of the interface. ENOSYS or EOPNOTSUPP where there is none.
pub fn landlock_abi() -> Result<i64> {
    let none: *const libc::c_void = std::ptr::null();
    // SAFETY: with this flag the attributes must be null and their size 0.
    Errno::result(unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, none, 0, VERSION) })
}
