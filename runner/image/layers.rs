//! Lays tars over one another: `[ubuntu, probe]` is ubuntu with what probe has on top.

use super::numbers::Numbers;
use super::paths::{Links, normalised};
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
    /// For a symbolic link, its target as it is written.
    target: Option<String>,
}

/// Writes one tar of all `layers`, the lowest first. What an upper layer has replaces what lies below; a directory
/// is added to, and a link to a directory of the image stays a link. The archives must have passed the survey.
///
/// # Errors
/// What reading the layers or writing `out` reports.
pub fn merge(layers: &[PathBuf], out: impl Write) -> io::Result<()> {
    let indexes = layers
        .iter()
        .map(|layer| index(layer))
        .collect::<io::Result<Vec<_>>>()?;
    let mut tar = Builder::new(out);
    let directories = Directories::of(&indexes);
    for (number, layer) in layers.iter().enumerate() {
        let fates = Fates::decide(&indexes, number, &directories);
        write_layer(layer, &indexes[number], &fates, &mut tar)?;
    }
    tar.into_inner()?.flush()
}

/// The members of a layer by the places they have in it: links of the same layer are followed, as unpackers do.
fn index(layer: &Path) -> io::Result<Vec<Member>> {
    let mut archive = Archive::new(File::open(layer)?);
    let mut members = Vec::new();
    let mut links = Links::default();
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        let place = |path: &[u8]| {
            normalised(path)
                .and_then(|path| links.place(&path))
                .map_err(io::Error::other)
        };
        let named = entry.link_name_bytes();
        let mut member = Member {
            path: String::new(),
            kind: Kind::Other,
            link: None,
            target: None,
        };
        match entry.header().entry_type() {
            // Words about the archive: their path is nobody's, and was not surveyed.
            EntryType::XGlobalHeader => {}
            EntryType::Directory => {
                member.kind = Kind::Directory;
                member.path = place(&entry.path_bytes())?;
            }
            EntryType::Symlink => {
                member.kind = Kind::Symlink;
                member.path = place(&entry.path_bytes())?;
                member.target = named.map(|target| String::from_utf8_lossy(&target).into_owned());
                links.add(
                    member.path.clone(),
                    member.target.clone().unwrap_or_default(),
                );
            }
            kind => {
                member.path = place(&entry.path_bytes())?;
                if kind == EntryType::Link {
                    member.link = named.map(|name| place(&name)).transpose()?;
                }
                let leads = member.link.as_deref().and_then(|link| links.target(link));
                match leads.map(str::to_owned) {
                    Some(target) => links.add(member.path.clone(), target),
                    None => links.remove(&member.path),
                }
            }
        }
        members.push(member);
    }
    Ok(members)
}

/// Where the links of all layers lead.
struct Directories<'m> {
    links: Links,
    /// Every directory, whether it has a member of its own or only some below it.
    paths: HashSet<&'m str>,
}

impl<'m> Directories<'m> {
    fn of(indexes: &'m [Vec<Member>]) -> Self {
        let mut all = Self {
            links: Links::default(),
            paths: HashSet::from([""]),
        };
        for member in indexes.iter().flatten() {
            let above = member.path.match_indices('/');
            all.paths
                .extend(above.map(|(slash, _)| &member.path[..slash]));
            match (member.kind, &member.target) {
                (Kind::Directory, _) => drop(all.paths.insert(&member.path)),
                (_, Some(target)) => all.links.add(member.path.clone(), target.clone()),
                _ => {}
            }
        }
        all
    }

    /// Whether the link at `path` leads to one of them, within the root. If not, a directory takes its place.
    fn led_to_by(&self, path: &str) -> bool {
        let below = self.links.place(&format!("{path}/x"));
        below.is_ok_and(|below| {
            let place = below.rsplit_once('/').map_or("", |(place, _)| place);
            self.paths.contains(place)
        })
    }
}

/// What becomes of the members of one layer.
struct Fates {
    dropped: HashSet<usize>,
    /// A dropped file that hard links lead to → the link which takes its content over.
    heirs: HashMap<String, String>,
}

impl Fates {
    fn decide(indexes: &[Vec<Member>], number: usize, directories: &Directories) -> Self {
        let kinds = |layers: &[Vec<Member>]| -> HashMap<String, Kind> {
            layers
                .iter()
                .flatten()
                .map(|member| (member.path.clone(), member.kind))
                .collect()
        };
        let (mut above, below) = (kinds(&indexes[number + 1..]), kinds(&indexes[..number]));
        let own = kinds(&indexes[number..=number]);
        // Directories need no members of their own to be there.
        for member in indexes[number + 1..].iter().flatten() {
            for (slash, _) in member.path.match_indices('/') {
                let parent = member.path[..slash].to_owned();
                above.entry(parent).or_insert(Kind::Directory);
            }
        }
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
                    (_, None) | (Kind::Directory, Some(Kind::Directory)) => false,
                    (Kind::Symlink, Some(Kind::Directory)) => {
                        // Of several members at one path the last one is there.
                        let is_last = own.get(&member.path) == Some(&Kind::Symlink);
                        !is_last || !directories.led_to_by(&member.path)
                    }
                    (Kind::Other, Some(Kind::Directory)) | (_, Some(_)) => true,
                }
        };
        let merged = |member: &Member| {
            let there = below.get(&member.path);
            member.kind == Kind::Directory
                && match there {
                    Some(Kind::Directory) => true,
                    Some(Kind::Symlink) => directories.led_to_by(&member.path),
                    _ => false,
                }
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
                    Numbers::of(entry.header())?.write(&mut header);
                }
                header.set_size(entry.size());
                tar.append_data(&mut header, path, &mut entry)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
