//! Where a dynamic loader looks for a library, as ld.so(8) says, without asking it.

use super::object::Object;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How a library was found; this decides where in the image it will be found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// In a directory that the object itself names absolutely: it must stay there.
    Named(PathBuf),
    /// In a directory of the host's: in the image any directory will do that the loader searches unasked.
    Searched(PathBuf),
}

/// The directories of one host.
#[derive(Debug, Clone, Default)]
pub struct SearchPath {
    /// /etc/ld.so.conf with its includes, or musl's path file, in order.
    pub configured: Vec<PathBuf>,
    /// The files `configured` was read from.
    pub read: Vec<PathBuf>,
}

impl SearchPath {
    /// Reads the host's configuration; a host without any (musl) has only the loader's own directories.
    pub fn of_host() -> Self {
        let mut path = Self::default();
        path.include(Path::new("/etc/ld.so.conf"), &mut BTreeSet::new());
        for arch in [
            "x86_64", "aarch64", "riscv64", "armhf", "i386", "s390x", "ppc64le",
        ] {
            let file = PathBuf::from(format!("/etc/ld-musl-{arch}.path"));
            if let Ok(text) = fs::read_to_string(&file) {
                let entries = text
                    .split([':', '\n'])
                    .map(str::trim)
                    .filter(|entry| entry.starts_with('/'));
                path.configured.extend(entries.map(PathBuf::from));
                path.read.push(file);
            }
        }
        path.configured
            .retain(|directory| !directory.starts_with("/root") && !directory.starts_with("/home"));
        path
    }

    /// One configuration file: directories, `include PATTERN`, and comments.
    fn include(&mut self, file: &Path, seen: &mut BTreeSet<PathBuf>) {
        let Ok(text) = fs::read_to_string(file) else {
            return;
        };
        if !seen.insert(file.to_owned()) {
            return;
        }
        self.read.push(file.to_owned());
        for line in text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim())
        {
            if let Some(pattern) = line.strip_prefix("include ") {
                let pattern = file.parent().unwrap_or(Path::new("/")).join(pattern.trim());
                for included in matching(&pattern) {
                    self.include(&included, seen);
                }
            } else if line.starts_with('/') {
                // libc5's `DIRECTORY=TYPE` is still allowed.
                self.configured
                    .push(line.split('=').next().unwrap_or_default().into());
            }
        }
    }

    /// Finds `library` for `object`, which lies at `origin` (a file) and whose loader searches `default`.
    pub fn find(
        &self,
        library: &str,
        object: &Object,
        origin: &Path,
        default: &[PathBuf],
    ) -> Option<Found> {
        let fits = |path: &Path| {
            let same_kind = |bytes: Vec<u8>| {
                Object::read(&bytes).is_some_and(|found| found.kind == object.kind)
            };
            path.is_file() && fs::read(path).is_ok_and(same_kind)
        };
        if library.contains('/') {
            return Some(PathBuf::from(library))
                .filter(|path| path.is_absolute() && fits(path))
                .map(Found::Named);
        }
        let own = if object.runpath.is_empty() {
            &object.rpath
        } else {
            &object.runpath
        };
        let here = origin.parent().unwrap_or(Path::new("/"));
        for entry in own.iter().filter(|entry| !entry.is_empty()) {
            let relative = entry.contains("$ORIGIN") || entry.contains("${ORIGIN}");
            let origin = here.to_string_lossy();
            let directory = entry
                .replace("${ORIGIN}", &origin)
                .replace("$ORIGIN", &origin);
            let path = Path::new(&directory).join(library);
            if path.is_absolute() && fits(&path) {
                return Some(if relative {
                    Found::Searched(path)
                } else {
                    Found::Named(path)
                });
            }
        }
        let searched = self
            .configured
            .iter()
            .chain(default)
            .map(|directory| directory.join(library));
        searched
            .filter(|path| fits(path))
            .map(Found::Searched)
            .next()
    }
}

/// The directories a loader searches unasked. They are compiled into it as a row of strings: glibc's end with a
/// slash each (Debian's begin with the multiarch directory), musl's are separated by colons.
pub fn default_directories(loader: &[u8]) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = Vec::new();
    for string in loader
        .split(|byte| *byte == 0)
        .filter(|string| string.starts_with(b"/") && string.len() < 128)
    {
        let Ok(string) = std::str::from_utf8(string) else {
            continue;
        };
        let is_library_directory =
            |path: &str| path.starts_with("/lib") || path.starts_with("/usr/lib");
        let listed: Vec<&str> = match string.strip_suffix('/') {
            Some(directory) if is_library_directory(directory) => vec![directory],
            None if string.contains(":/usr/lib") => string
                .split(':')
                .filter(|path| is_library_directory(path))
                .collect(),
            _ => continue,
        };
        for directory in listed.into_iter().map(PathBuf::from) {
            if !directories.contains(&directory) {
                directories.push(directory);
            }
        }
    }
    if directories.is_empty() {
        directories.extend(["/lib", "/usr/lib"].map(PathBuf::from));
    }
    directories
}

/// Files matching a pattern whose last component may hold one `*`, sorted: all that ld.so.conf files use.
fn matching(pattern: &Path) -> Vec<PathBuf> {
    let name = pattern
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let Some((before, after)) = name.split_once('*') else {
        return vec![pattern.to_owned()];
    };
    let entries = pattern
        .parent()
        .and_then(|directory| fs::read_dir(directory).ok());
    let mut files: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.len() >= before.len() + after.len()
            && name.starts_with(before)
            && name.ends_with(after)
    });
    files.sort();
    files
}
