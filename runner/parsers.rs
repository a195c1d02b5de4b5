//! Everything that reads what strangers wrote, in one place for the fuzzer (`tests/fuzz`). Not part of the interface.

use crate::document::Diagnostics;
use crate::jail::cgroup::hierarchy::{self, Access};
use crate::jail::cgroup::{group, owner};
use crate::play::observe::{groups, processes};
use crate::submission::{Invocation, ManifestFile, manifest, template};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use crate::image::layers::merge;
pub use crate::play::awaited::{Awaited, before_marker};
pub use crate::play::capture::{Capture, text};
pub use crate::play::session::Marker;

/// A manifest.
///
/// # Errors
/// Its mistakes.
pub fn manifest(name: &str, bytes: &[u8]) -> Result<ManifestFile, Diagnostics> {
    manifest::parse(name, bytes)
}

/// The spellings of options that hold for a level with the manifest in `directory`; `None` if it is not used.
pub fn spellings(directory: &Path, level: &str) -> Option<BTreeMap<String, String>> {
    Some(manifest::load(directory, level).ok()??.options)
}

/// A template with its placeholders filled in.
pub fn expand(
    template: &[String],
    invocation: &Invocation<'_>,
    spelled: &BTreeMap<String, String>,
) -> Vec<String> {
    template::Template(template).expand(invocation, spelled)
}

/// The template for a program without a manifest.
pub fn with_defaults(program: &[&str], level: &str) -> Vec<String> {
    template::with_defaults(program, level)
}

/// The line to type for the next marker, and the token that its output begins with.
pub fn next_marker(marker: &mut Marker) -> (String, Vec<u8>) {
    marker.next()
}

/// Control group hierarchies in a mount table: mount point, top, controllers, whether they can be written to.
pub fn hierarchies(mountinfo: &str) -> Vec<(PathBuf, String, Vec<String>, bool)> {
    let found = hierarchy::parse(mountinfo, |_| vec!["memory".to_owned()]);
    found
        .into_iter()
        .map(|it| {
            (
                it.mount_point,
                it.top,
                it.controllers,
                it.access == Access::ReadWrite,
            )
        })
        .collect()
}

/// The path of the group that a controller counts a process in.
pub fn group_path<'t>(cgroups: &'t str, controller: &str) -> Option<&'t str> {
    group::path_in(cgroups, |names| {
        names.split(',').any(|name| name == controller)
    })
}

/// The id and the start time in a line of `/proc/PID/stat`.
pub fn owner(stat: &str) -> Option<(u32, u64)> {
    owner::parse_stat(stat)
}

/// Whether a group's name is one that rdgrade gives.
pub fn is_group_of_ours(name: &str) -> bool {
    owner::is_ours(name)
}

/// Whether a process is alive, dying or dead by the texts of its `stat` and `status`.
pub fn moment(stat: &str, status: &str) -> String {
    format!("{:?}", processes::moment_of(stat, status))
}

/// How often the kernel killed for want of memory, by `memory.events` or `memory.oom_control`.
pub fn oom_kills(text: &str) -> u64 {
    groups::oom_kills(text)
}

/// As the mount table's `\ooo` stand for blanks.
pub fn unescape(text: &str) -> String {
    crate::play::observe::mounts::unescape(text)
}
