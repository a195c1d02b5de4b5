//! The command line: what can be typed, and what it means.

use crate::commands::{
    cohort::CohortArgs, diff::DiffArgs, image::ImageArgs, init::InitArgs, merge::MergeArgs,
    report::ReportArgs,
};
use crate::image::ImageOption;
use crate::page::Paint;
use crate::report::{Destination, Detail};
use checks::limit::{Limit, Overrides, assignment};
use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

mod duration;
mod words;

use duration::duration;
pub use words::parse;

const EXAMPLES: &str = "\
Examples:
  rdgrade level01                          grade the program in this directory
  rdgrade level01/isolated-test-file rd.py play one check of one program
  rdgrade explain level01                  what level 01 asks for
  rdgrade level00..level04 --reference     see all of it pass

Exit status: 0 passed, 1 something failed, 2 wrong usage or level file, 3 could not grade";

/// Grades programs that build containers, by what the kernel says happened
#[derive(Debug, Parser)]
#[command(name = "rdgrade", version, after_help = EXAMPLES, arg_required_else_help = true)]
#[command(override_usage = "rdgrade LEVELS [SUBMISSION]...\n       rdgrade COMMAND")]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// What every command understands
    #[command(flatten)]
    pub globals: Globals,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Grade one submission or many; `rdgrade LEVELS` is short for it
    #[command(
        after_help = "Example: rdgrade grade level01 alice/rd.py bob/ --report json=scores.json"
    )]
    Grade(GradeArgs),
    /// Tell results that are there already in another way
    #[command(after_help = "Example: rdgrade report class.jsonl --report csv=marks.csv")]
    Report(ReportArgs),
    /// Put the results of several machines together
    #[command(after_help = "Example: rdgrade merge part-*.jsonl --into class.jsonl")]
    Merge(MergeArgs),
    /// Tell whose marks changed between two runs, and why; exit status 1 if any did
    #[command(after_help = "Example: rdgrade diff class.jsonl.old class.jsonl")]
    Diff(DiffArgs),
    /// Write a manifest, or what GitHub, GitLab and others need to grade
    #[command(
        after_help = "Example: rdgrade init github --levels level00..level04 --roster class.csv --partitions 8"
    )]
    Init(InitArgs),
    /// List the levels
    #[command(after_help = "Example: rdgrade list --level-dir mine")]
    List,
    /// Tell what a level, or one check of it, asks for
    #[command(after_help = "Example: rdgrade explain level01/isolated-test-file")]
    Explain(ExplainArgs),
    /// Tell what this machine can grade, what it cannot, and what to do about it
    #[command(
        after_help = "Example: rdgrade doctor --json\n\nExit status: 0 every check can be graded here, 1 some cannot, 3 none can"
    )]
    Doctor(DoctorArgs),
    /// Look for mistakes in a level file
    #[command(after_help = "Example: rdgrade lint levels/level01.yaml")]
    Lint(LintArgs),
    /// Prove the checks: grade what is right, what is faulty and what only pretends
    #[command(after_help = "Example: rdgrade verify level01 --fixtures fixtures")]
    Verify(VerifyArgs),
    /// Record the snapshots of level files anew, from what the reference prints
    #[command(after_help = "Example: rdgrade bless level01 --level-dir levels --dry-run")]
    Bless(BlessArgs),
    /// Make and inspect images
    #[command(after_help = "Example: rdgrade image list")]
    Image(ImageArgs),
    /// Run the reference container, with the workshop's own command line
    #[command(after_help = "Example: rdgrade rd level01 run -i ubuntu /bin/bash")]
    Rd(RdArgs),
    /// Print a completion script for a shell
    #[command(after_help = "Example: rdgrade completions bash > /etc/bash_completion.d/rdgrade")]
    Completions(CompletionsArgs),
}

/// What `grade` needs to know.
#[derive(Debug, Args)]
pub struct GradeArgs {
    /// level01, level00..level04, level00,level03, all, or one check: level01/isolated-test-file
    pub levels: String,
    /// Programs to grade: files or directories [default: .]
    #[arg(value_name = "SUBMISSION", conflicts_with_all = ["reference", "roster"])]
    pub submissions: Vec<PathBuf>,
    /// Grade the built-in reference container
    #[arg(long)]
    pub reference: bool,
    /// Tell on standard error where the time of each check went; checks then wait for the end of each other's jails
    #[arg(long)]
    pub timings: bool,
    /// Count N points as passed
    #[arg(long, value_name = "N")]
    pub min_score: Option<u32>,
    /// Write a report, to FILE if one is given; may be repeated. Kinds: human, json, csv, junit, tap, ctrf, gradescope,
    /// classroom50, classroom, check50, github, markdown, codequality, html (a directory)
    #[arg(long = "report", value_name = "KIND[=FILE]")]
    pub reports: Vec<Destination>,
    /// Record what the terminal shows, a file for asciinema for each check
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Many submissions, and what becomes of their results
    #[command(flatten)]
    pub cohort: CohortArgs,
}

/// What `explain` needs to know.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A level, or one of its checks: level01, level01/sees-the-image
    #[arg(value_name = "LEVEL[/CHECK]")]
    pub what: String,
}

/// What `doctor` needs to know.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Print a JSON document instead of the table
    #[arg(long)]
    pub json: bool,
}

/// What `lint` needs to know.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// The level file
    pub file: PathBuf,
}

/// What `verify` needs to know.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Levels as for `grade`, each whole [default: all]
    #[arg(value_name = "LEVEL")]
    pub levels: Vec<String>,
    /// The directory that holds, for each level, LEVEL/faults.yaml and the programs it speaks of
    #[arg(long, value_name = "DIR", default_value = "fixtures")]
    pub fixtures: PathBuf,
}

