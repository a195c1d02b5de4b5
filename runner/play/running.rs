//! A program in a jail.

use super::awaited::Awaited;
use super::capture::Capture;
use super::hinge::Container;
use checks::played::Exit;
use nix::unistd::Pid;
use std::os::fd::OwnedFd;

/// A program that was started in the jail.
pub struct Running {
    /// Its id as the jail counts.
    pub jail_pid: i32,
    /// Its id as this process's pid namespace counts.
    pub pid: Pid,
    /// Its process, whatever its id is given to later.
    pub pidfd: OwnedFd,
    /// The pty's master or the pipe's reading end, until end of file.
    pub stream: Option<OwnedFd>,
    /// The stream after its end of file. Closing a pty's master hangs up on the session's leader (SIGHUP), which may still
    /// be on its way out: programs close their standard output before they exit.
    pub(super) spent: Option<OwnedFd>,
    /// What it printed and nobody has taken yet.
    pub output: Capture,
    /// How it ended.
    pub exit: Option<Exit>,
    /// The command it was asked to put into a container; empty for commands on the host.
    pub asked: Vec<String>,
    /// The container, once the kernel has seen it executed.
    pub container: Option<Container>,
    /// Whether something was typed into its session: from then on its container is settled.
    pub spoken_to: bool,
    /// What to look for in the output.
    pub awaited: Option<Awaited>,
}

/// The id of a pidfd's process in this process's pid namespace (`/proc/self/fdinfo`, pidfd_open(2)).
pub(super) fn pid_of(pidfd: &OwnedFd) -> std::io::Result<Pid> {
    use std::os::fd::AsRawFd;
    let text = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pid:"));
    let pid = line.and_then(|pid| pid.trim().parse().ok()).unwrap_or(-1);
    Ok(Pid::from_raw(pid))
}

/// Decodes a raw wait status (wait(2)).
pub fn decode(status: i32) -> Exit {
    match status & 0x7f {
        0 => Exit::Code(((status >> 8) & 0xff) as u8),
        signal => Exit::Signal(signal),
    }
}
