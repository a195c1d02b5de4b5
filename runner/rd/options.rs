//! The command line that every level of the workshop shares.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// The reference container of the Docker From Scratch workshop
#[derive(Debug, Parser)]
#[command(name = "rdgrade rd", bin_name = "rdgrade rd")]
pub struct Rd {
    /// How far the container has grown
    #[arg(value_enum)]
    pub level: Level,
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// The levels that have their answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Fork and exec
    Level00,
    /// A root of its own
    Level01,
}

/// What `rd` can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a command in a new container
    Run(Run),
}

/// Arguments of `run`. They end at the first word of the command.
#[derive(Debug, Args)]
pub struct Run {
    /// The image to unpack
    #[arg(short, long, default_value = "ubuntu")]
    pub image_name: String,
    /// Where NAME.tar lies
    #[arg(long, default_value = "/workshop/images")]
    pub image_dir: PathBuf,
    /// Where containers are made
    #[arg(long, default_value = "/workshop/containers")]
    pub container_dir: PathBuf,
    /// The command and its arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = false,
        value_name = "COMMAND"
    )]
    pub command: Vec<OsString>,
}
