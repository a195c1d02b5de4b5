//! Everything that a killed program could leave behind, as it is now.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What can be left behind. Two of them are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traces {
    /// Process id, start time (clock ticks after boot), command.
    pub processes: BTreeSet<(i32, String, String)>,
    /// Lines of this process's mountinfo.
    pub mounts: Vec<String>,
    /// Every namespace of every process: `mnt:[4026531841]`.
    pub namespaces: BTreeSet<String>,
    /// Every cgroup.
    pub groups: BTreeSet<String>,
    /// Every file: mode, size, time of its last modification.
    pub files: BTreeMap<String, (u32, u64, i64, i64)>,
}

impl Traces {
    /// Looks at the machine; of files only at those below `directories`.
    pub fn now(directories: &[&str]) -> Self {
        let mut traces = Traces {
            processes: BTreeSet::new(),
            mounts: fs::read_to_string("/proc/self/mountinfo")
                .unwrap()
                .lines()
                .map(str::to_owned)
                .collect(),
            namespaces: BTreeSet::new(),
            groups: BTreeSet::new(),
            files: BTreeMap::new(),
        };
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            if let Some(pid) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
            {
                traces.process(pid, &entry.path());
            }
        }
        walk(Path::new("/sys/fs/cgroup"), &mut |path, meta| {
            if meta.is_dir() {
                traces.groups.insert(path.display().to_string());
            }
        });
        for directory in directories {
            walk(Path::new(directory), &mut |path, meta| {
                let what = (
                    meta.mode(),
                    if meta.is_dir() { 0 } else { meta.size() },
                    meta.mtime(),
                    meta.mtime_nsec(),
                );
                // A temporary file that came and went moves its directory's time; nothing is left of it.
                let what = if meta.is_dir() {
                    (what.0, 0, 0, 0)
                } else {
                    what
                };
                traces.files.insert(path.display().to_string(), what);
            });
        }
        traces
    }

    fn process(&mut self, pid: i32, entry: &Path) {
        let Ok(stat) = fs::read_to_string(entry.join("stat")) else {
            return;
        };
        // proc_pid_stat(5): the name may hold anything; the state follows the last parenthesis, the start is field 22.
        let (name, rest) = stat.rsplit_once(')').unwrap();
        let started = rest.split_whitespace().nth(22 - 3).unwrap().to_owned();
        self.processes.insert((pid, started, name.to_owned()));
        for task in fs::read_dir(entry.join("task"))
            .into_iter()
            .flatten()
            .flatten()
        {
            for namespace in fs::read_dir(task.path().join("ns"))
                .into_iter()
                .flatten()
                .flatten()
            {
                let inode = fs::read_link(namespace.path()).map(|link| link.display().to_string());
                self.namespaces.extend(inode);
            }
        }
    }

    /// Without cgroups that hold no process: after SIGKILL they may stay until the next run sweeps them.
    #[allow(dead_code)] // Each test file uses its part of this.
    pub fn without_empty_groups(mut self) -> Self {
        self.groups.retain(|group| {
            let occupied = |path: &Path| {
                fs::read_to_string(path.join("cgroup.procs")).is_ok_and(|list| !list.is_empty())
            };
            let mut any = occupied(Path::new(group));
            walk(Path::new(group), &mut |path, meta| {
                any |= meta.is_dir() && occupied(path)
            });
            any
        });
        self
    }

    /// What came and what went, by kind.
    pub fn differences(&self, before: &Traces) -> Vec<(&'static str, Vec<String>)> {
        let came = |now: &BTreeSet<String>, then: &BTreeSet<String>| {
            now.symmetric_difference(then).cloned().collect::<Vec<_>>()
        };
        let mounts = |traces: &Traces| traces.mounts.iter().cloned().collect();
        let files = |traces: &Traces| {
            traces
                .files
                .iter()
                .map(|file| format!("{file:?}"))
                .collect()
        };
        let processes = |traces: &Traces| {
            traces
                .processes
                .iter()
                .map(|process| format!("{process:?}"))
                .collect()
        };
        let differences = [
            ("processes", came(&processes(self), &processes(before))),
            ("mounts", came(&mounts(self), &mounts(before))),
            ("namespaces", came(&self.namespaces, &before.namespaces)),
            ("cgroups", came(&self.groups, &before.groups)),
            ("files", came(&files(self), &files(before))),
        ];
        differences
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
            .collect()
    }

    /// Fails with what came and what went.
    #[track_caller]
    #[allow(dead_code)] // Each test file uses its part of this.
    pub fn assert_same_as(&self, before: &Traces, when: &str) {
        let differences = self.differences(before);
        assert!(
            differences.is_empty(),
            "{when}: left behind or taken away: {differences:#?}"
        );
        assert_eq!(self.mounts, before.mounts, "{when}: the order of mounts");
    }
}

fn walk(directory: &Path, visit: &mut dyn FnMut(&Path, &fs::Metadata)) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let Ok(meta) = fs::symlink_metadata(entry.path()) else {
            continue;
        };
        visit(&entry.path(), &meta);
        if meta.is_dir() {
            walk(&entry.path(), visit);
        }
    }
}
