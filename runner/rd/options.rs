//! The command line that every level of the workshop shares.

use super::memory::{Amount, Limits};
use super::user::User;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
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

/// The levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Level {
    /// Fork and exec
    Level00,
    /// A root of its own
    Level01,
    /// A mount namespace, and devices
    Level02,
    /// pivot_root
    Level03,
    /// An overlay
    Level04,
    /// A host name
    Level05,
    /// Process ids
    Level06,
    /// A network
    Level07,
    /// A share of the processors
    Level08,
    /// A limit of memory
    Level09,
    /// Another user than root
    Level10,
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
    /// What the container gets of the processors while others compete for them, 1024 being the default; 0 leaves it alone
    /// (from level08 on)
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub cpu_shares: u64,
    /// Most memory, in bytes or with k, m or g (from level09 on)
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub memory: Option<Amount>,
    /// Most memory and swap together; -1 is as much swap as there is (from level09 on)
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub memory_swap: Option<Amount>,
    /// Who the command runs as (from level10 on)
    #[arg(long, value_name = "UID[:GID]")]
    pub user: Option<User>,
    /// The command and its arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = false,
        value_name = "COMMAND"
    )]
    pub command: Vec<OsString>,
}

impl Rd {
    /// Reads the command line.
    ///
    /// # Errors
    /// What clap finds; and an option of a higher level, which would do nothing here.
    pub fn read(words: impl Iterator<Item = OsString>) -> Result<Self, clap::Error> {
        let rd = Self::try_parse_from(words)?;
        let Verb::Run(run) = &rd.verb;
        let given = [
            ("--cpu-shares", run.cpu_shares != 0, Level::Level08),
            ("--memory", run.memory.is_some(), Level::Level09),
            ("--memory-swap", run.memory_swap.is_some(), Level::Level09),
            ("--user", run.user.is_some(), Level::Level10),
        ];
        match given
            .into_iter()
            .find(|(_, given, since)| *given && rd.level < *since)
        {
            None => Ok(rd),
            Some((option, _, since)) => {
                let since = since
                    .to_possible_value()
                    .map_or_else(String::new, |value| value.get_name().to_owned());
                let message = format!("{option} does nothing before {since}");
                Err(Self::command().error(ErrorKind::ArgumentConflict, message))
            }
        }
    }
}

impl Run {
    /// The image's tar.
    pub fn image(&self) -> PathBuf {
        self.image_dir.join(format!("{}.tar", self.image_name))
    }

    /// The limits of memory.
    pub fn limits(&self) -> Limits {
        Limits {
            memory: self.memory,
            memory_and_swap: self.memory_swap,
        }
    }
}
