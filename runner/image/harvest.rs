//! The image `ubuntu`, made of this machine: its programs, and every library and loader they need.

use super::error::ImageError;
use super::loader::{Found as Library, SearchPath, default_directories};
use super::object::{Kind, Object};
use super::programs::{self, Found, REQUIRED, WELCOME};
use super::skeleton;
use super::stamp::Stamp;
use super::tree::{Node, Tree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Terminal descriptions, so that an interactive bash can edit its line.
const TERMINALS: [&str; 7] = [
    "d/dumb",
    "l/linux",
    "s/screen",
    "t/tmux",
    "v/vt100",
    "x/xterm",
    "x/xterm-256color",
];

/// A harvested image and what it was made of.
#[derive(Debug)]
pub struct Harvest {
    /// The image.
    pub tree: Tree,
    /// Every file of the host that was read for it; while they hold, the image is up to date.
    pub stamps: Vec<Stamp>,
    /// Programs the host does not have: when one appears, the image is out of date.
    pub absent: Vec<String>,
}

/// Makes the image from the host's files.
///
/// # Errors
/// [`ImageError::MissingPrograms`], [`ImageError::MissingLibrary`] and [`ImageError::Host`].
pub fn harvest() -> Result<Harvest, ImageError> {
    let mut basket = Basket::new();
    let mut missing = Vec::new();
    for name in REQUIRED {
        match programs::find(name) {
            Some(found) if basket.add_program(&found)? == Usable::Yes => {}
            _ => missing.push(name.to_owned()),
        }
    }
    if !missing.is_empty() {
        return Err(ImageError::MissingPrograms(missing));
    }
    let mut absent = Vec::new();
    for name in WELCOME {
        match programs::find(name) {
            Some(found) => drop(basket.add_program(&found)?),
            None => absent.push(name.to_owned()),
        }
    }
    basket.add_name_service()?;
    basket.add_terminals();
    Ok(Harvest {
        tree: basket.tree,
        stamps: basket.stamps,
        absent,
    })
}

/// Whether a file of the host can be part of the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Usable {
    Yes,
    /// A script: its interpreter and what that reads would have to come along.
    No,
}

struct Basket {
    tree: Tree,
    stamps: Vec<Stamp>,
    search: SearchPath,
    stamped: BTreeSet<PathBuf>,
    /// Real files of the host → where in the image they lie.
    placed: BTreeMap<PathBuf, String>,
    /// Libraries that were searched for and put in, by name: most programs ask for the same ones.
    served: BTreeMap<String, Kind>,
    /// The loader's own directories, as the last program with a loader had them.
    default: Vec<PathBuf>,
}

impl Basket {
    fn new() -> Self {
        let search = SearchPath::of_host();
        let mut basket = Self {
            tree: skeleton::configured(),
            stamps: vec![],
            stamped: BTreeSet::new(),
            placed: BTreeMap::new(),
            served: BTreeMap::new(),
            default: vec![],
            search,
        };
        for file in basket.search.read.clone() {
            basket.stamp(&file);
        }
        basket
    }

    fn stamp(&mut self, path: &Path) {
        if self.stamped.insert(path.to_owned()) {
            self.stamps.extend(Stamp::of(path).ok());
        }
    }

    fn add_program(&mut self, found: &Found) -> Result<Usable, ImageError> {
        self.stamp(&found.path);
        let bytes = fs::read(&found.file).map_err(ImageError::host(&found.file))?;
        let Some(object) = Object::read(&bytes) else {
            return Ok(Usable::No);
        };
        let directory = if found.path.parent().is_some_and(|at| at.ends_with("sbin")) {
            "usr/sbin"
        } else {
            "usr/bin"
        };
        let name = found.file.file_name().unwrap_or_default().to_string_lossy();
        let own = format!("{directory}/{}", found.name);
        let real = format!("{directory}/{name}");
        // `sh` becomes a link to `dash`, as on the host, unless the name is taken by another program.
        let place = if self.tree.get(&real).is_none() {
            &real
        } else {
            &own
        };
        self.put(&found.file, bytes, place);
        self.link(&own, &found.file);
        self.add_needs(&object, &found.file)?;
        Ok(Usable::Yes)
    }

    /// The loader and libraries of `object`, and theirs.
    fn add_needs(&mut self, object: &Object, file: &Path) -> Result<(), ImageError> {
        let missing = |library: &str| ImageError::MissingLibrary {
            library: library.to_owned(),
            needed_by: file.to_owned(),
        };
        if let Some(loader) = &object.loader {
            let path = Path::new(loader);
            let place = merged(path).ok_or_else(|| missing(loader))?;
            let bytes = fs::read(path).map_err(|_| missing(loader))?;
            self.default = default_directories(&bytes);
            self.add_library(path, &place, bytes)?;
        }
        let searches_elsewhere = !object.rpath.is_empty() || !object.runpath.is_empty();
        for library in &object.needed {
            if !searches_elsewhere && self.served.get(library) == Some(&object.kind) {
                continue;
            }
            let found = self
                .search
                .find(library, object, file, &self.default)
                .ok_or_else(|| missing(library))?;
            let (path, place) = match found {
                Library::Named(path) => (path.clone(), merged(&path)),
                Library::Searched(path) => {
                    self.served.insert(library.clone(), object.kind);
                    let place = self
                        .searched_place(&path)
                        .and_then(|directory| merged(&directory.join(library)));
                    (path, place)
                }
            };
            let bytes = fs::read(&path).map_err(ImageError::host(&path))?;
            self.add_library(&path, &place.ok_or_else(|| missing(library))?, bytes)?;
        }
        Ok(())
    }

