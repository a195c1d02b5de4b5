//! `limits:` of a level and of a check.

use super::read::Reader;
use super::relation::WordEntry;
use crate::limit::{Limit, Overrides};
use alloc::string::ToString;
use serde::Deserialize;

/// What a jail may use, where it is not what every jail may. Sizes are written `64 MiB`, durations `10s`. What `--limit` says
/// goes before what a check says, and that before its level.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "limits of a jail"
)]
pub struct LimitsEntry {
    /// The memory of all processes and file systems together, swap included. A jail without control groups is watched instead.
    pub memory: Option<WordEntry>,
    /// Processes and threads at a time.
    pub processes: Option<WordEntry>,
    /// Bytes in each file system of the jail.
    pub tmpfs_size: Option<WordEntry>,
    /// Files in each file system of the jail.
    pub tmpfs_inodes: Option<WordEntry>,
    /// Bytes in each file.
    pub file_size: Option<WordEntry>,
    /// Files that each process has open.
    pub open_files: Option<WordEntry>,
    /// Bytes of a core file; a larger one is cut.
    pub core_size: Option<WordEntry>,
    /// Bytes printed in a check.
    pub output: Option<WordEntry>,
    /// CPU time of all processes of a check together.
    pub cpu_time: Option<WordEntry>,
    /// Time from the beginning of a check to its end. A step's own deadline is `within`.
    pub wall_time: Option<WordEntry>,
}

/// The values, each refused at its own place.
pub(super) fn limits(reader: &mut Reader, entry: Option<LimitsEntry>) -> Overrides {
    let entry = entry.unwrap_or_default();
    let given = [
        (Limit::Memory, entry.memory),
        (Limit::Processes, entry.processes),
        (Limit::TmpfsSize, entry.tmpfs_size),
        (Limit::TmpfsInodes, entry.tmpfs_inodes),
        (Limit::FileSize, entry.file_size),
        (Limit::OpenFiles, entry.open_files),
        (Limit::CoreSize, entry.core_size),
        (Limit::Output, entry.output),
        (Limit::CpuTime, entry.cpu_time),
        (Limit::WallTime, entry.wall_time),
    ];
    reader.at("limits", |reader| {
        let given = given
            .into_iter()
            .filter_map(|(limit, value)| Some((limit, value?)));
        given
            .filter_map(|(limit, value)| {
                reader.at(limit.name(), |reader| {
                    let read = limit.read(&value.to_string());
                    read.map_err(|refused| reader.problem(refused.message, refused.remedy))
                        .ok()
                        .map(|value| (limit, value))
                })
            })
            .collect()
    })
}
