//! `rdgrade bless`: the snapshots of level files, recorded anew.

use crate::bless::{Recorded, Recorder};
use crate::cli::{BlessArgs, Globals};
use crate::exit::{BadInput, Exit};
use crate::grade::{Settings, Signals, Timed, ready};
use crate::image::ImageStore;
use crate::level::{LevelSet, LoadedLevel};
use crate::recording::Record;
use crate::terminal::neutral;
use anyhow::{Context, ensure};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Where level files lie that nobody pointed at: those in the binary cannot be edited.
const LEVELS: &str = "levels";

/// Plays the checks with the reference and writes what it printed into the level files, or shows what would change.
///
/// # Errors
/// No such level ([`BadInput`]), a host that cannot grade, a file that cannot be written.
pub fn run(args: &BlessArgs, globals: &Globals) -> anyhow::Result<Exit> {
    let folder = globals.level_dir.as_deref().unwrap_or(Path::new(LEVELS));
    let set = LevelSet::load(folder).map_err(BadInput::new);
    let set = set.context("no level files to bless; give their directory with --level-dir")?;
    let chosen = set.select(&args.levels).map_err(BadInput::new)?;
    let store = ImageStore::open(&globals.images)?;
    ready(globals.jobs())?;
    let signals = Signals::take()?;
    let recorder = Recorder {
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
    let mut out = io::stdout().lock();
    let mut exit = Exit::Passed;
    for chosen in &chosen {
        let recorded = recorder.record(chosen)?;
        if !recorded.refused.is_empty() || (args.dry_run && !recorded.changed.is_empty()) {
            exit = Exit::Failed;
        }
        let told = if args.dry_run {
            checks::diff::unified(&chosen.loaded.file, &chosen.loaded.source, &recorded.text)
        } else {
            write(chosen.loaded, &recorded)?;
            summary(chosen.loaded, &recorded)
        };
        write!(out, "{}", neutral(&told))?;
        for why in &recorded.refused {
            writeln!(out, "✗ {}", neutral(why))?;
        }
        for why in &recorded.unplayed {
            writeln!(out, "? {}", neutral(why))?;
        }
    }
    out.flush()?;
    Ok(exit)
}

fn summary(loaded: &LoadedLevel, recorded: &Recorded) -> String {
    if recorded.changed.is_empty() {
        return format!("{}: unchanged\n", loaded.file);
    }
    let lines = recorded
        .changed
        .iter()
        .map(|change| format!("{}:{}: {}\n", loaded.file, change.line, change.check));
    lines.collect()
}

/// Puts the new text in the place of the old one, whole or not at all.
fn write(loaded: &LoadedLevel, recorded: &Recorded) -> anyhow::Result<()> {
    if recorded.changed.is_empty() {
        return Ok(());
    }
    let replace = || -> anyhow::Result<()> {
        // A link stays a link.
        let path = fs::canonicalize(&loaded.file)?;
        let now = fs::read_to_string(&path)?;
        let (mark, text) = now.split_at(now.len() - now.trim_start_matches('\u{feff}').len());
        ensure!(
            text == loaded.source,
            "it was changed meanwhile; run bless again"
        );
        let folder = path.parent().unwrap_or(Path::new("/"));
        let permissions = fs::metadata(&path)?.permissions();
        let mut file = tempfile::Builder::new()
            .prefix(".rdgrade-")
            .permissions(permissions)
            .tempfile_in(folder)?;
        file.write_all(mark.as_bytes())?;
        file.write_all(recorded.text.as_bytes())?;
        file.persist(&path)?;
        Ok(())
    };
    replace().with_context(|| format!("failed to rewrite {}", loaded.file))
}
