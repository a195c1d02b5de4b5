//! The phases a check goes through, and a place for tests to stop in one of them.
//!
//! "Nothing is left behind, whenever rdgrade is killed" can only be shown by killing it at a known moment. With
//! `RDGRADE_STOP_AT=play` in its environment rdgrade says so on standard error when it first enters that phase, and waits
//! for SIGCONT there; each of its processes does, once. A submission never sees rdgrade's environment.

use nix::sys::signal::{SigSet, Signal};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

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
        static STOPPED: AtomicBool = AtomicBool::new(false);
        let here = std::env::var_os("RDGRADE_STOP_AT").is_some_and(|wanted| wanted == self.name());
        if here && !STOPPED.swap(true, Ordering::Relaxed) {
            let go_on = SigSet::from(Signal::SIGCONT);
            // Blocked before it is said, hence not lost to one who answers at once, as it would be to SIGSTOP.
            let _ = go_on.thread_block();
            // One write: workers share the stream.
            let said = format!("rdgrade: stopped at {}\n", self.name());
            let _ = std::io::stderr().write_all(said.as_bytes());
            let _ = go_on.wait();
        }
    }
}
