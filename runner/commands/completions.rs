//! `rdgrade completions`: a script that teaches a shell our words.

use crate::cli::{Cli, CompletionsArgs};
use crate::exit::Exit;
use clap::CommandFactory;
use std::io::{self, Write};

/// Prints the script.
///
/// # Errors
/// Standard output's.
pub fn run(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    // clap_complete panics where the pipe is closed: it writes to memory instead.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "rdgrade", &mut script);
    io::stdout().write_all(&script)?;
    Ok(Exit::Passed)
}
