//! The subcommands, one file each, and how their failures are told.

use crate::cli::Globals;
use crate::exit::{BadInput, Exit};
use crate::level::{LevelSet, SetError};
use crate::page::{Page, width_of_stdout};
use crate::terminal::neutral;
use clap::error::ErrorKind;
use std::io::{self, Write};

pub mod bless;
pub mod cohort;
pub mod completions;
pub mod diff;
pub mod doctor;
pub mod explain;
pub mod grade;
pub mod image;
pub mod init;
pub mod lint;
pub mod list;
pub mod merge;
pub mod report;
pub mod verify;

/// Tells what is wrong with the command line, or answers `--help`.
pub fn usage(error: &clap::Error) -> Exit {
    // Nobody is left to tell if the stream is closed.
    let _ = error.print();
    if error.kind() == ErrorKind::InvalidSubcommand {
        eprintln!(
            "\nLevels are spelled level01, level00..level04, level01/CHECK or all; `rdgrade list` shows them."
        );
    }
    match error.exit_code() {
        0 => Exit::Passed,
        _ => Exit::Usage,
    }
}

/// Tells why a command failed. A reader that has gone away (`rdgrade list | head`) is no failure.
pub fn failed(error: &anyhow::Error) -> Exit {
    if closed(error) {
        return Exit::Passed;
    }
    if let Some(SetError::Mistakes(files)) = error.chain().find_map(|cause| cause.downcast_ref()) {
        for diagnostics in files {
            anstream::eprintln!("{}", diagnostics.styled());
        }
        return Exit::Usage;
    }
    let _ = writeln!(io::stderr(), "rdgrade: {}", neutral(&told(error)));
    Exit::of_error(error)
}

/// The error and its causes, without a cause that the error above it has told already.
fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !told.contains(&cause) {
            let gap = if told.is_empty() { "" } else { ": " };
            told = format!("{told}{gap}{cause}");
        }
    }
    told
}

fn closed(error: &anyhow::Error) -> bool {
    let broken = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    error
        .chain()
        .any(|cause| cause.downcast_ref().is_some_and(broken))
}

/// The levels: those of `--level-dir`, else those in the binary.
fn levels(globals: &Globals) -> Result<LevelSet, BadInput> {
    let set = match &globals.level_dir {
        Some(folder) => LevelSet::load(folder),
        None => LevelSet::embedded(),
    };
    set.map_err(BadInput::new)
}

/// An empty page as wide as the terminal.
fn page(globals: &Globals) -> Page {
    Page::new(width_of_stdout(), globals.paint())
}

fn print(page: Page) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(page.into_text().as_bytes())?;
    stdout.flush()
}
