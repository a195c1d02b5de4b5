//! Children that share their parent's memory: there is nothing to copy, which is most of what fork(2) costs.
//!
//! The parent stands still until the child has ended or has executed a program (CLONE_VFORK, clone(2)), so that there is never
//! more than one of them in the memory they share. All else the child has for itself: descriptors, working directory, root, umask,
//! signal dispositions and mask.

use super::{Cloned, Fork, Result, clone_into_namespaces};
use nix::errno::Errno;
use nix::sched::CloneFlags;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, mprotect};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Room for the child's stack.
const STACK: usize = 256 << 10;

/// What a stack that overflows runs into.
const GUARD: usize = 64 << 10;

thread_local! {
    /// The top of the stack that children of this process run on, made when the first one does. A forked process inherits it, and
    /// has a copy of its own.
    static TOP: Cell<*mut c_void> = const { Cell::new(std::ptr::null_mut()) };
}

fn stack() -> Result<*mut c_void> {
    let known = TOP.get();
    if !known.is_null() {
        return Ok(known);
    }
    let length = NonZeroUsize::new(GUARD + STACK).ok_or(Errno::EINVAL)?;
    let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_STACK;
    let usable = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    // SAFETY: a new mapping, which nobody else knows of; it is never unmapped.
    let top = unsafe {
        let low = mmap_anonymous(None, length, usable, flags)?;
        mprotect(low, GUARD, ProtFlags::PROT_NONE)?;
        low.as_ptr().byte_add(GUARD + STACK)
    };
    TOP.set(top);
    Ok(top)
}

/// What runs in the child, by a pointer of one word.
type Act<'a> = &'a mut dyn FnMut() -> c_int;

extern "C" fn run(act: *mut c_void) -> c_int {
    // SAFETY: `clone` passes the address of an `Act` that its caller keeps until the child has ended or executed a program. A panic
    // ends the child: unwinding out of an `extern "C"` function aborts.
    let act = unsafe { &mut *act.cast::<Act>() };
    act()
}

/// clone(2) with CLONE_VM, and a pidfd. Returns when the child has let go of our memory.
fn clone(mut act: Act, flags: c_int) -> Result<(Pid, OwnedFd)> {
    let top = stack()?;
    let mut pidfd: RawFd = -1;
    let flags = flags | libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD | libc::SIGCHLD;
    // SAFETY: the stack is ours, and nobody else runs on it: the calling thread, the only one, stands still while the child runs,
    // and a child has no children of this kind. `act` and `pidfd` outlive that time.
    let pid = unsafe {
        libc::clone(
            run,
            top,
            flags,
            (&raw mut act).cast::<c_void>(),
            &raw mut pidfd,
        )
    };
    let pid = Errno::result(pid)?;
    // SAFETY: the kernel stored a descriptor that nothing else owns.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    Ok((Pid::from_raw(pid), pidfd))
}

/// Does something in a child that has no way back from where it goes (another mount namespace, another root directory), and returns
/// what came of it. EIO if the child was killed.
///
/// Not for what changes credentials, as entering a user namespace does: the memory would become undumpable, and with it the parent.
/// What `act` borrows it shares with the parent; descriptors it opens are its own and go with it.
pub fn beside<T>(act: impl FnOnce() -> T) -> Result<T> {
    let mut act = Some(act);
    let mut outcome = None;
    let mut once = || {
        outcome = act.take().map(|act| act());
        0
    };
    let (pid, _pidfd) = clone(&mut once, 0)?;
    while let Err(Errno::EINTR) = waitpid(pid, None) {}
    outcome.ok_or(Errno::EIO)
}

/// Starts a program: `become_it` runs in a child that shares our memory, and returns only if it could not execute anything, with
/// the status to exit with. The parent goes on when the program has been executed, or the child has ended.
pub fn start_beside(become_it: impl FnOnce() -> i32) -> Result<(Pid, OwnedFd)> {
    let mut become_it = Some(become_it);
    let mut once = || become_it.take().map_or(1, |become_it| become_it());
    clone(&mut once, 0)
}

/// The two ends of a pipe, by number.
struct Ends {
    reader: RawFd,
    writer: RawFd,
}

/// A process that waits for the end of a pipe: until its parent lets go of it, or is gone.
extern "C" fn wait_for_the_end(ends: *mut c_void) -> c_int {
    // SAFETY: `side_by_side` keeps them until this process has ended. It allocates nothing and takes no locks: others run in the
    // same memory meanwhile.
    unsafe {
        let ends = &*ends.cast::<Ends>();
        libc::close(ends.writer);
        let mut byte = 0_u8;
        while libc::read(ends.reader, (&raw mut byte).cast(), 1) < 0 {}
    }
    0
}

