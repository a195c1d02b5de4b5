//! Reading `/proc/PID` of a process in a jail: small, bounded reads, no paths that a submission could bend.

use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{self, Read};
use std::time::Duration;

/// Nothing read here is longer on a sane system; what is cut off is not parsed.
const LONGEST: usize = 1 << 20;

/// Longest processor time a file may take to be read. A line of mountinfo costs the kernel as much as there are mounts upon each
/// other below it: a submission can make the table of a namespace take minutes. The time is our own, spent in the kernel: on a
/// busy machine a reader may stand still for long, and that is nobody's doing.
const PATIENCE: Duration = Duration::from_millis(500);

/// Bytes that nearly everything read here fits into.
const USUAL: usize = 8 << 10;

/// The text of `/proc/PID/NAME`; invalid UTF-8 is replaced.
///
/// # Errors
/// ETIMEDOUT: the submission has made it take too long.
pub fn read(pid: Pid, name: &str) -> io::Result<String> {
    let bytes = bounded(File::open(format!("/proc/{pid}/{name}"))?)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What a file of procfs holds, within bounds of length and time.
///
/// # Errors
/// ETIMEDOUT, like [`read`].
pub fn bounded(mut file: File) -> io::Result<Vec<u8>> {
    let mut began = None;
    // Room for all that is usual: one read, and one that finds the end. A table is handed out a page at a time.
    let mut bytes = Vec::with_capacity(USUAL);
    let mut buffer = [0; USUAL];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(bytes),
            length => bytes.extend_from_slice(&buffer[..length]),
        }
        if bytes.len() >= LONGEST {
            return Ok(bytes);
        }
        // Whatever is of the usual length is read by now.
        if bytes.len() < USUAL {
            continue;
        }
        let now = processor_time()?;
        if now.saturating_sub(*began.get_or_insert(now)) > PATIENCE {
            return Err(io::Error::from_raw_os_error(libc::ETIMEDOUT));
        }
    }
}

/// Of this thread.
fn processor_time() -> io::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into())
}

/// Fields of `/proc/PID/status` that are asked for here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Id of the process the thread belongs to.
    pub tgid: i32,
    /// Parent.
    pub ppid: i32,
    /// The id in each nested pid namespace, outermost first.
    pub nspid: Vec<i32>,
    /// Real, effective, saved, file system uid.
    pub uid: Vec<u32>,
    /// The same of the gid.
    pub gid: Vec<u32>,
    /// Supplementary groups.
    pub groups: Vec<u32>,
    /// Effective capabilities, a bit mask.
    pub capabilities: u64,
    /// Permitted capabilities, a bit mask.
    pub permitted: u64,
    /// The file mode creation mask.
    pub umask: u32,
}

/// Parses the text of `/proc/PID/status` (proc_pid_status(5)). Unknown and broken lines are passed over.
pub fn parse_status(text: &str) -> Status {
    let mut status = Status::default();
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim();
        match key {
            "Tgid" => status.tgid = value.parse().unwrap_or_default(),
            "PPid" => status.ppid = value.parse().unwrap_or_default(),
            "NSpid" => status.nspid = numbers(value),
            "Uid" => status.uid = numbers(value),
            "Gid" => status.gid = numbers(value),
            "Groups" => status.groups = numbers(value),
            "CapEff" => status.capabilities = u64::from_str_radix(value, 16).unwrap_or_default(),
            "CapPrm" => status.permitted = u64::from_str_radix(value, 16).unwrap_or_default(),
            "Umask" => status.umask = u32::from_str_radix(value, 8).unwrap_or_default(),
            _ => {}
        }
    }
    status
}

/// Reads and parses `/proc/PID/status`.
pub fn status(pid: Pid) -> io::Result<Status> {
    read(pid, "status").map(|text| parse_status(&text))
}

/// The argument vector of a process.
pub fn argv(pid: Pid) -> io::Result<Vec<String>> {
    let text = read(pid, "cmdline")?;
    Ok(text.split_terminator('\0').map(str::to_owned).collect())
}

/// The children of every thread of a process (`CONFIG_PROC_CHILDREN`, which distributions switch on).
pub fn children(pid: Pid) -> Vec<Pid> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let lists = threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| numbers::<i32>(&list))
        .map(Pid::from_raw)
        .collect()
}

/// Everything that descends from a process, itself left out.
pub fn descendants(pid: Pid) -> Vec<Pid> {
    let mut found = children(pid);
    let mut next = 0;
    // A fork bomb is bounded by the jail's limits; this bounds our reading of it.
    while next < found.len() && found.len() < 10_000 {
        found.extend(children(found[next]));
        next += 1;
    }
    found
}

fn numbers<T: std::str::FromStr>(text: &str) -> Vec<T> {
    text.split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_of_this_process_agrees_with_the_system_calls() {
        let pid = nix::unistd::getpid();
        let status = status(pid).unwrap();
        assert_eq!(status.tgid, pid.as_raw());
        assert_eq!(status.ppid, nix::unistd::getppid().as_raw());
        assert_eq!(status.uid[1], nix::unistd::geteuid().as_raw());
        assert_eq!(status.nspid.first(), Some(&pid.as_raw()));
    }

    #[test]
    fn a_broken_status_is_no_panic() {
        let status = parse_status("Tgid\nPPid:\nUid:\tx y\nCapEff:\tzz\n:::\n");
        assert_eq!(status, Status::default());
    }
}
