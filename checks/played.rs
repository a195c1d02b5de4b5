//! What happened when a check was played: the runner's record, the judge's input.

use crate::fact::{Request, Value};
use crate::limit::Exceeded;
use crate::observed::Observed;
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// How a process ended, decoded from its wait status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It exited with this status.
    Code(u8),
    /// It was ended by this signal number.
    Signal(i32),
}

/// On which side of the container's wall a step took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The submission itself, as its caller sees it.
    Submission,
    /// In the container.
    Inside,
    /// On the jail's host.
    Outside,
    /// The kernel's.
    Kernel,
}

/// Output as it was captured: raw bytes made text, head and tail kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    /// The text: UTF-8 (invalid bytes replaced), line ends normalised, control characters **not** yet neutralised.
    pub text: String,
    /// Bytes left out between head and tail, 0 if none; `text` has a line saying so where they were.
    pub cut: u64,
}

/// Why a step did not come to its regular end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The deadline passed. What was waited for, e.g. "the command to end".
    Deadline {
        /// What had not happened.
        waiting_for: String,
        /// The deadline, in milliseconds.
        after_ms: u64,
    },
    /// The submission ended before the step was done.
    Ended {
        /// What the step still needed, e.g. "the shell in the container".
        waiting_for: String,
        /// How it ended.
        exit: Exit,
    },
    /// A limit of the jail was exceeded.
    Limit(Exceeded),
    /// There was nothing to do this step with, since an earlier one went wrong.
    NotPlayed(String),
    /// rdgrade's own fault.
    Ours(String),
}

/// The record of one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// What was typed or started, as a person would write it: `rd.py run -i ubuntu /bin/bash`.
    pub input: String,
    /// What came back; for a `start`, what the submission printed until its shell answered.
    pub output: Output,
    /// How the command ended; for `start` and `observe` there is none.
    pub exit: Option<Exit>,
    /// What went wrong, if anything.
    pub trouble: Option<Trouble>,
    /// The facts the judge had asked for, in the order of its requests.
    pub facts: Vec<(Request, Observed<Value>)>,
    /// Wall time in milliseconds.
    pub duration_ms: u64,
}
