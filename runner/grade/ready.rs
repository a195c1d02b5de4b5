//! What a host must have before anything is graded. A host in trouble is told of it once, in words; a jail that ran into it would
//! look like an error of rdgrade's in every check, or even like a failure of the submission's.

use crate::jail::sys;
use crate::jail::{JailError, While};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::fs::{self, File};

/// Descriptors a run needs, and how many more for each worker: measured, and doubled.
const DESCRIPTORS: u64 = 64;
const DESCRIPTORS_OF_A_WORKER: u64 = 8;

/// Processes a run needs side by side, and how many more for each worker: a jail with a submission and what it starts.
const PROCESSES: usize = 4;
const PROCESSES_OF_A_WORKER: usize = 8;

/// Looks, and helps where it can.
///
/// # Errors
/// The first thing that is not there, with what to do.
pub fn ready(workers: usize) -> Result<(), JailError> {
    files_are_ready(workers)?;
    processes_are_ready(workers, 0)
}

/// The part of it that has to come first.
pub(super) fn files_are_ready(workers: usize) -> Result<(), JailError> {
    proc_is_there()?;
    null_is_there()?;
    descriptors(DESCRIPTORS + DESCRIPTORS_OF_A_WORKER * workers as u64)
}

/// The part that takes half a millisecond, and may come when the first jails are being built: so many of the processes are
/// `there` already.
pub(super) fn processes_are_ready(workers: usize, there: usize) -> Result<(), JailError> {
    processes((PROCESSES + PROCESSES_OF_A_WORKER * workers).saturating_sub(there))
}

fn proc_is_there() -> Result<(), JailError> {
    match fs::read_link("/proc/self/exe") {
        Ok(_) => Ok(()),
        Err(error) => Err(JailError {
            doing: "read /proc/self".to_owned(),
            cause: error.to_string(),
            remedy: "mount it: mount -t proc proc /proc".to_owned(),
        }),
    }
}

fn null_is_there() -> Result<(), JailError> {
    match File::options().read(true).write(true).open("/dev/null") {
        Ok(_) => Ok(()),
        // The table of descriptors is full; the next question says so better.
        Err(error) if error.raw_os_error() == Some(libc::EMFILE) => Ok(()),
        Err(error) => Err(JailError {
            doing: "open /dev/null".to_owned(),
            cause: error.to_string(),
            remedy: "mount a /dev, or make it: mknod -m 666 /dev/null c 1 3".to_owned(),
        }),
    }
}

/// Raises the soft limit where that is allowed.
fn descriptors(needed: u64) -> Result<(), JailError> {
    let (soft, hard) =
        getrlimit(Resource::RLIMIT_NOFILE).while_trying(|| "read the limit on open files")?;
    if soft >= needed {
        return Ok(());
    }
    if hard < needed {
        return Err(JailError {
            doing: format!("have {needed} files open at once"),
            cause: format!("{hard} is the limit (RLIMIT_NOFILE)"),
            remedy: "raise it (ulimit -n 1024), or give fewer --jobs".to_owned(),
        });
    }
    setrlimit(Resource::RLIMIT_NOFILE, needed, hard)
        .while_trying(|| "raise the limit on open files")
}

/// Starts as many processes as may be needed, and ends them.
///
/// The limits on them are many (RLIMIT_NPROC, pids.max of every group above, kernel.pid_max), and shared with others: to try is the
/// only way to know.
fn processes(needed: usize) -> Result<(), JailError> {
    sys::side_by_side(needed).map_err(|(count, errno)| JailError {
        doing: format!("have {needed} processes side by side"),
        cause: format!("after {count} of them: {} ({errno:?})", errno.desc()),
        remedy:
            "end some processes, raise the limit on them (ulimit -u, pids.max), or give fewer --jobs"
                .to_owned(),
    })
}
