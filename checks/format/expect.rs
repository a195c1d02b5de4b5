//! Expectations as they are written: one key per fact.

use super::relation::{ExitEntry, RelationEntry, TableEntry};
use super::rows::{
    BreakoutEntry, CpuGroupEntry, ExecRow, FileRow, IdsEntry, LinkRow, MemoryGroupEntry, MountRow,
    NamespacesEntry, OverlayEntry, ProcessRow, TextRow,
};
use alloc::string::String;
use serde::Deserialize;

/// What must hold after a step: about its output, or about the subject it observed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "output or facts by name"
)]
pub struct ExpectEntry {
    /// How the command ended.
    pub exit: Option<ExitEntry>,
    /// An inline snapshot of the redacted output: `...` is any lines up to the next pattern, `[..]` anything within a
    /// line, `[NAME]` a capture, `[STATUS 3]` a wait status, `[ERROR ENOENT]` an error's message in any language.
    pub snapshot: Option<String>,
    /// The words of the output.
    pub words: Option<TableEntry<TextRow>>,
    /// The lines of the output.
    pub lines: Option<TableEntry<TextRow>>,
    /// The root directory.
    pub root: Option<RelationEntry>,
    /// The working directory.
    pub cwd: Option<RelationEntry>,
    /// The device of the root directory's file system, `MAJOR:MINOR`.
    pub root_device: Option<RelationEntry>,
    /// The process id as the container's own pid namespace counts it.
    pub pid: Option<RelationEntry>,
    /// The container id: the directory that appeared below CONTAINERS with this run.
    pub id: Option<RelationEntry>,
    /// The host name in the subject's UTS namespace.
    pub hostname: Option<RelationEntry>,
    /// The digest of the image's tar.
    pub digest: Option<RelationEntry>,
    /// A digest over what was unpacked at IMAGES/NAME/rootfs; for a container, over its overlay root's lower layer.
    pub tree: Option<RelationEntry>,
    /// The directories that appeared below CONTAINERS with this run.
    pub born: Option<TableEntry<TextRow>>,
    /// The names at the top of the image.
    pub top: Option<TableEntry<TextRow>>,
    /// The namespaces the subject is in.
    pub namespaces: Option<NamespacesEntry>,
    /// The ids the subject runs with.
    pub ids: Option<IdsEntry>,
    /// The subject's group of the cpu controller.
    pub cpu_group: Option<CpuGroupEntry>,
    /// The subject's group of the memory controller.
    pub memory_group: Option<MemoryGroupEntry>,
    /// The layers of an overlay root.
    pub overlay: Option<OverlayEntry>,
    /// Where the classic escape from a chroot ends when it is tried in the container.
    pub breakout: Option<BreakoutEntry>,
    /// The mounts that can be reached from the subject's root.
    pub mounts: Option<TableEntry<MountRow>>,
    /// All mounts of the subject's mount namespace.
    pub namespace_mounts: Option<TableEntry<MountRow>>,
    /// Files below the subject's root.
    pub files: Option<TableEntry<FileRow>>,
    /// Processes: all of the host's; those a container can see at its `/proc`.
    pub processes: Option<TableEntry<ProcessRow>>,
    /// Processes of the submission that outlived it.
    pub orphans: Option<TableEntry<ProcessRow>>,
    /// Network links.
    pub links: Option<TableEntry<LinkRow>>,
    /// Every execve the submission's processes attempted.
    pub execs: Option<TableEntry<ExecRow>>,
}
