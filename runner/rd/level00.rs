//! Level 00: run a command in a child, and say how it ended.

use super::fork_exec::{exec, fork, report, wait};
use super::options::Run;

/// The steps.
pub fn run(options: &Run) -> anyhow::Result<()> {
    let child = fork(|| exec(&options.command))?;
    let status = wait(child)?;
    report(child, status)
}
