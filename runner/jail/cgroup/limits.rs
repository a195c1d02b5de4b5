//! What a jail may use of the machine, whatever the submission sets below: the limits that groups can keep, as files.

use super::hierarchy::Version;
use crate::jail::mechanism::Mechanism;
use checks::limit::{Limit, Limits};
use nix::errno::Errno;

/// Most groups a submission makes. Only version 2 can limit it.
const GROUPS: u64 = 1000;

/// One file to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setting {
    pub file: &'static str,
    pub value: u64,
    /// Whether the kernel may lack the file: swap accounting can be configured away.
    pub presence: Presence,
    /// What it is part of.
    pub mechanism: Option<Mechanism>,
}

/// Whether a file of a controller is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    Perhaps,
}

/// What to write, in this order, into a group that has `controllers`.
pub(super) fn settings(limits: &Limits, version: Version, controllers: &[String]) -> Vec<Setting> {
    let of_the_tree = match version {
        Version::One => None,
        Version::Two => Some(Setting {
            file: "cgroup.max.descendants",
            value: GROUPS,
            presence: Presence::Always,
            mechanism: None,
        }),
    };
    of_the_tree
        .into_iter()
        .chain(
            controllers
                .iter()
                .flat_map(|name| of_controller(limits, version, name)),
        )
        .collect()
}

fn of_controller(limits: &Limits, version: Version, controller: &str) -> Vec<Setting> {
    let mechanism = match controller {
        "pids" => Mechanism::ProcessLimit,
        _ => Mechanism::MemoryLimit,
    };
    let setting = |file, value, presence| Setting {
        file,
        value,
        presence,
        mechanism: Some(mechanism),
    };
    let memory = limits.get(Limit::Memory);
    match (version, controller) {
        (_, "pids") => vec![setting(
            "pids.max",
            limits.get(Limit::Processes),
            Presence::Always,
        )],
        // The limit with swap may not be below the one without, which is unlimited at first: EINVAL the other way round
        // (kernel doc `admin-guide/cgroup-v1/memory`).
        (Version::One, "memory") => vec![
            setting("memory.limit_in_bytes", memory, Presence::Always),
            setting("memory.memsw.limit_in_bytes", memory, Presence::Perhaps),
        ],
        (Version::Two, "memory") => vec![
            setting("memory.max", memory, Presence::Always),
            setting("memory.swap.max", 0, Presence::Perhaps),
        ],
        _ => Vec::new(),
    }
}

impl Setting {
    /// Whether this error of writing it is none.
    pub(super) fn forgives(&self, errno: Errno) -> bool {
        self.presence == Presence::Perhaps && errno == Errno::ENOENT
    }

    /// Whether this text of the file says that it holds. The kernel keeps whole pages.
    pub(super) fn holds(&self, text: &str) -> bool {
        text.trim()
            .parse::<u64>()
            .is_ok_and(|kept| kept <= self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_before_memory_with_swap() {
        let controllers = ["memory".to_owned()];
        let settings = settings(&Limits::default(), Version::One, &controllers);
        let files: Vec<_> = settings.iter().map(|setting| setting.file).collect();
        assert_eq!(
            files,
            ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"]
        );
    }

    #[test]
    fn a_limit_that_was_lifted_does_not_hold() {
        let setting = Setting {
            file: "pids.max",
            value: 100,
            presence: Presence::Always,
            mechanism: None,
        };
        assert!(setting.holds("100\n") && setting.holds("96"));
        assert!(!setting.holds("max\n") && !setting.holds("101") && !setting.holds(""));
    }
}
