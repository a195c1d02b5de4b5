//! fork(2), execve(2), wait(2), and the line about how it ended.

pub use super::sys::fork;
use anyhow::Context;
use nix::errno::Errno;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{Pid, execvp};
use std::convert::Infallible;
use std::ffi::{CString, OsString};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

/// Becomes the command, found along PATH as a shell would. Returns only to say why it could not.
pub fn exec(command: &[OsString]) -> anyhow::Result<Infallible> {
    let words: Vec<CString> = command
        .iter()
        .map(|word| CString::new(word.as_bytes()))
        .collect::<Result<_, _>>()?;
    let name = words.first().context("there is no command to execute")?;
    execvp(name, &words)
        .map_err(io::Error::from)
        .with_context(|| format!("failed to execute {}", command[0].display()))
}

/// Waits until `child` has ended, and gives the status as wait(2) does: the exit status in the second byte, or the
/// number of the signal in the first.
pub fn wait(child: Pid) -> anyhow::Result<i32> {
    loop {
        match waitpid(child, None) {
            Ok(WaitStatus::Exited(_, status)) => return Ok(status << 8),
            Ok(WaitStatus::Signaled(_, signal, dumped)) => {
                return Ok(signal as i32 | if dumped { 0x80 } else { 0 });
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno).with_context(|| format!("failed to wait for {child}")),
        }
    }
}

/// Prints the line with which every level ends.
pub fn report(child: Pid, status: i32) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{child} exited with status {status}")?;
    Ok(())
}