/// What `bless` needs to know.
#[derive(Debug, Args)]
pub struct BlessArgs {
    /// Levels or checks, as for `grade`; their files are those of --level-dir [default: ./levels]
    #[arg(default_value = "all")]
    pub levels: String,
    /// Show what would change, change nothing, and exit with 1 if something would
    #[arg(long)]
    pub dry_run: bool,
}

/// What `rd` passes on.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct RdArgs {
    /// Whatever the reference container understands; see `rdgrade rd --help`
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "LEVEL run"
    )]
    pub words: Vec<OsString>,
}

/// What `completions` needs to know.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Globals {
    /// Take the levels from DIR instead of those built in
    #[arg(long, value_name = "DIR", global = true)]
    pub level_dir: Option<PathBuf>,
    /// Use FILE, a tar or tar.gz, as image NAME; may be repeated
    #[arg(long = "image", value_name = "NAME=FILE", global = true)]
    pub images: Vec<ImageOption>,
    /// Repeat a run: the seed is printed at its end
    #[arg(long, value_name = "N", global = true)]
    pub seed: Option<u64>,
    /// Longest time for one step: 500ms, 20s, 2m
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration, global = true)]
    pub timeout: Duration,
    /// Let a jail use at most VALUE, as memory=512MiB; may be repeated
    #[arg(long = "limit", value_name = "NAME=VALUE", value_parser = assignment, global = true)]
    pub limits: Vec<(Limit, u64)>,
    /// Checks played side by side [default: one for each core]
    #[arg(long, value_name = "N", global = true)]
    pub jobs: Option<NonZeroUsize>,
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: ColorChoice,
    /// Show transcripts too
    #[arg(short, long, action = ArgAction::SetTrue, conflicts_with = "quiet", global = true)]
    pub verbose: bool,
    /// Show the score and where to start, and nothing else
    #[arg(short, long, action = ArgAction::SetTrue, global = true)]
    pub quiet: bool,
}

impl Globals {
    /// How much a report for people tells.
    pub fn detail(&self) -> Detail {
        match (self.verbose, self.quiet) {
            (true, _) => Detail::Everything,
            (false, true) => Detail::Summary,
            (false, false) => Detail::Failures,
        }
    }

    /// Limits that go before those of level files.
    pub fn limits(&self) -> Overrides {
        self.limits.iter().copied().collect()
    }

    /// Workers side by side.
    pub fn jobs(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.jobs.map_or_else(cores, NonZeroUsize::get)
    }

    /// Whether standard output gets colour: `NO_COLOR`, `CLICOLOR_FORCE` and `TERM` are heard where `--color` is
    /// `auto`.
    pub fn paint(&self) -> Paint {
        let colour = match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
            }
        };
        if colour { Paint::Colour } else { Paint::Plain }
    }

    /// Whether files get colour: only where it was asked for.
    pub fn paint_of_files(&self) -> Paint {
        if self.color == ColorChoice::Always {
            Paint::Colour
        } else {
            Paint::Plain
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use rstest::rstest;

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        parse(line.split(' ').map(OsString::from))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[rstest]
    #[case("rdgrade level01")]
    #[case("rdgrade grade level01")]
    #[case("rdgrade --seed 7 level01")]
    #[case("rdgrade -v --report json=level02 level01")]
    #[case("rdgrade --level-dir=levels --reference level01")]
    fn a_level_is_short_for_grading_it(#[case] line: &str) {
        let Command::Grade(args) = parsed(line).unwrap().command else {
            panic!("{line}")
        };
        assert_eq!(args.levels, "level01");
        assert!(args.submissions.is_empty());
    }

    #[rstest]
    #[case("rdgrade list")]
    #[case("rdgrade --level-dir levels list")]
    fn a_command_is_a_command(#[case] line: &str) {
        assert!(matches!(parsed(line).unwrap().command, Command::List));
    }

    #[rstest]
    #[case("rdgrade level01 --timeout 20s", 20_000)]
    #[case("rdgrade --timeout 500ms level01", 500)]
    #[case("rdgrade level01 --timeout 2m", 120_000)]
    fn durations_carry_their_unit(#[case] line: &str, #[case] millis: u64) {
        assert_eq!(
            parsed(line).unwrap().globals.timeout,
            Duration::from_millis(millis)
        );
    }

    #[rstest]
    #[case("rdgrade level01 --timeout 20")]
    #[case("rdgrade level01 --timeout s")]
    #[case("rdgrade level01 --timeout 0s")]
    #[case("rdgrade level01 --timeout 2h")]
    #[case("rdgrade level01 --timeout 99999999999999999m")]
    #[case("rdgrade level01 --jobs 0")]
    #[case("rdgrade level01 . --reference")]
    #[case("rdgrade level01 -v -q")]
    #[case("rdgrade level01 --report xml")]
    #[case("rdgrade level01 --image ubuntu")]
    #[case("rdgrade lst")]
    fn what_means_nothing_is_refused(#[case] line: &str) {
        assert_eq!(parsed(line).unwrap_err().exit_code(), 2, "{line}");
    }

    #[test]
    fn what_follows_rd_is_passed_on_untouched() {
        let Command::Rd(args) = parsed("rdgrade -v rd level01 run -i ubuntu -- ls --help")
            .unwrap()
            .command
        else {
            panic!("not rd")
        };
        assert_eq!(
            args.words,
            ["level01", "run", "-i", "ubuntu", "--", "ls", "--help"]
        );
    }
}
