//! What a jail may use of the machine, whatever the submission sets below.

use super::hierarchy::Version;
use crate::jail::mechanism::Mechanism;
use nix::errno::Errno;

/// Limits of a jail as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most processes and threads.
    pub processes: u64,
    /// Most bytes of memory and swap together, the jail's file systems included: they are kept in memory.
    pub memory: u64,
    /// Most groups a submission makes. Only version 2 can limit it.
    pub groups: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // Twice what a jail's users may have each (RLIMIT_NPROC), so that the nearer limit is the one that is met.
        Limits {
            processes: 2048,
            memory: 1 << 30,
            groups: 1000,
        }
    }
}

/// One file to write.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub file: &'static str,
    pub value: String,
    /// Whether the kernel may lack the file: swap accounting can be configured away.
    pub presence: Presence,
}

/// Whether a file of a controller is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    Perhaps,
}

impl Limits {
    /// What to write, in this order, into a group that has `controllers`.
    pub(super) fn settings(self, version: Version, controllers: &[String]) -> Vec<Setting> {
        let of_the_tree = match version {
            Version::One => None,
            Version::Two => Some(Setting {
                file: "cgroup.max.descendants",
                value: self.groups.to_string(),
                presence: Presence::Always,
            }),
        };
        of_the_tree
            .into_iter()
            .chain(
                controllers
                    .iter()
                    .flat_map(|name| self.of_controller(version, name)),
            )
            .collect()
    }

    fn of_controller(self, version: Version, controller: &str) -> Vec<Setting> {
        let setting = |file, value: u64, presence| Setting {
            file,
            value: value.to_string(),
            presence,
        };
        let off = match controller {
            "pids" => !Mechanism::ProcessLimit.is_on(),
            "memory" => !Mechanism::MemoryLimit.is_on(),
            _ => false,
        };
        if off {
            return Vec::new();
        }
        match (version, controller) {
            (_, "pids") => vec![setting("pids.max", self.processes, Presence::Always)],
            // The limit with swap may not be below the one without, which is unlimited at first: EINVAL the other way
            // round (kernel doc `admin-guide/cgroup-v1/memory`).
            (Version::One, "memory") => vec![
                setting("memory.limit_in_bytes", self.memory, Presence::Always),
                setting(
                    "memory.memsw.limit_in_bytes",
                    self.memory,
                    Presence::Perhaps,
                ),
            ],
            (Version::Two, "memory") => vec![
                setting("memory.max", self.memory, Presence::Always),
                setting("memory.swap.max", 0, Presence::Perhaps),
            ],
            _ => Vec::new(),
        }
    }
}

impl Setting {
    /// Whether this error of writing it is none.
    pub(super) fn forgives(&self, errno: Errno) -> bool {
        self.presence == Presence::Perhaps && errno == Errno::ENOENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_before_memory_with_swap() {
        let controllers = ["memory".to_owned()];
        let settings = Limits::default().settings(Version::One, &controllers);
        let files: Vec<_> = settings.iter().map(|setting| setting.file).collect();
        assert_eq!(
            files,
            ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
        );
    }
}
