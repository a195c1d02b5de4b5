//! Who owns the groups of a run: whoever holds a lock on their directory.
//!
//! A process id proves nothing to somebody in another pid namespace over the same hierarchies, as two containers on one host
//! are. An flock(2) does: the kernel lets go of it when the last process of the run ends, however it ends, and everybody
//! who can see the directory can ask for it.

use super::file::open_group;
use crate::jail::sys::{self, Lock};
use nix::errno::Errno;
use nix::fcntl::AtFlags;
use nix::sys::stat::{fstat, fstatat};
use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;

/// The name of this process's groups: `PID-STARTTIME-PIDNAMESPACE`, so that no other living process makes the same.
///
/// The id is what the mounted `/proc` counts: it serves people who look for the process.
pub(super) fn name_of_this_process() -> std::io::Result<String> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (pid, started) = parse_stat(&stat)
        .ok_or_else(|| std::io::Error::other("/proc/self/stat cannot be understood"))?;
    let namespace = fs::metadata("/proc/self/ns/pid")?.ino();
    Ok(format!("{pid}-{started}-{namespace}"))
}

/// Whether a group's name is one that [`name_of_this_process`] gives.
pub(crate) fn is_ours(name: &str) -> bool {
    let numbers = name.split('-').map(str::parse::<u64>);
    // A sign is no digit of ours, though `parse` takes it.
    !name.contains('+') && numbers.clone().count() == 3 && numbers.into_iter().all(|it| it.is_ok())
}

/// Opens the group `name` and marks it as in use, for as long as this process or one forked from it lives. Waits for a sweep
/// that is just looking at it.
///
/// # Errors
/// ENOENT: the sweep has removed it.
pub(super) fn hold(parent: BorrowedFd, name: &str) -> nix::Result<OwnedFd> {
    let group = open_group(parent, name)?;
    sys::lock(group.as_fd(), Lock::Shared)?;
    // A removed group's link count stays what it was: only its name tells.
    let named = fstatat(parent, name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
    if named.st_ino == fstat(&group)?.st_ino {
        Ok(group)
    } else {
        Err(Errno::ENOENT)
    }
}

/// Takes a directory that nobody uses any more, so that nobody can begin to. `false` if somebody does.
pub(super) fn take_over(group: BorrowedFd) -> bool {
    sys::lock(group, Lock::ExclusiveAtOnce).is_ok()
}

/// Id and start time, in clock ticks after boot, of a line of `/proc/PID/stat` (proc_pid_stat(5), fields 1 and 22).
pub(crate) fn parse_stat(text: &str) -> Option<(u32, u64)> {
    // The name, in parentheses, may hold blanks and parentheses.
    let (pid, _) = text.split_once(' ')?;
    let (_, after) = text.rsplit_once(") ")?;
    let started = after.split(' ').nth(22 - 3)?;
    Some((pid.parse().ok()?, started.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn what_somebody_holds_is_not_taken_over() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("1-2-3")).unwrap();
        let parent = fs::File::open(directory.path()).unwrap();
        let held = hold(parent.as_fd(), "1-2-3").unwrap();
        let other = open_group(parent.as_fd(), "1-2-3").unwrap();
        assert!(!take_over(other.as_fd()));
        drop(held);
        assert!(take_over(other.as_fd()));
    }

    #[test]
    fn the_name_is_ours() {
        let name = name_of_this_process().unwrap();
        assert!(is_ours(&name), "{name}");
        assert!(
            name.starts_with(&format!("{}-", std::process::id())),
            "{name}"
        );
    }

    #[test]
    fn a_name_with_parentheses_hides_nothing() {
        let rest = "0 ".repeat(18);
        assert_eq!(
            parse_stat(&format!("42 (a) b) S {rest}777 0")),
            Some((42, 777))
        );
    }

    #[rstest]
    #[case("")]
    #[case("12")]
    #[case("12-3")]
    #[case("-12-3")]
    #[case("1-2-3-4")]
    #[case("+1-2-3")]
    #[case("user.slice")]
    fn a_group_somebody_else_made_is_not(#[case] name: &str) {
        assert!(!is_ours(name));
    }
}
