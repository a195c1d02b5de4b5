//! The reference container: the workshop's `rd`, level by level, in Rust.
//!
//! Each level is one file, a list of steps that a student could read as the answer; a step that several levels
//! share is a file of its own. Nothing here is shared with the jail that grades it: an oracle that used its judge's
//! helpers would share its mistakes.

mod fork_exec;
mod level00;
mod level01;
mod options;
mod special;
mod sys;
mod unpack;

use clap::Parser;
use options::{Level, Rd, Verb};
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs `rdgrade rd LEVEL run [OPTIONS] COMMAND…`; `args` are the words after `rd`. Call it while the process has
/// one thread: it forks.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let words = std::iter::once(OsString::from("rdgrade rd")).chain(args);
    let rd = match Rd::try_parse_from(words) {
        Ok(rd) => rd,
        Err(error) => {
            // Nobody is left to tell if stderr is closed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let Verb::Run(run) = rd.verb;
    let contained = match rd.level {
        Level::Level00 => level00::run(&run),
        Level::Level01 => level01::run(&run),
    };
    match contained {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
