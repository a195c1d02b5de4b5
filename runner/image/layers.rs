//! Lays tars over one another: `[ubuntu, probe]` is ubuntu with what probe has on top.

use super::paths::normalised;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use tar::{Archive, Builder, EntryType};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directory,
    Symlink,
    Other,
}

/// One member of one layer, as far as the merge cares.
struct Member {
    path: String,
    kind: Kind,
    /// For a hard link, what it leads to.
    link: Option<String>,
}

/// Writes one tar of all `layers`, the lowest first. What an upper layer has replaces what lies below; a directory
/// is added to, and a link to a directory stays a link. The archives must have passed the survey.
///
/// # Errors
/// What reading the layers or writing `out` reports.
pub fn merge(layers: &[PathBuf], out: impl Write) -> io::Result<()> {
    let indexes = layers
        .iter()
        .map(|layer| index(layer))
        .collect::<io::Result<Vec<_>>>()?;
    let mut tar = Builder::new(out);
    for (number, layer) in layers.iter().enumerate() {
        let fates = Fates::decide(&indexes, number);
        write_layer(layer, &indexes[number], &fates, &mut tar)?;
    }
    tar.into_inner()?.flush()
}

fn index(layer: &Path) -> io::Result<Vec<Member>> {
    let mut archive = Archive::new(File::open(layer)?);
    let mut members = Vec::new();
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        let kind = match entry.header().entry_type() {
            EntryType::Directory => Kind::Directory,
            EntryType::Symlink => Kind::Symlink,
            _ => Kind::Other,
        };
        let link = match entry.header().entry_type() {
            EntryType::Link => entry
                .link_name_bytes()
                .map(|name| clean(&name))
                .transpose()?,
            _ => None,
        };
        let path = match entry.header().entry_type() {
            // Words about the archive: their path is nobody's, and was not surveyed.
            EntryType::XGlobalHeader => String::new(),
            _ => clean(&entry.path_bytes())?,
        };
        members.push(Member { path, kind, link });
    }
    Ok(members)
}

fn clean(path: &[u8]) -> io::Result<String> {
    normalised(path).map_err(io::Error::other)
}

/// What becomes of the members of one layer.
struct Fates {
    dropped: HashSet<usize>,
    /// A dropped file that hard links lead to → the link which takes its content over.
    heirs: HashMap<String, String>,
}

impl Fates {
    fn decide(indexes: &[Vec<Member>], number: usize) -> Self {
        let kinds = |layers: &[Vec<Member>]| -> HashMap<String, Kind> {
            layers
                .iter()
                .flatten()
                .map(|member| (member.path.clone(), member.kind))
                .collect()
        };
        let (above, below) = (kinds(&indexes[number + 1..]), kinds(&indexes[..number]));
        let replaced = |member: &Member| {
            let parents = member
                .path
                .match_indices('/')
                .map(|(slash, _)| &member.path[..slash]);
            let buried = parents
                .map(|parent| above.get(parent))
                .any(|kind| kind.is_some_and(|kind| *kind != Kind::Directory));
            buried
                || match (member.kind, above.get(&member.path)) {
                    (_, None) | (Kind::Directory | Kind::Symlink, Some(Kind::Directory)) => false,
                    (Kind::Other, Some(Kind::Directory)) | (_, Some(_)) => true,
                }
        };
        let merged = |member: &Member| {
            let there = below.get(&member.path);
            member.kind == Kind::Directory && matches!(there, Some(Kind::Directory | Kind::Symlink))
        };
        let members = &indexes[number];
        let dropped: HashSet<usize> = (0..members.len())
            .filter(|at| replaced(&members[*at]) || merged(&members[*at]))
            .collect();
        let lost: HashSet<&str> = dropped
            .iter()
            .map(|at| members[*at].path.as_str())
            .collect();
        let mut heirs = HashMap::new();
        for (_, member) in members
            .iter()
            .enumerate()
            .filter(|(at, _)| !dropped.contains(at))
        {
            if let Some(target) = member
                .link
                .as_ref()
                .filter(|target| lost.contains(target.as_str()))
            {
                heirs
                    .entry(target.clone())
                    .or_insert_with(|| member.path.clone());
            }
        }
        Self { dropped, heirs }
    }
}

