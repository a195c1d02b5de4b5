//! `rdgrade verify`: the regression suite of the workshop.

use super::levels;
use crate::cli::{Globals, VerifyArgs};
use crate::exit::{BadInput, Exit};
use crate::fixture::FixtureError;
use crate::grade::{Settings, Signals, Timed, ready};
use crate::image::ImageStore;
use crate::recording::Record;
use crate::verify::{Suite, VerifyError};
use checks::suite;
use std::io::{self, IsTerminal, Write};

/// Grades the fixtures of each level and prints the matrix of programs and checks, then whatever is wrong with it.
///
/// # Errors
/// Fixtures that cannot be read ([`BadInput`]), a host that cannot grade.
pub fn run(args: &VerifyArgs, globals: &Globals) -> anyhow::Result<Exit> {
    let set = levels(globals)?;
    let wanted = if args.levels.is_empty() {
        "all".to_owned()
    } else {
        args.levels.join(",")
    };
    let chosen = set.select(&wanted).map_err(BadInput::new)?;
    let store = ImageStore::open(&globals.images)?;
    ready(globals.jobs())?;
    let signals = Signals::take()?;
    let suite = Suite {
        fixtures: &args.fixtures,
        store: &store,
        jobs: globals.jobs(),
        settings: Settings {
            record: Record::Off,
            timeout: globals.timeout,
            limits: globals.limits(),
            seed: globals.seed.unwrap_or_default(),
            timed: Timed::No,
        },
        signals: &signals,
    };
    let watched = io::stderr().is_terminal() && !globals.quiet;
    let (mut programs, mut faults, mut wrong) = (0, 0, 0);
    let (mut checks, mut alone) = (0, 0);
    let mut out = io::stdout().lock();
    for mut chosen in chosen {
        // A suite speaks of whole levels.
        chosen.checks = (0..chosen.loaded.level.checks.len()).collect();
        let level = &chosen.loaded.level;
        let entries = suite.level(&chosen, |name| {
            if watched {
                eprint!("\r\x1b[K{} {name}", level.level);
            }
        });
        if watched {
            eprint!("\r\x1b[K");
        }
        let entries = entries.map_err(marked)?;
        writeln!(out, "{}", suite::matrix(level, &entries))?;
        let problems = suite::problems(level, &entries);
        for problem in &problems {
            writeln!(out, "✗ {problem}")?;
        }
        programs += entries.len();
        faults += entries
            .iter()
            .filter(|entry| matches!(entry.kind, suite::Kind::Fault { .. }))
            .count();
        checks += level.checks.len();
        alone += suite::caught_alone(level, &entries);
        wrong += problems.len();
    }
    writeln!(
        out,
        "{programs} programs, {faults} of them faulty; {alone} of {checks} checks are failed alone by some fault"
    )?;
    match wrong {
        0 => writeln!(out, "The suite proves itself.")?,
        _ => writeln!(out, "{wrong} problems.")?,
    }
    out.flush()?;
    Ok(if wrong == 0 {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

/// Fixtures that are wrong are a mistake in what was given.
fn marked(error: VerifyError) -> anyhow::Error {
    match error {
        VerifyError::Fixture(error @ FixtureError { .. }) => BadInput::new(error).into(),
        error @ (VerifyError::Read { .. }
        | VerifyError::Program { .. }
        | VerifyError::Of { .. }) => BadInput::new(error).into(),
        VerifyError::Run(error) => error.into(),
    }
}
