//! Which of the host's programs the image is made of, and where the host keeps them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where programs are looked for. Not PATH: a wrapper under /root or /usr/local belongs to this machine's user,
/// not to an image.
pub const SYSTEM_DIRECTORIES: [&str; 4] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/// Without these no level can be played.
pub const REQUIRED: [&str; 6] = ["bash", "cat", "echo", "ls", "sh", "touch"];

/// Taken along where the host has them: what scenarios type, and what a curious student will. Every
/// container unpacks all of it, so what brings large libraries of its own (awk, expr, find) stays out.
pub const WELCOME: [&str; 47] = [
    "basename",
    "chmod",
    "chown",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "dirname",
    "du",
    "env",
    "false",
    "grep",
    "head",
    "hostname",
    "id",
    "kill",
    "ln",
    "mkdir",
    "mknod",
    "mount",
    "mountpoint",
    "mv",
    "nproc",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "readlink",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "sleep",
    "sort",
    "stat",
    "tail",
    "tee",
    "test",
    "tr",
    "true",
    "tty",
    "umount",
    "uname",
    "uniq",
    "wc",
    "whoami",
];

/// Those of [`REQUIRED`] that this host does not have.
pub fn missing() -> Vec<&'static str> {
    REQUIRED
        .into_iter()
        .filter(|name| find(name).is_none())
        .collect()
}

/// A program the host has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: &'static str,
    /// Where it was found: `/usr/bin/sh`.
    pub path: PathBuf,
    /// The file itself, after every link: `/usr/bin/dash`.
    pub file: PathBuf,
}

/// Looks `name` up in [`SYSTEM_DIRECTORIES`]. A link into somebody's home is as good as nothing.
pub fn find(name: &'static str) -> Option<Found> {
    SYSTEM_DIRECTORIES.iter().find_map(|directory| {
        let path = Path::new(directory).join(name);
        let file = path.canonicalize().ok()?;
        let private = file.starts_with("/root") || file.starts_with("/home");
        let metadata = file.metadata().ok()?;
        let executable = metadata.is_file() && metadata.permissions().mode() & 0o111 != 0;
        (executable && !private).then_some(Found { name, path, file })
    })
}