fn write_layer(
    layer: &Path,
    members: &[Member],
    fates: &Fates,
    tar: &mut Builder<impl Write>,
) -> io::Result<()> {
    let mut archive = Archive::new(BufReader::with_capacity(1 << 18, File::open(layer)?));
    for (at, entry) in archive.entries()?.enumerate() {
        let mut entry = entry?;
        let member = &members[at];
        let heir = fates
            .heirs
            .get(&member.path)
            .filter(|_| fates.dropped.contains(&at));
        if member.path.is_empty() || (fates.dropped.contains(&at) && heir.is_none()) {
            continue;
        }
        let mut header = entry.header().clone();
        let path = heir.unwrap_or(&member.path);
        // Directories and links have nothing behind their headers, whatever size some programs write there.
        header.set_size(0);
        if let Some(ustar) = header.as_ustar_mut() {
            // A short path is written in front of it, and it would stay.
            ustar.prefix.fill(0);
        }
        match header.entry_type() {
            EntryType::XGlobalHeader => {}
            EntryType::Link => {
                let target = member.link.clone().unwrap_or_default();
                let target = fates.heirs.get(&target).unwrap_or(&target);
                if target != path {
                    tar.append_link(&mut header, path, target)?;
                }
            }
            EntryType::Symlink => {
                let target = entry.link_name()?.unwrap_or_default().into_owned();
                tar.append_link(&mut header, path, target)?;
            }
            EntryType::Directory => {
                tar.append_data(&mut header, format!("{path}/"), io::empty())?
            }
            kind => {
                if kind == EntryType::GNUSparse {
                    // Its holes come out of the reader as zeroes: written as what it is, a plain file.
                    header = tar::Header::new_gnu();
                    header.set_metadata_of(entry.header())?;
                }
                header.set_size(entry.size());
                tar.append_data(&mut header, path, &mut entry)?;
            }
        }
    }
    Ok(())
}

trait MetadataOf {
    /// Takes over mode, owner and time of another header.
    fn set_metadata_of(&mut self, other: &tar::Header) -> io::Result<()>;
}

impl MetadataOf for tar::Header {
    fn set_metadata_of(&mut self, other: &tar::Header) -> io::Result<()> {
        self.set_mode(other.mode()?);
        self.set_uid(other.uid()?);
        self.set_gid(other.gid()?);
        self.set_mtime(other.mtime()?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tar::Header;

    fn member(header: &mut Header, path: &str) {
        header.set_mode(0o755);
        header.set_cksum();
        assert_eq!(header.path_bytes(), path.as_bytes());
    }

    fn merged(headers: &[Header]) -> Vec<String> {
        let place = tempfile::TempDir::new().unwrap();
        let layer = place.path().join("layer.tar");
        let mut tar = Builder::new(File::create(&layer).unwrap());
        for header in headers {
            tar.append(header, io::empty()).unwrap();
        }
        tar.finish().unwrap();
        let mut out = Vec::new();
        merge(&[layer], &mut out).unwrap();
        let mut archive = Archive::new(out.as_slice());
        let entries = archive.entries().unwrap();
        entries
            .map(|entry| String::from_utf8(entry.unwrap().path_bytes().into()).unwrap())
            .collect()
    }

    #[test]
    fn a_path_in_two_parts_stays_the_same_path() {
        let mut header = Header::new_ustar();
        header.set_size(0);
        let ustar = header.as_ustar_mut().unwrap();
        ustar.prefix[..9].copy_from_slice(b"usr/share");
        ustar.name[..3].copy_from_slice(b"doc");
        member(&mut header, "usr/share/doc");
        assert_eq!(merged(&[header]), ["usr/share/doc"]);
    }

    #[test]
    fn a_directory_with_a_size_is_followed_by_the_next_member() {
        let mut directory = Header::new_gnu();
        directory.set_path("a").unwrap();
        directory.set_entry_type(EntryType::Directory);
        directory.set_size(0);
        member(&mut directory, "a");
        let mut file = Header::new_gnu();
        file.set_path("b").unwrap();
        file.set_size(0);
        member(&mut file, "b");
        // What was behind it goes, whatever it was.
        directory.set_size(512);
        directory.set_cksum();
        let data = Header::new_gnu();
        assert_eq!(merged(&[directory, data, file]), ["a/", "b"]);
    }
}
