//! How level files spell the names of facts, and what shape each fact has.

use crate::fact::FactName;

/// What a fact's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One value: it goes to [`crate::level::Expect::values`].
    Value,
    /// Named fields: [`crate::level::Expect::records`].
    Record(&'static [&'static str]),
    /// Rows of named columns: [`crate::level::Expect::tables`]. A table of one column names it `""`.
    Table(&'static [&'static str]),
}

const MOUNT: &[&str] = &[
    "target",
    "type",
    "source",
    "device",
    "options",
    "propagation",
    "line",
];
const PROCESS: &[&str] = &["pid", "ppid", "argv", "namespace"];

impl FactName {
    /// Every fact, in the order of DESIGN's table.
    pub const ALL: [FactName; 23] = [
        FactName::Root,
        FactName::Cwd,
        FactName::RootDevice,
        FactName::Pid,
        FactName::Id,
        FactName::Born,
        FactName::Hostname,
        FactName::Digest,
        FactName::Tree,
        FactName::Top,
        FactName::Namespaces,
        FactName::Ids,
        FactName::CpuGroup,
        FactName::MemoryGroup,
        FactName::Overlay,
        FactName::Breakout,
        FactName::Mounts,
        FactName::NamespaceMounts,
        FactName::Files,
        FactName::Processes,
        FactName::Orphans,
        FactName::Links,
        FactName::Execs,
    ];

    /// As level files spell it.
    pub fn name(self) -> &'static str {
        match self {
            FactName::Root => "root",
            FactName::Cwd => "cwd",
            FactName::RootDevice => "root-device",
            FactName::Pid => "pid",
            FactName::Id => "id",
            FactName::Born => "born",
            FactName::Hostname => "hostname",
            FactName::Digest => "digest",
            FactName::Tree => "tree",
            FactName::Top => "top",
            FactName::Namespaces => "namespaces",
            FactName::Ids => "ids",
            FactName::CpuGroup => "cpu-group",
            FactName::MemoryGroup => "memory-group",
            FactName::Overlay => "overlay",
            FactName::Breakout => "breakout",
            FactName::Mounts => "mounts",
            FactName::NamespaceMounts => "namespace-mounts",
            FactName::Files => "files",
            FactName::Processes => "processes",
            FactName::Orphans => "orphans",
            FactName::Links => "links",
            FactName::Execs => "execs",
        }
    }

    /// The fact of that name.
    pub fn from_name(name: &str) -> Option<FactName> {
        FactName::ALL.into_iter().find(|fact| fact.name() == name)
    }

    /// What its value looks like, fields and columns by name.
    pub fn shape(self) -> Shape {
        match self {
            FactName::Root
            | FactName::Cwd
            | FactName::RootDevice
            | FactName::Pid
            | FactName::Id
            | FactName::Hostname
            | FactName::Digest
            | FactName::Tree => Shape::Value,
            FactName::Namespaces => {
                Shape::Record(&["mnt", "pid", "net", "uts", "ipc", "user", "cgroup"])
            }
            FactName::Ids => Shape::Record(&[
                "uid",
                "gid",
                "real-uid",
                "saved-uid",
                "capabilities",
                "groups",
            ]),
            FactName::CpuGroup => Shape::Record(&["path", "shares"]),
            FactName::MemoryGroup => {
                Shape::Record(&["path", "limit", "limit-with-swap", "oom-kills"])
            }
            FactName::Overlay => Shape::Record(&["lower", "upper", "work"]),
            FactName::Breakout => Shape::Record(&["reaches", "canary"]),
            FactName::Born | FactName::Top => Shape::Table(&[""]),
            FactName::Mounts | FactName::NamespaceMounts => Shape::Table(MOUNT),
            FactName::Files => Shape::Table(&["path", "type", "mode", "owner", "device"]),
            FactName::Processes | FactName::Orphans => Shape::Table(PROCESS),
            FactName::Links => Shape::Table(&["name", "up"]),
            FactName::Execs => Shape::Table(&["argv", "pid", "root", "error"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_is_found_by_its_name() {
        for fact in FactName::ALL {
            assert_eq!(FactName::from_name(fact.name()), Some(fact));
        }
        assert_eq!(FactName::from_name("Root"), None);
    }
}
