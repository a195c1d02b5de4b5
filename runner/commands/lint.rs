//! `rdgrade lint`: every mistake of a level file, with its line and a way out.

use crate::cli::LintArgs;
use crate::exit::{BadInput, Exit};
use crate::level::{SetError, parse};
use anyhow::Context;
use std::fs::File;
use std::io::{self, Read, Write};

/// Reads the file as grading would, and says so if it is good.
///
/// # Errors
/// The file's mistakes, or those of reading it; standard output's.
pub fn run(args: &LintArgs) -> anyhow::Result<Exit> {
    let name = args.file.display().to_string();
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        // One byte more than a level file may have is enough to know that it has too many.
        let limit = crate::document::MAX_BYTES as u64 + 1;
        File::open(&args.file)?
            .take(limit)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read()
        .map_err(BadInput::new)
        .with_context(|| format!("failed to read {name}"))?;
    let loaded = parse(&name, &bytes).map_err(|found| SetError::Mistakes(vec![found]))?;
    let worth = super::list::worth(&loaded.level);
    writeln!(
        io::stdout(),
        "{}: good, {worth}",
        crate::terminal::one_line(&name)
    )?;
    Ok(Exit::Passed)
}
