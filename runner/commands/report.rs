//! `rdgrade report`: results that are there already, told in any way.

use crate::cli::Globals;
use crate::event::Event;
use crate::exit::{BadInput, Exit};
use crate::page::width_of_stdout;
use crate::report::{Again, Destination, Look, Reporters, WriteError};
use crate::results::{Results, replay};
use std::path::PathBuf;

/// What `report` needs to know.
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// What `--results` kept, or a JSON report
    pub results: PathBuf,
    /// Write a report: see `rdgrade grade --help` for the kinds; may be repeated
    #[arg(long = "report", value_name = "KIND[=FILE]")]
    pub reports: Vec<Destination>,
}

/// Replays the events of a run to the reporters that were asked for.
///
/// # Errors
/// Results that cannot be read ([`BadInput`]), a report that cannot be written.
pub fn run(args: &ReportArgs, globals: &Globals) -> anyhow::Result<Exit> {
    let results = Results::open(&args.results).map_err(BadInput::new)?;
    let look = Look {
        width: width_of_stdout(),
        paint: globals.paint(),
        detail: globals.detail(),
        again: Again::default(),
    };
    let mut reporters =
        Reporters::open(&args.reports, &look, globals.paint_of_files()).map_err(BadInput::new)?;
    let mut unwritten: Option<WriteError> = None;
    replay(&results, |event: Event| {
        if let Err(error) = reporters.event(&event) {
            unwritten.get_or_insert(error);
        }
    })?;
    match unwritten {
        Some(error) => Err(error.into()),
        None => Ok(Exit::Passed),
    }
}
