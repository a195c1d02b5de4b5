//! Rows and records as they are written: their columns by name.

use super::relation::{RelationEntry, TableEntry};
use alloc::vec::Vec;
use serde::Deserialize;

/// Something with named columns.
pub trait Columns {
    /// The columns that were written, by name.
    fn columns(self) -> Vec<(&'static str, RelationEntry)>;
}

/// Defines a struct of optional relations whose keys are the names given, and lists them again as [`Columns`].
macro_rules! columns {
    ($(#[$about:meta])* $entry:ident { $($(#[$column_about:meta])* $field:ident $name:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields, expecting = "columns by name, such as {path: /test}")]
        pub struct $entry {
            $($(#[$column_about])* #[serde(rename = $name)] pub $field: Option<RelationEntry>,)*
        }

        impl Columns for $entry {
            fn columns(self) -> Vec<(&'static str, RelationEntry)> {
                [$(($name, self.$field)),*]
                    .into_iter()
                    .filter_map(|(name, relation)| Some((name, relation?)))
                    .collect()
            }
        }
    };
}

columns! {
    /// A mount.
    MountRow {
        /// Where it is mounted, as the subject's root shows it.
        target "target",
        /// `proc`, `sysfs`, `tmpfs`, `overlay` …
        fs_type "type",
        /// What is mounted.
        source "source",
        /// `MAJOR:MINOR` of the file system.
        device "device",
        /// Comma-separated mount options.
        options "options",
        /// `private`, `shared`, `slave`, `unbindable`.
        propagation "propagation",
        /// The line of `/proc/PID/mounts`.
        line "line",
    }
}

columns! {
    /// A file. Its path is looked up below the subject's root; a path that does not exist has no row.
    FileRow {
        /// An absolute path.
        path "path",
        /// `file`, `directory`, `symlink`, `char`, `block`, `fifo`, `socket`.
        file_type "type",
        /// Permission bits in octal, as text.
        mode "mode",
        /// `UID:GID`, as the jail counts them.
        owner "owner",
        /// `MAJOR:MINOR` of a device node.
        device "device",
    }
}

columns! {
    /// A process.
    ProcessRow {
        /// Its id in the subject's pid namespace.
        pid "pid",
        /// Its parent's.
        ppid "ppid",
        /// What it was executed with, a list.
        argv "argv",
        /// Its pid namespace.
        namespace "namespace",
    }
}

columns! {
    /// A network link.
    LinkRow {
        /// `lo`, `eth0` …
        name "name",
        /// Whether it is up: `true` or `false`.
        up "up",
    }
}

columns! {
    /// An execve that a process of the submission attempted.
    ExecRow {
        /// What was to be executed, a list.
        argv "argv",
        /// The caller's process id.
        pid "pid",
        /// The caller's root directory at that moment.
        root "root",
        /// `ENOENT` … if it could not succeed; absent if it could.
        error "error",
    }
}

columns! {
    /// Namespaces of a process, by their inodes.
    NamespacesEntry {
        /// The mount namespace.
        mnt "mnt",
        /// The pid namespace.
        pid "pid",
        /// The network namespace.
        net "net",
        /// The UTS namespace: host name.
        uts "uts",
        /// The IPC namespace.
        ipc "ipc",
        /// The user namespace.
        user "user",
        /// The cgroup namespace.
        cgroup "cgroup",
    }
}

columns! {
    /// A group of the cpu controller.
    CpuGroupEntry {
        /// Its path in the hierarchy.
        path "path",
        /// Its shares, or `default`.
        shares "shares",
    }
}

columns! {
    /// A group of the memory controller.
    MemoryGroupEntry {
        /// Its path in the hierarchy.
        path "path",
        /// The limit: bytes, or with `k`, `m`, `g`.
        limit "limit",
        /// The limit on memory and swap together.
        limit_with_swap "limit-with-swap",
        /// How many processes were killed for want of memory.
        oom_kills "oom-kills",
    }
}

columns! {
    /// The layers of an overlay root, as paths on the jail's host.
    OverlayEntry {
        /// The lower layer.
        lower "lower",
        /// The upper layer.
        upper "upper",
        /// The work directory.
        work "work",
    }
}

columns! {
    /// The classic escape from a chroot, tried in the container.
    BreakoutEntry {
        /// The directory it ends in.
        reaches "reaches",
        /// Whether `/{canary}` was there: `found` or `missing`.
        canary "canary",
    }
}

/// A word or a line: a table of one column.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct TextRow(pub RelationEntry);

impl Columns for TextRow {
    fn columns(self) -> Vec<(&'static str, RelationEntry)> {
        [("", self.0)].into()
    }
}

/// The ids a process runs with, as the jail counts them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "ids by name"
)]
pub struct IdsEntry {
    /// The effective user id.
    pub uid: Option<RelationEntry>,
    /// The effective group id.
    pub gid: Option<RelationEntry>,
    /// The real user id.
    pub real_uid: Option<RelationEntry>,
    /// The saved set-user-id.
    pub saved_uid: Option<RelationEntry>,
    /// `none`, or the effective capabilities.
    pub capabilities: Option<RelationEntry>,
    /// The supplementary groups, a table of one column.
    pub groups: Option<TableEntry<TextRow>>,
}

impl Columns for IdsEntry {
    fn columns(self) -> Vec<(&'static str, RelationEntry)> {
        [
            ("uid", self.uid),
            ("gid", self.gid),
            ("real-uid", self.real_uid),
            ("saved-uid", self.saved_uid),
            ("capabilities", self.capabilities),
        ]
        .into_iter()
        .filter_map(|(name, relation)| Some((name, relation?)))
        .collect()
    }
}
