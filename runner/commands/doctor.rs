//! `rdgrade doctor`: what this host can do, what to do about the rest, and what it costs.

use super::{levels, page, print};
use crate::cli::{DoctorArgs, Globals};
use crate::doctor::{Machine, examine, show};
use crate::exit::Exit;
use checks::doctor::{Outlook, diagnose};
use std::io::{self, Write};

/// Tries everything and tells.
///
/// # Errors
/// A level file's mistakes, or standard output's.
pub fn run(args: &DoctorArgs, globals: &Globals) -> anyhow::Result<Exit> {
    let set = levels(globals)?;
    let levels: Vec<_> = set.iter().map(|loaded| &loaded.level).collect();
    let diagnosis = diagnose(examine(&globals.images, globals.jobs()), &levels);
    if args.json {
        let mut stdout = io::stdout().lock();
        serde_json::to_writer_pretty(&mut stdout, &Machine::of(&diagnosis))?;
        writeln!(stdout)?;
    } else {
        let mut page = page(globals);
        show(&mut page, &diagnosis);
        print(page)?;
    }
    Ok(match diagnosis.outlook {
        Outlook::Everything => Exit::Passed,
        Outlook::Something => Exit::Failed,
        Outlook::Nothing => Exit::NotGraded,
    })
}
