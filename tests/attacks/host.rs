//! The host at one moment, as far as an attack may want to change it.

use crate::traces::Traces;
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Settings that the kernel changes by itself: the last process id, and how often performance counters may interrupt.
const RESTLESS: [&str; 2] = ["ns_last_pid", "perf_event_max_sample_rate"];

/// Settings that are no part of /proc/sys.
const MORE: [&str; 3] = [
    "/sys/kernel/uevent_helper",
    "/sys/power/state",
    "/proc/irq/default_smp_affinity",
];

/// What has to be as it was.
pub struct State {
    pub traces: Traces,
    pub links: Vec<String>,
    pub hostname: String,
    /// Of the kernel, by path.
    pub settings: BTreeMap<String, String>,
    /// Of canaries, by path.
    pub contents: BTreeMap<String, String>,
    /// Of the host's own files, by path.
    pub files: BTreeMap<String, Stamp>,
}

/// A file's inode, mode, owner, size, and the time of its last change. Nobody can set that time back (inode(7)): whoever writes to
/// a file, or changes anything about it, moves it. So what has the same stamp has the same contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(u64, u32, u32, u64, i64, i64);

impl State {
    /// What is different from before.
    pub fn differences(&self, before: &State) -> Vec<String> {
        let mut found: Vec<String> = self
            .traces
            .differences(&before.traces)
            .into_iter()
            .map(|difference| format!("{difference:?}"))
            .collect();
        if self.links != before.links {
            found.push(format!("{:?} became {:?}", before.links, self.links));
        }
        if self.hostname != before.hostname {
            found.push(format!("{} became {}", before.hostname, self.hostname));
        }
        found.extend(changed(&self.settings, &before.settings));
        found.extend(changed(&self.contents, &before.contents));
        found.extend(changed(&self.files, &before.files));
        found
    }
}

fn changed<T: PartialEq + std::fmt::Debug>(
    now: &BTreeMap<String, T>,
    then: &BTreeMap<String, T>,
) -> Vec<String> {
    let paths = then
        .keys()
        .chain(now.keys().filter(|path| !then.contains_key(*path)));
    paths
        .filter(|path| now.get(*path) != then.get(*path))
        .map(|path| format!("{path}: {:?} became {:?}", then.get(path), now.get(path)))
        .collect()
}

/// Every setting below /proc/sys that can be written and read, and some others. What cannot be written counts something.
pub fn settings() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut note = |path: &Path, meta: &Metadata| {
        let restless = RESTLESS.iter().any(|name| path.ends_with(name));
        if meta.is_file() && meta.mode() & 0o222 != 0 && meta.mode() & 0o444 != 0 && !restless {
            found.extend([text(path.display().to_string())]);
        }
    };
    walk(Path::new("/proc/sys"), &mut note);
    found.extend(MORE.map(text));
    found
}

/// A file's path and contents, or why it has none.
pub fn text(path: impl AsRef<str>) -> (String, String) {
    let read = fs::read(path.as_ref());
    let text = read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (
        path.as_ref().to_owned(),
        text.unwrap_or_else(|error| error.to_string()),
    )
}

/// The stamps of all files below `directories`, of those on the same file system.
pub fn files(directories: &[&str]) -> BTreeMap<String, Stamp> {
    let mut found = BTreeMap::new();
    for directory in directories {
        walk(Path::new(directory), &mut |path, meta| {
            let (seconds, nanoseconds) = match meta.is_dir() {
                // A temporary file that came and went is none of ours.
                true => (0, 0),
                false => (meta.ctime(), meta.ctime_nsec()),
            };
            let size = if meta.is_dir() { 0 } else { meta.size() };
            let stamp = Stamp(
                meta.ino(),
                meta.mode(),
                meta.uid(),
                size,
                seconds,
                nanoseconds,
            );
            found.insert(path.display().to_string(), stamp);
        });
    }
    found
}

fn walk(directory: &Path, visit: &mut dyn FnMut(&Path, &Metadata)) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let Ok(meta) = entry.metadata() else { continue };
        visit(&entry.path(), &meta);
        if meta.is_dir() {
            walk(&entry.path(), visit);
        }
    }
}
