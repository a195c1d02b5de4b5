//! Removing groups: deepest first, with patience for what the kernel still counts as occupied.

use super::file::{open_group, open_parent};
use super::hierarchy::Version;
use nix::dir::{Dir, Type};
use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::sched_yield;
use nix::sys::stat::{Mode, fstat};
use nix::unistd::{UnlinkatFlags, read, unlinkat};
use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// Most groups removed in one go. Version 1 has no limit on how many a submission makes; what is beyond this stays for the
/// next go.
const MOST: usize = 100_000;

/// Removes the group `name` and all below it. A group that still holds processes is waited for until `deadline`.
///
/// # Errors
/// EBUSY: something in it is still occupied. Whatever could be removed is gone.
pub(super) fn remove(
    parent: BorrowedFd,
    name: &str,
    version: Version,
    deadline: Instant,
) -> nix::Result<()> {
    match unlinkat(parent, name, UnlinkatFlags::RemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => return Ok(()),
        Err(Errno::EBUSY | Errno::ENOTEMPTY) => {}
        Err(errno) => return Err(errno),
    }
    empty(open_group(parent, name)?)?;
    while let Err(errno) = unlinkat(parent, name, UnlinkatFlags::RemoveDir) {
        match errno {
            Errno::ENOENT => break,
            Errno::EBUSY if Instant::now() < deadline => {
                wait(parent, name, version, deadline);
                // Somebody who was alive till now may have made more.
                let _ = open_group(parent, name).and_then(empty);
            }
            errno => return Err(errno),
        }
    }
    Ok(())
}

/// Removes everything below a group that can be removed, without recursion: the depth is the submission's choice.
fn empty(mut here: OwnedFd) -> nix::Result<()> {
    let mut todo = vec![subgroups(here.as_fd())?];
    let mut entered: Vec<CString> = Vec::new();
    for _ in 0..MOST {
        let Some(names) = todo.last_mut() else {
            return Ok(());
        };
        if let Some(name) = names.pop() {
            if let Err(Errno::EBUSY | Errno::ENOTEMPTY) =
                unlinkat(&here, name.as_c_str(), UnlinkatFlags::RemoveDir)
            {
                here = open_group(here.as_fd(), &name.to_string_lossy())?;
                todo.push(subgroups(here.as_fd())?);
                entered.push(name);
            }
        } else {
            todo.pop();
            let Some(name) = entered.pop() else {
                return Ok(());
            };
            here = open_parent(here.as_fd())?;
            // Still occupied: the caller waits for the whole.
            let _ = unlinkat(&here, name.as_c_str(), UnlinkatFlags::RemoveDir);
        }
    }
    Err(Errno::EBUSY)
}

/// The names of the groups directly below one.
pub(super) fn subgroups(group: BorrowedFd) -> nix::Result<Vec<CString>> {
    let mut names = Vec::new();
    // A group has two links, and one more for each below it (fs/kernfs/dir.c). Elsewhere a directory may have one, which tells
    // nothing.
    if fstat(group)?.st_nlink == 2 {
        return Ok(names);
    }
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    for entry in Dir::from_fd(openat(group, ".", flags, Mode::empty())?)?.iter() {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type() == Some(Type::Directory) && name != c"." && name != c".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Waits until the group may have become empty.
fn wait(parent: BorrowedFd, name: &str, version: Version, deadline: Instant) {
    if version == Version::One {
        // Version 1 tells nobody when a group becomes empty (`release_agent` is the host's). What is left there is on its way
        // out of the kernel: its turn on this processor is all it needs.
        let _ = sched_yield();
        return;
    }
    let events = format!("{name}/cgroup.events");
    let Ok(events) = openat(
        parent,
        events.as_str(),
        OFlag::O_RDONLY | OFlag::O_CLOEXEC,
        Mode::empty(),
    ) else {
        return;
    };
    // Only what changes after a read is news (kernel doc `admin-guide/cgroup-v2`, "[Un]populated Notification").
    let mut buffer = [0; 256];
    let populated = read(&events, &mut buffer).is_ok_and(|length| {
        String::from_utf8_lossy(&buffer[..length])
            .lines()
            .any(|line| line == "populated 1")
    });
    if populated {
        // Rounded up: a timeout of 0 would spin until the deadline.
        let left = deadline.saturating_duration_since(Instant::now()) + Duration::from_millis(1);
        let mut changed = [PollFd::new(events.as_fd(), PollFlags::POLLPRI)];
        let _ = poll(
            &mut changed,
            PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX),
        );
    } else {
        let _ = sched_yield();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jail::cgroup::Offer;
    use crate::jail::cgroup::file::set;
    use crate::jail::ids::Power;
    use nix::fcntl::open;
    use nix::sys::stat::mkdirat;
    use rstest::rstest;
    use std::process::{Command, Stdio};

    /// A group of this test's own, in a hierarchy of the given version if this host has one that can be written to.
    fn place(version: Version, name: &str) -> Option<OwnedFd> {
        let offer = Offer::probe(Power::of_this_process());
        let Some(tree) = offer
            .trees
            .iter()
            .find(|tree| tree.hierarchy.version == version)
        else {
            eprintln!(
                "skipped: no hierarchy of {version:?} that can be written to: {:?}",
                offer.missing()
            );
            return None;
        };
        let top = open(
            &tree.hierarchy.mount_point,
            OFlag::O_RDONLY | OFlag::O_DIRECTORY,
            Mode::empty(),
        )
        .unwrap();
        mkdirat(&top, name, Mode::from_bits_truncate(0o755)).unwrap();
        Some(top)
    }

    #[rstest]
    fn an_occupied_group_is_waited_for_and_then_removed(
        #[values(Version::One, Version::Two)] version: Version,
    ) {
        let name = format!("rdgrade-test-{}", std::process::id());
        let Some(top) = place(version, &name) else {
            return;
        };
        let group = open_group(top.as_fd(), &name).unwrap();
        mkdirat(&group, "below", Mode::from_bits_truncate(0o755)).unwrap();
        let mut occupant = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        set(
            group.as_fd(),
            "below/cgroup.procs",
            &occupant.id().to_string(),
        )
        .unwrap();

        assert_eq!(
            remove(top.as_fd(), &name, version, Instant::now()),
            Err(Errno::EBUSY)
        );
        assert_eq!(subgroups(group.as_fd()).unwrap(), [CString::from(c"below")]);

        let ending = std::thread::spawn(move || {
            occupant.kill().unwrap();
            occupant.wait().unwrap();
        });
        assert_eq!(
            remove(
                top.as_fd(),
                &name,
                version,
                Instant::now() + Duration::from_secs(20)
            ),
            Ok(())
        );
        ending.join().unwrap();
        assert!(
            !subgroups(top.as_fd())
                .unwrap()
                .iter()
                .any(|known| known.to_string_lossy() == name)
        );
    }
}
