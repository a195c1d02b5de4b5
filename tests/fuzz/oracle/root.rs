//! An unpacker that writes nowhere: where each member of an archive would land.

use std::collections::BTreeMap;
use std::io::Read;
use tar::{Archive, EntryType};

/// As many links as the kernel follows in one path (path_resolution(7)).
const MAX_LINKS: usize = 40;

#[derive(Debug)]
enum Node {
    Directory(BTreeMap<String, usize>),
    Link(String),
    Other,
}

/// A member that cannot be made there: unpackers stop, or go on without it.
struct Blocked;

/// A file system that has only a root at first. Nodes are known by their numbers, as inodes are.
#[derive(Debug)]
pub struct Root(Vec<Node>);

impl Default for Root {
    fn default() -> Self {
        Root(vec![Node::Directory(BTreeMap::new())])
    }
}

impl Root {
    /// Unpacks `tar` as programs do that are not in the root: links are followed, directories above a member are made.
    ///
    /// # Panics
    /// When a member would land outside.
    pub fn unpack(&mut self, tar: impl Read) {
        let mut archive = Archive::new(tar);
        let Ok(entries) = archive.entries() else {
            return;
        };
        for entry in entries {
            let Ok(entry) = entry else { return };
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            if entry.header().entry_type() == EntryType::XGlobalHeader {
                // Words about the archive, and no member.
                continue;
            }
            let path = text(&entry.path_bytes());
            let target = entry.link_name_bytes().map(|target| text(&target));
            // One that cannot be made changes nothing that could be led out by.
            let _ = self.make(
                &path,
                entry.header().entry_type(),
                target.unwrap_or_default(),
            );
        }
    }

    /// Whether something is at `path`, links in the directories above it followed.
    pub fn has(&mut self, path: &str) -> bool {
        self.above(path)
            .is_ok_and(|(directory, name)| self.child(directory, &name).is_some())
    }

    fn make(&mut self, path: &str, kind: EntryType, target: String) -> Result<(), Blocked> {
        let (directory, name) = self.above(path)?;
        let there = self.child(directory, &name);
        let made = match kind {
            EntryType::Directory => match there {
                // mkdir(2) finds something there, a link to a directory perhaps: it stays.
                Some(_) => return Ok(()),
                None => self.add(Node::Directory(BTreeMap::new())),
            },
            EntryType::Symlink => self.add(Node::Link(target)),
            EntryType::Link => {
                let (directory, name) = self.above(&target)?;
                let linked = self.child(directory, &name).ok_or(Blocked)?;
                // linkat(2) follows no link: a hard link to a symbolic one is the symbolic link.
                match self.0[linked] {
                    Node::Directory(_) => return Err(Blocked),
                    Node::Link(_) | Node::Other => linked,
                }
            }
            _ => self.add(Node::Other),
        };
        if there.is_some_and(|there| matches!(self.0[there], Node::Directory(_))) {
            return Err(Blocked);
        }
        if let Node::Directory(entries) = &mut self.0[directory] {
            entries.insert(name, made);
        }
        Ok(())
    }

    fn add(&mut self, node: Node) -> usize {
        self.0.push(node);
        self.0.len() - 1
    }

    fn child(&self, directory: usize, name: &str) -> Option<usize> {
        match &self.0[directory] {
            Node::Directory(entries) => entries.get(name).copied(),
            _ => None,
        }
    }

    /// The directory that `path` ends in, and the last name.
    fn above(&mut self, path: &str) -> Result<(usize, String), Blocked> {
        let mut names: Vec<String> = parts(path);
        let name = names.pop().ok_or(Blocked)?;
        assert!(name != "..", "{path} leaves the root");
        names.reverse();
        let mut stack = vec![0];
        let mut followed = 0;
        while let Some(name) = names.pop() {
            if name == ".." {
                stack.pop();
                assert!(!stack.is_empty(), "{path} leaves the root");
                continue;
            }
            let directory = stack.last().copied().unwrap_or(0);
            let next = match self.child(directory, &name) {
                Some(next) => next,
                None => {
                    let made = self.add(Node::Directory(BTreeMap::new()));
                    if let Node::Directory(entries) = &mut self.0[directory] {
                        entries.insert(name, made);
                    }
                    made
                }
            };
            match &self.0[next] {
                Node::Directory(_) => stack.push(next),
                Node::Other => return Err(Blocked),
                Node::Link(target) => {
                    followed += 1;
                    if followed > MAX_LINKS {
                        return Err(Blocked);
                    }
                    assert!(
                        !target.starts_with('/'),
                        "{path} leaves the root by {target}"
                    );
                    names.extend(parts(target).into_iter().rev());
                }
            }
        }
        Ok((stack.last().copied().unwrap_or(0), name))
    }
}

fn parts(path: &str) -> Vec<String> {
    let names = path
        .split('/')
        .filter(|name| !name.is_empty() && *name != ".");
    names.map(str::to_owned).collect()
}