/// Starts so many processes that do nothing, and ends them when all of them are there.
///
/// # Errors
/// How many could be started, and why no more.
pub fn side_by_side(count: usize) -> std::result::Result<(), (usize, Errno)> {
    const ROOM: usize = 16 << 10;
    let none = |errno| (0, errno);
    let (reader, writer) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).map_err(none)?;
    let mut ends = Ends {
        reader: reader.as_raw_fd(),
        writer: writer.as_raw_fd(),
    };
    let mut stacks = vec![0_u128; count * ROOM / size_of::<u128>()];
    let mut started = Vec::with_capacity(count);
    let mut refused = None;
    for index in 1..=count {
        // SAFETY: each child has a part of `stacks` for itself, which like `ends` stays until all of them have been waited for.
        let pid = unsafe {
            let top = stacks.as_mut_ptr().byte_add(index * ROOM).cast();
            let flags = libc::CLONE_VM | libc::SIGCHLD;
            libc::clone(
                wait_for_the_end,
                top,
                flags,
                (&raw mut ends).cast::<c_void>(),
            )
        };
        match Errno::result(pid) {
            Ok(pid) => started.push(Pid::from_raw(pid)),
            Err(errno) => {
                refused = Some((started.len(), errno));
                break;
            }
        }
    }
    drop(writer);
    for pid in started {
        while let Err(Errno::EINTR) = waitpid(pid, None) {}
    }
    refused.map_or(Ok(()), Err)
}

/// Runs `act` in a child that is in new `namespaces`, and whose descriptors are ours. It has ended when this returns, and has not
/// been waited for.
pub fn start_sharing_files(namespaces: CloneFlags, act: impl FnOnce() -> i32) -> Result<Pid> {
    let mut act = Some(act);
    let mut once = || act.take().map_or(1, |act| act());
    let flags = namespaces.bits() | libc::CLONE_FILES;
    clone(&mut once, flags).map(|(pid, _pidfd)| pid)
}

/// fork(2) from somewhere else: a child that shares our memory does `enter`, which may change its credentials, and from there
/// makes a process in new `namespaces` and in `group`, a group of version 2, that is our own child. It lives its own `live`, in a
/// copy of our memory.
///
/// # Errors
/// Those of `enter` and of clone3(2).
pub fn fork_from(
    enter: impl FnOnce() -> Result<()>,
    namespaces: CloneFlags,
    group: Option<BorrowedFd>,
    live: impl FnOnce() -> std::convert::Infallible,
) -> Result<Cloned> {
    let mut parts = Some((enter, live));
    let mut outcome = Err(Errno::EIO);
    let mut once = || {
        let Some((enter, live)) = parts.take() else {
            return 1;
        };
        let made = enter().and_then(|()| {
            match clone_into_namespaces(namespaces | CloneFlags::CLONE_PARENT, group)? {
                Fork::Child => {
                    // It stands on that very stack; its own children need another.
                    TOP.set(std::ptr::null_mut());
                    match live() {}
                }
                Fork::Parent(made) => Ok(made),
            }
        });
        outcome = made;
        0
    };
    // So that the descriptor of the new process becomes ours.
    let (go_between, _pidfd) = clone(&mut once, libc::CLONE_FILES)?;
    while let Err(Errno::EINTR) = waitpid(go_between, None) {}
    // Credentials that change make the memory they belong to undumpable, and ours are what they were (prctl(2)).
    nix::sys::prctl::set_dumpable(true)?;
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::unistd::{chdir, getpid};

    #[test]
    fn what_a_child_finds_out_is_known_and_where_it_went_is_not() {
        let here = std::env::current_dir().unwrap();
        let ours = getpid();
        let (pid, there) = beside(|| {
            chdir("/").unwrap();
            (getpid(), std::env::current_dir().unwrap())
        })
        .unwrap();
        assert_ne!(pid, ours);
        assert_eq!(there, std::path::Path::new("/"));
        assert_eq!(std::env::current_dir().unwrap(), here);
    }

    #[test]
    fn a_child_that_is_killed_is_an_error() {
        let killed = beside(|| {
            let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGKILL);
        });
        assert_eq!(killed, Err(Errno::EIO));
    }

    #[test]
    fn as_many_as_there_may_be_are_started_and_ended() {
        assert_eq!(side_by_side(20), Ok(()));
        assert_eq!(side_by_side(0), Ok(()));
    }

    #[test]
    fn a_program_that_is_not_there_ends_with_the_status_it_is_given() {
        use nix::sys::wait::WaitStatus;
        let (pid, _pidfd) = start_beside(|| {
            let nothing: [&std::ffi::CStr; 0] = [];
            match nix::unistd::execve(c"/does/not/exist", &nothing, &nothing) {
                Err(_) => 127,
            }
        })
        .unwrap();
        assert_eq!(waitpid(pid, None), Ok(WaitStatus::Exited(pid, 127)));
    }
}
