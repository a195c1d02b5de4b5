//! The reference container: the workshop's `rd`, level by level, in Rust.
//!
//! Each level is one file, a list of steps that a student could read as the answer; a step that several levels
//! share is a file of its own. Nothing here is shared with the jail that grades it: an oracle that used its judge's
//! helpers would share its mistakes.

mod cgroup;
mod container;
mod cpu;
mod devices;
mod fork_exec;
mod level00;
mod level01;
mod level02;
mod level03;
mod level04;
mod level05;
mod level06;
mod level07;
mod level08;
mod level09;
mod level10;
mod memory;
mod namespace;
mod options;
mod overlay;
mod root;
mod special;
mod sys;
mod unpack;
mod user;

use options::{Level, Rd, Verb};
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs `rdgrade rd LEVEL run [OPTIONS] COMMAND…`; `args` are the words after `rd`. Call it while the process has
/// one thread: it forks.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let words = std::iter::once(OsString::from("rdgrade rd")).chain(args);
    let rd = match Rd::read(words) {
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
        Level::Level02 => level02::run(&run),
        Level::Level03 => level03::run(&run),
        Level::Level04 => level04::run(&run),
        Level::Level05 => level05::run(&run),
        Level::Level06 => level06::run(&run),
        Level::Level07 => level07::run(&run),
        Level::Level08 => level08::run(&run),
        Level::Level09 => level09::run(&run),
        Level::Level10 => level10::run(&run),
    };
    match contained {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
