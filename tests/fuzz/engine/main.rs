//! The fuzzer. Built with `--config tests/fuzz/instrumented.toml --profile fuzz --features engine`; see CONTRIBUTING.md.

mod campaign;
mod coverage;
mod foreign;
mod planted;
mod worker;

use anyhow::Context;
use clap::{Parser, Subcommand};
use fuzz::Target;
use peak_alloc::PeakAlloc;
use std::path::PathBuf;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Feeds mutated inputs to everything in rdgrade that reads what strangers wrote.
#[derive(Parser)]
#[command(name = "fuzz")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fuzz targets side by side and say what was reached; all of them if none is named
    Run {
        /// Their names
        #[arg(value_parser = named)]
        targets: Vec<&'static Target>,
        #[command(flatten)]
        effort: campaign::Effort,
        /// Least share of the lines meant to be reached that must be reached, in percent
        #[arg(long, default_value_t = 80, value_name = "PERCENT")]
        min_lines: u8,
        /// List the lines that were not reached
        #[arg(long)]
        missing: bool,
    },
    /// Plant a bug in a copy of the source for each target, and see it found
    Planted {
        /// Of these targets only
        #[arg(value_parser = named)]
        targets: Vec<&'static Target>,
        #[command(flatten)]
        effort: campaign::Effort,
    },
    /// Try inputs once
    Replay {
        /// What reads them
        #[arg(value_parser = named)]
        target: &'static Target,
        /// Files, each an input
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// libFuzzer itself, in a process of its own
    #[command(hide = true)]
    Engine {
        #[arg(value_parser = named)]
        target: &'static Target,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// The lines that the inputs in directories reach
    #[command(hide = true)]
    Lines {
        #[arg(value_parser = named)]
        target: &'static Target,
        directories: Vec<PathBuf>,
    },
}

fn named(name: &str) -> Result<&'static Target, String> {
    let all: Vec<&str> = fuzz::all().iter().map(|target| target.name).collect();
    Target::named(name).ok_or_else(|| format!("targets are: {}", all.join(", ")))
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Run {
            targets,
            effort,
            min_lines,
            missing,
        } => {
            let missing = match missing {
                true => campaign::Missing::Listed,
                false => campaign::Missing::Counted,
            };
            campaign::run(&targets, &effort, min_lines, missing)
        }
        Command::Planted { targets, effort } => planted::run(&targets, &effort),
        Command::Replay { target, files } => {
            for file in files {
                let input = std::fs::read(&file)
                    .with_context(|| format!("failed to read {}", file.display()))?;
                worker::check(target, &input);
                println!("{}: nothing broke", file.display());
            }
            Ok(())
        }
        Command::Engine { target, arguments } => worker::fuzz(target, arguments),
        Command::Lines {
            target,
            directories,
        } => coverage::print(target, &directories),
    }
}