    /// Where the loader will find in the image what it found at `path` on the host, there being no ld.so.cache: the
    /// same directory if it is one of the loader's own, else the first of those.
    fn searched_place(&self, path: &Path) -> Option<PathBuf> {
        let at = path.parent().and_then(merged);
        let same = self
            .default
            .iter()
            .find(|directory| merged(directory) == at);
        same.or(self.default.first()).cloned()
    }

    fn add_library(&mut self, path: &Path, place: &str, bytes: Vec<u8>) -> Result<(), ImageError> {
        let file = path.canonicalize().map_err(ImageError::host(path))?;
        let known = self.placed.contains_key(&file);
        self.stamp(path);
        let object = Object::read(&bytes);
        self.put(&file, bytes, place);
        self.link(place, &file);
        match object {
            Some(object) if !known => self.add_needs(&object, &file),
            _ => Ok(()),
        }
    }

    /// glibc before 2.34 opens the `files` service by name, which no ELF header tells.
    fn add_name_service(&mut self) -> Result<(), ImageError> {
        for directory in self.default.clone() {
            let path = directory.join("libnss_files.so.2");
            if let (Ok(bytes), Some(place)) = (fs::read(&path), merged(&path)) {
                return self.add_library(&path, &place, bytes);
            }
        }
        Ok(())
    }

    fn add_terminals(&mut self) {
        for directory in ["/lib/terminfo", "/usr/share/terminfo"] {
            for terminal in TERMINALS {
                let path = Path::new(directory).join(terminal);
                if let (Ok(bytes), Some(place)) = (fs::read(&path), merged(&path)) {
                    self.stamp(&path);
                    self.tree.add(&place, Node::File { mode: 0o644, bytes });
                }
            }
        }
    }

    /// Mode 0755 whatever the host says: a set-uid mount(8) has no place in an image whose root is the student.
    fn put(&mut self, file: &Path, bytes: Vec<u8>, place: &str) {
        if !self.placed.contains_key(file) {
            self.tree.add(place, Node::File { mode: 0o755, bytes });
            self.placed.insert(file.to_owned(), place.to_owned());
        }
    }

    /// Lets `place` lead to where `file` was put, by a relative link.
    fn link(&mut self, place: &str, file: &Path) {
        if let Some(target) = self.placed.get(file).filter(|target| *target != place) {
            let target = relative(place, target);
            self.tree.add(place, Node::Symlink { target });
        }
    }
}

/// A path of any host as the merged-usr image has it: `/lib/x` and `/usr/lib/x` are both `usr/lib/x`. `None` outside
/// the directories that hold programs and libraries.
fn merged(path: &Path) -> Option<String> {
    let path = path.to_str()?.trim_start_matches('/');
    let (top, rest) = path.split_once('/').unwrap_or((path, ""));
    let top = match skeleton::MERGED.iter().find(|(link, _)| *link == top) {
        Some((_, target)) => target,
        None if ["usr", "opt"].contains(&top) => top,
        None => return None,
    };
    let clean = rest.split('/').all(|name| name != "..");
    clean.then(|| format!("{top}/{rest}").trim_end_matches('/').to_owned())
}

/// How to get from the link `from` to `to`.
fn relative(from: &str, to: &str) -> String {
    let (from, to): (Vec<&str>, Vec<&str>) = (from.split('/').collect(), to.split('/').collect());
    let directories = from.len().min(to.len()) - 1;
    let shared = from
        .iter()
        .zip(&to)
        .take(directories)
        .take_while(|(a, b)| a == b)
        .count();
    let up = std::iter::repeat_n("..", from.len() - 1 - shared);
    up.chain(to[shared..].iter().copied())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "/lib/x86_64-linux-gnu/libc.so.6",
        Some("usr/lib/x86_64-linux-gnu/libc.so.6")
    )]
    #[case("/usr/lib/libc.so.6", Some("usr/lib/libc.so.6"))]
    #[case("/lib64", Some("usr/lib64"))]
    #[case("/nix/store/x/lib/ld.so", None)]
    #[case("/usr/lib/../../etc/x", None)]
    fn paths_of_any_host_become_merged_ones(#[case] host: &str, #[case] image: Option<&str>) {
        assert_eq!(merged(Path::new(host)).as_deref(), image);
    }

    #[rstest]
    #[case("usr/bin/sh", "usr/bin/dash", "dash")]
    #[case(
        "usr/lib/x86_64-linux-gnu/ld.so",
        "usr/lib64/ld.so",
        "../../lib64/ld.so"
    )]
    #[case("usr/sbin/a", "usr/bin/b", "../bin/b")]
    fn links_lead_where_they_should(#[case] from: &str, #[case] to: &str, #[case] target: &str) {
        assert_eq!(relative(from, to), target);
    }
}
