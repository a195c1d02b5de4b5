//! What a jail may use: which limits there are, how they are written, what they are unless somebody says otherwise, and
//! when one is exceeded.

mod reading;
#[cfg(test)]
mod tests;
mod value;

pub use reading::{Exceeded, Reading, Used, exceeded};
pub use value::{Refused, assignment};

use serde::{Deserialize, Serialize};

/// Something of which a jail has only so much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Limit {
    /// `memory`: of all its processes and file systems together, swap included.
    Memory,
    /// `processes`: processes and threads at a time.
    Processes,
    /// `tmpfs-size`: bytes in each of its file systems.
    TmpfsSize,
    /// `tmpfs-inodes`: files in each of its file systems.
    TmpfsInodes,
    /// `file-size`: bytes in each file.
    FileSize,
    /// `open-files`: descriptors of each process.
    OpenFiles,
    /// `core-size`: bytes of a core file. One that would be larger is cut; nothing fails for it.
    CoreSize,
    /// `output`: bytes printed in the whole check.
    Output,
    /// `cpu-time`: of all its processes together, in the whole check.
    CpuTime,
    /// `wall-time`: from the beginning of the check to its end.
    WallTime,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds; written `10s`.
    Milliseconds,
    /// Bytes; written `64 MiB`.
    Bytes,
    /// Pieces.
    Count,
}

const MIB: u64 = 1 << 20;
const MINUTE: u64 = 60_000;

impl Limit {
    /// All of them. Where several are exceeded at once, the first of these is the cause that is named: a full file system
    /// makes a program wait, waiting makes no file system full.
    pub const ALL: [Limit; 10] = [
        Limit::Memory,
        Limit::Processes,
        Limit::TmpfsSize,
        Limit::TmpfsInodes,
        Limit::FileSize,
        Limit::OpenFiles,
        Limit::CoreSize,
        Limit::Output,
        Limit::CpuTime,
        Limit::WallTime,
    ];

    /// As level files and the command line call it.
    pub fn name(self) -> &'static str {
        match self {
            Limit::Memory => "memory",
            Limit::Processes => "processes",
            Limit::TmpfsSize => "tmpfs-size",
            Limit::TmpfsInodes => "tmpfs-inodes",
            Limit::FileSize => "file-size",
            Limit::OpenFiles => "open-files",
            Limit::CoreSize => "core-size",
            Limit::Output => "output",
            Limit::CpuTime => "cpu-time",
            Limit::WallTime => "wall-time",
        }
    }

    /// The limit of this name.
    pub fn named(name: &str) -> Option<Limit> {
        Limit::ALL.into_iter().find(|limit| limit.name() == name)
    }

    /// What there is only so much of, for people.
    pub fn of_what(self) -> &'static str {
        match self {
            Limit::Memory => "the memory of all processes and file systems together",
            Limit::Processes => "processes and threads at a time",
            Limit::TmpfsSize => "the bytes in a file system",
            Limit::TmpfsInodes => "the files in a file system",
            Limit::FileSize => "the size of a file",
            Limit::OpenFiles => "the files a process has open",
            Limit::CoreSize => "the size of a core file",
            Limit::Output => "what may be printed in a check",
            Limit::CpuTime => "the CPU time of all processes together",
            Limit::WallTime => "the time a check may take",
        }
    }

    /// What it counts.
    pub fn unit(self) -> Unit {
        match self {
            Limit::CpuTime | Limit::WallTime => Unit::Milliseconds,
            Limit::Processes | Limit::TmpfsInodes | Limit::OpenFiles => Unit::Count,
            _ => Unit::Bytes,
        }
    }

    /// The least and the most it can be set to. With less than the least, not even the jail's own processes and directories
    /// would fit, and what a submission did would not be the question any more.
    pub fn range(self) -> (u64, u64) {
        match self {
            Limit::Memory => (16 * MIB, 1 << 42),
            Limit::Processes => (8, 1 << 20),
            Limit::TmpfsSize => (MIB, 1 << 42),
            Limit::TmpfsInodes => (256, 1 << 30),
            Limit::FileSize => (4096, 1 << 42),
            Limit::OpenFiles => (16, 1 << 20),
            Limit::CoreSize => (0, 1 << 42),
            Limit::Output => (1024, 1 << 42),
            Limit::CpuTime => (100, 24 * 60 * MINUTE),
            Limit::WallTime => (100, 24 * 60 * MINUTE),
        }
    }

    const fn default_value(self) -> u64 {
        match self {
            Limit::Memory => 1024 * MIB,
            Limit::Processes => 1024,
            Limit::TmpfsSize => 512 * MIB,
            Limit::TmpfsInodes => 65_536,
            Limit::FileSize => 512 * MIB,
            Limit::OpenFiles => 1024,
            Limit::CoreSize => 0,
            Limit::Output => 256 * MIB,
            Limit::CpuTime => 2 * MINUTE,
            Limit::WallTime => 5 * MINUTE,
        }
    }
}

/// A value for every limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits([u64; Limit::ALL.len()]);

impl Default for Limits {
    fn default() -> Self {
        Limits(Limit::ALL.map(Limit::default_value))
    }
}

impl Limits {
    /// In the limit's unit.
    pub fn get(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    /// With one of them set.
    #[must_use]
    pub fn with(mut self, limit: Limit, value: u64) -> Limits {
        self.0[limit as usize] = value;
        self
    }

    /// With those that somebody has set.
    #[must_use]
    pub fn set_by(self, overrides: &Overrides) -> Limits {
        overrides
            .iter()
            .fold(self, |limits, (limit, value)| limits.with(limit, value))
    }

    /// Those of a check: what the command line says goes before what the check says, that before its level, that before the
    /// defaults. A step may take `step_ms`; a check whose time nobody has set may take at least as long.
    pub fn of_check(
        level: &Overrides,
        check: &Overrides,
        command_line: &Overrides,
        step_ms: u64,
    ) -> Limits {
        let patient = Limits::default();
        let wall = patient.get(Limit::WallTime).max(step_ms.saturating_mul(2));
        patient
            .with(Limit::WallTime, wall)
            .set_by(level)
            .set_by(check)
            .set_by(command_line)
    }

    /// Those of a submission's own build: compilers take their time.
    pub fn of_build(command_line: &Overrides) -> Limits {
        Limits::default()
            .set_by(command_line)
            .with(Limit::WallTime, 5 * MINUTE)
            .with(Limit::CpuTime, 20 * MINUTE)
    }
}

/// Values for some limits.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Overrides([Option<u64>; Limit::ALL.len()]);

impl Overrides {
    /// Sets one; what it was before is forgotten.
    pub fn set(&mut self, limit: Limit, value: u64) {
        self.0[limit as usize] = Some(value);
    }

    /// Those that are set.
    pub fn iter(&self) -> impl Iterator<Item = (Limit, u64)> + '_ {
        Limit::ALL
            .into_iter()
            .filter_map(|limit| Some((limit, self.0[limit as usize]?)))
    }
}

impl core::fmt::Debug for Overrides {
    fn fmt(&self, to: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        to.debug_map().entries(self.iter()).finish()
    }
}

impl FromIterator<(Limit, u64)> for Overrides {
    fn from_iter<I: IntoIterator<Item = (Limit, u64)>>(values: I) -> Self {
        let mut overrides = Overrides::default();
        values
            .into_iter()
            .for_each(|(limit, value)| overrides.set(limit, value));
        overrides
    }
}
