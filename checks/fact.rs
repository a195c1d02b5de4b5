//! Facts: what the kernel said about a subject, as values that relations can compare.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

/// What a fact is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The process that executed the command asked for, in the session that is current.
    Container,
    /// The submission's own process tree.
    Submission,
    /// The jail's own "host": what the submission sees as the machine it runs on.
    Host,
    /// The image `ubuntu` in the image directory.
    Image,
    /// The container of the session that a `start … as NAME` named.
    Session(String),
}

/// The name of a fact, spelled in level files in kebab-case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactName {
    /// The root directory: [`Value::Place`].
    Root,
    /// The working directory: [`Value::Place`].
    Cwd,
    /// The device of the root directory's file system, `MAJOR:MINOR`: [`Value::Text`].
    RootDevice,
    /// The process id as the container's own pid namespace counts it: [`Value::Number`].
    Pid,
    /// The container id: the directory that appeared below CONTAINERS with this run: [`Value::Text`].
    Id,
    /// The directories that appeared below CONTAINERS with this run, by their paths on the jail's host, two levels
    /// deep (`CONTAINERS/UUID`, `CONTAINERS/UUID/rootfs`): [`Value::Words`]. They name the root of a container that
    /// pivoted, whose `/proc/PID/root` reads `/`; see [`crate::relation`].
    Born,
    /// The host name in the subject's UTS namespace: [`Value::Text`].
    Hostname,
    /// The digest of the image's tar: [`Value::Text`].
    Digest,
    /// A digest over names, types, modes and contents of IMAGES/NAME/rootfs; for a container, of its overlay root's
    /// lower layer, wherever that is: [`Value::Text`].
    Tree,
    /// The names at the top of the image: [`Value::Words`].
    Top,
    /// `mnt pid net uts ipc user cgroup`, each the namespace's inode: [`Value::Row`].
    Namespaces,
    /// `uid gid real-uid saved-uid capabilities groups`: [`Value::Row`].
    Ids,
    /// `path shares`: [`Value::Row`]. `path` is as the jail names it. `shares` is a number on cgroup version 1, `default` if
    /// nobody wrote another; on version 2 the words that [`crate::shares`] reads. Text says what is not there.
    CpuGroup,
    /// `path limit limit-with-swap oom-kills`: [`Value::Row`]. Limits are bytes, or `max`. Text says what is not there.
    MemoryGroup,
    /// `lower upper work` of an overlay root: [`Value::Row`].
    Overlay,
    /// Where the classic escape from a chroot ended when it was tried in the container: `reaches`, the directory
    /// ([`Value::Place`]), and `canary`, `found` or `missing`, whether the file `{canary}` was in it: [`Value::Row`].
    Breakout,
    /// Mounts as the subject's root shows them (what `/proc/PID/mounts` lists): [`Value::Table`] of
    /// `target type source device options propagation line`, where `line` is the kernel's own `/proc/PID/mounts` line.
    Mounts,
    /// The whole mount table of the subject's mount namespace, from that namespace's root: same columns.
    NamespaceMounts,
    /// The files a check asks for, looked up below the subject's root: [`Value::Table`] of
    /// `path type mode owner device`. A path that does not exist has no row.
    Files,
    /// Processes: [`Value::Table`] of `pid ppid argv namespace`. The host's are all of the jail's; a container's are those
    /// that can be seen at `/proc` in its root, by the ids seen there.
    Processes,
    /// Processes of the submission that outlived it: same columns.
    Orphans,
    /// Network links: [`Value::Table`] of `name up`.
    Links,
    /// Every execve the submission's processes attempted: [`Value::Table`] of `argv pid root error`.
    Execs,
}

/// One thing the judge wants to know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// About what or whom.
    pub subject: Subject,
    /// Which fact.
    pub fact: FactName,
    /// For [`FactName::Files`]: the absolute paths to look up, in the subject's root. Empty otherwise.
    pub paths: Vec<String>,
}

/// A file's identity, whatever path leads to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId {
    /// Major number of the device the file is on.
    pub major: u32,
    /// Minor number of the device the file is on.
    pub minor: u32,
    /// Inode number.
    pub inode: u64,
}

/// A directory as the kernel knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path `/proc/PID/{root,cwd}` shows, as seen from the jail's host. For people; relations use it only
    /// where a level file names a path.
    pub path: String,
    /// Device and inode.
    pub file: FileId,
    /// The directories met by walking `..` upwards, nearest first, as far as the kernel lets one go.
    pub ancestors: Vec<FileId>,
}

/// A field of a [`Row`], by its name in level files.
pub type Row = BTreeMap<String, Value>;

/// The value of a fact or of one of its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Any text.
    Text(String),
    /// Any number; negative values do not occur.
    Number(u64),
    /// A directory.
    Place(Place),
    /// A list of words.
    Words(Vec<String>),
    /// Named fields.
    Row(Row),
    /// Rows of named fields.
    Table(Vec<Row>),
}
