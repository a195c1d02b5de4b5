//! From what the kernel says was used to the limit that was exceeded.

use super::{Limit, Limits, Unit};
use crate::played::Exit;
use crate::signal;
use alloc::{format, string::String, vec::Vec};

/// How much of something was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    /// So much, in the limit's unit: all of it is too much.
    Amount(u64),
    /// The kernel has refused more of it so many times.
    Refused(u64),
}

/// What was read of one limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Which.
    pub limit: Limit,
    /// How much.
    pub used: Used,
    /// The kernel's words: `pids.events: max 17`.
    pub evidence: Vec<String>,
}

/// A limit that a check has exceeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceeded {
    /// Which.
    pub limit: Limit,
    /// What it was set to, in its unit.
    pub value: u64,
    /// The kernel's words.
    pub evidence: Vec<String>,
}

impl Exceeded {
    /// `memory: 64 MiB`, as level files set it.
    pub fn spell(&self) -> String {
        format!("{}: {}", self.limit.name(), self.limit.spell(self.value))
    }

    /// What was met, for people.
    pub fn says(&self) -> String {
        let value = self.limit.spell(self.value);
        let name = self.limit.name();
        match self.limit.unit() {
            Unit::Count => format!(
                "the jail's limit {name} ({value}) was exceeded: {value} is the most of {}",
                self.limit.of_what()
            ),
            Unit::Bytes | Unit::Milliseconds => format!(
                "the jail's limit {name} ({value}) was exceeded: it is {}",
                self.limit.of_what()
            ),
        }
    }

    /// What to do about it, for people.
    pub fn advice(&self) -> String {
        let name = self.limit.name();
        format!(
            "What in this step used so much? The limit is far above what a right answer needs. Where yours is right and needs \
             more, it can be raised: --limit {name}=VALUE, or `limits:` in the level file."
        )
    }
}

/// The limit that was exceeded, if any: where there are several, the first of [`Limit::ALL`]. `exit` is how the step's program
/// ended: the kernel kills with a signal of its own who exceeds a limit of a process (setrlimit(2)).
pub fn exceeded(limits: &Limits, readings: &[Reading], exit: Option<Exit>) -> Option<Exceeded> {
    let killed = exit.and_then(by_kernel);
    let over = |reading: &&Reading| match reading.used {
        Used::Amount(used) => used >= limits.get(reading.limit),
        Used::Refused(times) => times > 0,
    };
    let first = readings
        .iter()
        .chain(&killed)
        .filter(over)
        .min_by_key(|reading| reading.limit)?;
    Some(Exceeded {
        limit: first.limit,
        value: limits.get(first.limit),
        evidence: first.evidence.clone(),
    })
}

/// SIGXFSZ and SIGXCPU, or a shell's word for them (128 + n).
fn by_kernel(exit: Exit) -> Option<Reading> {
    let number = match exit {
        Exit::Signal(number) => number,
        Exit::Code(code) => i32::from(code) - 128,
    };
    let of = |name| signal::number(name) == Some(number);
    let limit = if of("SIGXFSZ") {
        Limit::FileSize
    } else if of("SIGXCPU") {
        Limit::CpuTime
    } else {
        return None;
    };
    Some(Reading {
        limit,
        used: Used::Refused(1),
        evidence: [format!("ended by {}", signal::spell(Exit::Signal(number)))].into(),
    })
}
