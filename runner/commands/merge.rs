//! `rdgrade merge`: the results of several machines as one.

use crate::exit::{BadInput, Exit};
use crate::results::{MergeError, Results, merge};
use crate::terminal::one_line;
use std::path::PathBuf;

/// What `merge` needs to know.
#[derive(Debug, clap::Args)]
pub struct MergeArgs {
    /// What `--results` kept of each part, in any order
    #[arg(required = true, value_name = "PART")]
    pub parts: Vec<PathBuf>,
    /// Where to keep the whole
    #[arg(long, value_name = "FILE")]
    pub into: PathBuf,
    /// Keep what there is although submissions are missing, to be merged with the rest later
    #[arg(long)]
    pub partial: bool,
}

/// So many of what is missing are named.
const NAMED: usize = 20;

/// Merges the parts. If submissions are missing nothing is written, unless that was asked for.
///
/// # Errors
/// Parts that cannot be read or do not fit together ([`BadInput`]), a file that cannot be written.
pub fn run(args: &MergeArgs) -> anyhow::Result<Exit> {
    let open = |path: &PathBuf| Results::open(path);
    let parts: Vec<Results> = args
        .parts
        .iter()
        .map(open)
        .collect::<Result<_, _>>()
        .map_err(BadInput::new)?;
    let merged = merge(&parts).map_err(|error| match error {
        MergeError::Results(error) => anyhow::Error::from(error),
        error => BadInput::new(error).into(),
    })?;
    let (all, missing) = (merged.submissions(), merged.missing.len());
    for (entry, part) in merged.missing.iter().take(NAMED) {
        let whose = part.map_or(String::new(), |part| format!(" (--partition {part})"));
        eprintln!("rdgrade: nobody has graded {}{whose}", one_line(&entry.id));
    }
    if missing > NAMED {
        eprintln!("rdgrade: nor {} more", missing - NAMED);
    }
    if missing > 0 && !args.partial {
        let why = format!(
            "{missing} of {all} submissions are missing: grade their parts, go on with those that were interrupted \
             (--resume), or keep what there is with --partial"
        );
        return Err(BadInput::new(why).into());
    }
    merged.write(&args.into)?;
    println!(
        "{}: {} of {all} submissions",
        args.into.display(),
        all - missing
    );
    Ok(if missing == 0 {
        Exit::Passed
    } else {
        Exit::Failed
    })
}
