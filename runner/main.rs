//! The command line of rdgrade: what it can do, and who does it.

use rdgrade::cli::{self, Command};
use rdgrade::exit::Exit;
use rdgrade::{commands, rd};
use std::process::{ExitCode, Termination};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    // The reference container is graded and timed like a submission: nothing may come before it.
    if words.next().is_some_and(|word| word == "rd") {
        return rd::main(words);
    }
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return commands::usage(&error).report(),
    };
    let globals = &cli.globals;
    let done = match cli.command {
        Command::Grade(args) => commands::grade::run(args, globals),
        Command::Report(args) => commands::report::run(&args, globals),
        Command::Merge(args) => commands::merge::run(&args),
        Command::Diff(args) => commands::diff::run(&args),
        Command::Init(args) => commands::init::run(&args, globals),
        Command::List => commands::list::run(globals),
        Command::Explain(args) => commands::explain::run(&args, globals),
        Command::Doctor(args) => commands::doctor::run(&args, globals),
        Command::Lint(args) => commands::lint::run(&args),
        Command::Verify(args) => commands::verify::run(&args, globals),
        Command::Bless(args) => commands::bless::run(&args, globals),
        Command::Image(args) => commands::image::run(args, &globals.images).map(|()| Exit::Passed),
        Command::Completions(args) => commands::completions::run(&args),
        Command::Rd(args) => return rd::main(args.words.into_iter()),
    };
    done.unwrap_or_else(|error| commands::failed(&error))
        .report()
}
