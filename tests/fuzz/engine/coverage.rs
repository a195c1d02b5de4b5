//! Which lines were reached.
//!
//! What counts as a line: one that the debug information of the unoptimised build gives machine code to, in the files and
//! functions that the target names. It is reached if some block with code of that line was entered. Blocks are those of
//! the compiler's coverage pass, none of them left out; a block reaches from its own address to the next one's.

use super::foreign::{self, Block};
use super::worker;
use addr2line::Loader;
use anyhow::{Context, anyhow};
use fuzz::{Covered, Target};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// By file and line, whether it was reached.
pub type Lines = BTreeMap<(String, u32), bool>;

/// Tries all files in `directories` and prints the lines of the target, each with 1 if it was reached, else with 0.
///
/// # Errors
/// What cannot be read: an input, or this program's debug information.
pub fn print(target: &Target, directories: &[PathBuf]) -> anyhow::Result<()> {
    for directory in directories {
        let entries = std::fs::read_dir(directory)
            .with_context(|| format!("failed to read {}", directory.display()))?;
        for entry in entries {
            worker::check(target, &std::fs::read(entry?.path())?);
        }
    }
    for ((file, line), reached) in of_blocks(foreign::blocks(), target.covers)? {
        println!("{} {line} {file}", u8::from(reached));
    }
    Ok(())
}

/// What [`print`] printed.
pub fn parse(text: &str) -> Lines {
    text.lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, ' ');
            let reached = fields.next()? == "1";
            let number = fields.next()?.parse().ok()?;
            Some(((fields.next()?.to_owned(), number), reached))
        })
        .collect()
}

fn of_blocks(mut blocks: Vec<Block>, covers: &'static [Covered]) -> anyhow::Result<Lines> {
    let loader = Loader::new(std::env::current_exe()?)
        .map_err(|error| anyhow!("failed to read this program's debug information: {error}"))?;
    let linked = loader
        .get_section_range(b"__sancov_pcs")
        .context("this program was not built with tests/fuzz/instrumented.toml")?;
    let moved = foreign::table() as u64 - linked.begin;
    // A block that was taken out after it was counted has no address.
    blocks.retain(|block| block.address as u64 > moved);
    blocks.sort_unstable();
    // A function that was compiled once for each type it takes has blocks at different addresses, never at the same.
    let mut lines = Lines::new();
    for (at, block) in blocks.iter().enumerate() {
        let start = block.address as u64 - moved;
        let end = blocks
            .get(at + 1)
            .map_or(start + 1, |next| next.address as u64 - moved);
        let broken = |error| anyhow!("failed to read this program's debug information: {error}");
        for (_, _, place) in loader.find_location_range(start, end).map_err(broken)? {
            let (Some(file), Some(line)) = (place.file, place.line) else {
                continue;
            };
            let Some(file) = meant(&loader, covers, file, start) else {
                continue;
            };
            if line > 0 {
                *lines.entry((file.to_owned(), line)).or_default() |= block.entered;
            }
        }
    }
    Ok(lines)
}

/// The path in the repository, if the block at `address` is one of those meant to be reached.
fn meant(
    loader: &Loader,
    covers: &'static [Covered],
    file: &str,
    address: u64,
) -> Option<&'static str> {
    covers.iter().find_map(|part| match part {
        Covered::File(path) => Path::new(file).ends_with(path).then_some(*path),
        Covered::Functions(path, names) => {
            if !Path::new(file).ends_with(path) {
                return None;
            }
            // Mangled names have each part's length before it: `12parse_status`.
            let symbol = loader.find_symbol(address)?;
            let named = |name: &&str| symbol.contains(&format!("{}{name}", name.len()));
            names.iter().any(named).then_some(*path)
        }
    })
}
