//! The phases a check goes through, and a place for tests to stop in one of them.
//!
//! "Nothing is left behind, whenever rdgrade is killed" can only be shown by killing it at a known moment. With
//! `RDGRADE_STOP_AT=play` in its environment rdgrade says so on standard error when it enters that phase, and stops itself
//! (SIGSTOP). A submission never sees rdgrade's environment.

use nix::sys::signal::{Signal, raise};
use std::io::Write;

/// A phase of grading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// A jail is being built.
    Create,
    /// A step is being played.
    Play,
    /// Facts are being read.
    Observe,
    /// A jail is being torn down.
    TearDown,
    /// Results are being reported.
    Report,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Phase::Create => "create",
            Phase::Play => "play",
            Phase::Observe => "observe",
            Phase::TearDown => "tear-down",
            Phase::Report => "report",
        }
    }

    /// Marks that the phase is entered.
    pub fn enter(self) {
        if std::env::var_os("RDGRADE_STOP_AT").is_some_and(|wanted| wanted == self.name()) {
            let _ = writeln!(std::io::stderr(), "rdgrade: stopped at {}", self.name());
            let _ = raise(Signal::SIGSTOP);
        }
    }
}
