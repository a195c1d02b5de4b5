//! A root file system in memory, and the one tar it becomes.

use std::collections::BTreeMap;
use std::io::{self, Write};
use tar::{Builder, EntryType, Header};

/// Modification time of every member, in seconds since 1970: the day Ubuntu 24.04 came out. Not 0, at which
/// GNU tar complains of an implausibly old time stamp in the student's transcript.
const MODIFIED: u64 = 1_714_003_200;

/// What a path of the image is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A directory.
    Directory {
        /// Permission bits, `0o1777` for one.
        mode: u32,
    },
    /// A regular file.
    File {
        /// Permission bits.
        mode: u32,
        /// Its content.
        bytes: Vec<u8>,
    },
    /// A symbolic link.
    Symlink {
        /// Where it leads; relative in what we make, so that it means the same from outside.
        target: String,
    },
}

/// Paths without a leading slash → what is there. Everything belongs to 0:0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree(BTreeMap<String, Node>);

impl Tree {
    /// Puts `node` at `path` unless something is there, and makes the directories above it.
    pub fn add(&mut self, path: &str, node: Node) {
        for (slash, _) in path.match_indices('/') {
            self.0
                .entry(path[..slash].to_owned())
                .or_insert(Node::Directory { mode: 0o755 });
        }
        self.0.entry(path.to_owned()).or_insert(node);
    }

    /// What is at `path`.
    pub fn get(&self, path: &str) -> Option<&Node> {
        self.0.get(path)
    }

    /// Writes the tree as a tar. The same tree gives the same bytes, whoever and wherever one is.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn write_tar(&self, out: impl Write) -> io::Result<()> {
        let mut tar = Builder::new(out);
        for (path, node) in &self.0 {
            let mut header = Header::new_gnu();
            header.set_mtime(MODIFIED);
            header.set_uid(0);
            header.set_gid(0);
            header.set_username("root")?;
            header.set_groupname("root")?;
            header.set_size(0);
            match node {
                Node::Directory { mode } => {
                    header.set_entry_type(EntryType::Directory);
                    header.set_mode(*mode);
                    tar.append_data(&mut header, format!("{path}/"), io::empty())?;
                }
                Node::File { mode, bytes } => {
                    header.set_entry_type(EntryType::Regular);
                    header.set_mode(*mode);
                    header.set_size(bytes.len() as u64);
                    tar.append_data(&mut header, path, bytes.as_slice())?;
                }
                Node::Symlink { target } => {
                    header.set_entry_type(EntryType::Symlink);
                    header.set_mode(0o777);
                    tar.append_link(&mut header, path, target)?;
                }
            }
        }
        tar.into_inner()?.flush()
    }
}
