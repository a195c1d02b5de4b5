//! What the processes of a jail use, one by one, from /proc: for where no group counts it.

use crate::jail::Jail;
use crate::play::procfs;
use checks::limit::{Limit, Reading, Used};
use nix::unistd::{Pid, SysconfVar, sysconf};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

/// Those of one moment.
pub struct Processes {
    all: Vec<Pid>,
    threads: u64,
    /// CPU time of all of them, and of those that have been waited for.
    pub cpu: Duration,
    /// Bytes of memory that are theirs alone.
    pub memory: u64,
}

impl Processes {
    /// Looks at all processes of a jail.
    pub fn of(jail: &Jail) -> Processes {
        let mut all = procfs::descendants(jail.init);
        all.push(jail.init);
        let system = |name| sysconf(name).ok().flatten().unwrap_or(1).max(1) as u64;
        let (ticks, page) = (system(SysconfVar::CLK_TCK), system(SysconfVar::PAGE_SIZE));
        let mut found = Processes {
            threads: 0,
            cpu: Duration::ZERO,
            memory: 0,
            all: Vec::new(),
        };
        for pid in all {
            let Some(stat) = procfs::read(pid, "stat").ok().and_then(|text| parse(&text)) else {
                continue;
            };
            found.all.push(pid);
            found.threads += stat.threads;
            found.cpu += Duration::from_millis(stat.ticks * 1000 / ticks);
            found.memory += private_pages(pid) * page;
        }
        found
    }

    /// The kernel's word for the CPU time.
    pub fn cpu_evidence(&self) -> String {
        format!(
            "/proc/PID/stat: utime + stime + cutime + cstime of {} processes = {} ms",
            self.all.len(),
            self.cpu.as_millis()
        )
    }

    /// Their memory, and `files` bytes that the jail's file systems hold.
    pub fn memory_with(&self, files: u64) -> Reading {
        Reading {
            limit: Limit::Memory,
            used: Used::Amount(self.memory + files),
            evidence: vec![
                format!(
                    "/proc/PID/statm: resident - shared of {} processes = {} bytes",
                    self.all.len(),
                    self.memory
                ),
                format!("statfs: {files} bytes in the jail's file systems"),
            ],
        }
    }

    /// How many there are.
    pub fn count(&self) -> Reading {
        Reading {
            limit: Limit::Processes,
            used: Used::Amount(self.threads),
            evidence: vec![format!(
                "/proc/PID/stat: num_threads of {} processes = {}",
                self.all.len(),
                self.threads
            )],
        }
    }

    /// The open files of the one that has most.
    pub fn most_files(&self) -> Option<Reading> {
        let counted = self.all.iter().map(|pid| (open_files(*pid), pid));
        let (most, pid) = counted.max()?;
        let argv = procfs::argv(*pid).unwrap_or_default().join(" ");
        let shown: String = argv.chars().take(60).collect();
        Some(Reading {
            limit: Limit::OpenFiles,
            used: Used::Amount(most),
            evidence: vec![format!("/proc/PID/fd of `{shown}`: {most} entries")],
        })
    }
}

/// Of `/proc/PID/statm` (proc_pid_statm(5)): pages that are no file's and no shared memory.
fn private_pages(pid: Pid) -> u64 {
    let text = procfs::read(pid, "statm").unwrap_or_default();
    let mut fields = text
        .split(' ')
        .map(|field| field.parse::<u64>().unwrap_or(0));
    let (resident, shared) = (
        fields.nth(1).unwrap_or_default(),
        fields.next().unwrap_or_default(),
    );
    resident.saturating_sub(shared)
}

/// Since Linux 6.2 the size of `/proc/PID/fd` is the number of its entries; before, they have to be counted.
fn open_files(pid: Pid) -> u64 {
    let path = format!("/proc/{pid}/fd");
    match fs::metadata(&path).map(|meta| meta.size()) {
        Ok(0) => fs::read_dir(&path).map_or(0, |entries| entries.count() as u64),
        Ok(size) => size,
        Err(_) => 0,
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Stat {
    ticks: u64,
    threads: u64,
}

/// Of `/proc/PID/stat` (proc_pid_stat(5)): fields 14 to 17 and 20. The name, in parentheses, may hold blanks and parentheses.
fn parse(text: &str) -> Option<Stat> {
    let (_, after) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = after.split(' ').collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Stat {
        ticks: (14..=17).map(number).sum::<Option<u64>>()?,
        threads: number(20)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_used_is_read_behind_its_name() {
        let text = "7 (a) 1 (b) S 1 7 7 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 5 0 77 1 1";
        let expected = Stat {
            ticks: 100,
            threads: 5,
        };
        assert_eq!(parse(text), Some(expected));
        assert_eq!(parse("7 (a) S 1"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn the_open_files_of_this_process_are_counted() {
        let own = nix::unistd::getpid();
        let before = open_files(own);
        let held: Vec<_> = (0..50)
            .map(|_| fs::File::open("/dev/null").unwrap())
            .collect();
        assert!(open_files(own) >= before.min(3) + held.len() as u64);
    }
}
