//! A forked child that goes where there is no way back from, and reports.

use super::sys::{self, Fork};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::wait::waitpid;
use nix::unistd::pipe2;
use std::fs::File;
use std::io::{Read, Write};

/// Runs `look` in a child of its own and returns what it returned.
///
/// The child shares nothing with this process afterwards, so it may enter namespaces it cannot leave again. Results are
/// small; a megabyte is the limit.
pub fn in_child(look: impl FnOnce() -> Vec<u8>) -> nix::Result<Vec<u8>> {
    let (ours, theirs) = pipe2(OFlag::O_CLOEXEC)?;
    match sys::fork()? {
        Fork::Child => {
            drop(ours);
            let done = File::from(theirs).write_all(&look());
            sys::exit_now(i32::from(done.is_err()))
        }
        Fork::Parent(pid) => {
            drop(theirs);
            let mut seen = Vec::new();
            let read = File::from(ours).take(1 << 20).read_to_end(&mut seen);
            while let Err(Errno::EINTR) = waitpid(pid, None) {}
            read.map(|_| seen).map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))
        }
    }
}
