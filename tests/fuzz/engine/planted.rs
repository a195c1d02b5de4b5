//! Bugs planted in a copy of the source, one for each target: is the fuzzer any good?

use super::campaign::{self, Effort};
use anyhow::{Context, ensure};
use fuzz::Target;
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A bug: a small edit of the source.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bug {
    target: String,
    mistake: String,
    file: PathBuf,
    replace: String,
    with: String,
}

/// Plants all bugs at once, each in a place that no other target reads, and fuzzes `targets` until each finds its own.
///
/// # Errors
/// A bug that was not found in time, or before anything was changed; a find that is none.
pub fn run(targets: &[&'static Target], effort: &Effort) -> anyhow::Result<()> {
    let text = fs::read_to_string(fuzz::project().join("tests/fuzz/planted.yaml"))?;
    let bugs: Vec<Bug> = serde_yaml::from_str(&text).context("tests/fuzz/planted.yaml")?;
    let place = std::path::absolute(&effort.corpus)?.join("planted");
    let source = place.join("source");
    copy(&fuzz::project(), &source)?;
    for bug in &bugs {
        plant(bug, &source)?;
    }
    let program = place.join("planted");
    // Cargo puts the other one where this one was.
    let this = place.join("sound");
    let shared = std::env::current_exe()?;
    fs::copy(&shared, &this)?;
    rename(&source)?;
    build(&source, &shared)?;
    fs::copy(&shared, &program)?;
    let effort = Effort {
        corpus: place,
        ..effort.clone()
    };
    let failures = campaign::each(targets, effort.jobs, |target| {
        let bug = bugs.iter().find(|bug| bug.target == target.name);
        let bug = bug.context("no bug is planted for it in tests/fuzz/planted.yaml")?;
        // What earlier runs learnt would make it easy.
        let _ = fs::remove_dir_all(effort.corpus.join("corpus").join(target.name));
        let begun = Instant::now();
        let outcome = campaign::fuzz(&program, target, &effort)?;
        let seconds = begun.elapsed().as_secs_f64();
        let Some((input, printed)) = outcome.found else {
            anyhow::bail!(
                "not found in {} inputs: {}",
                outcome.executions,
                bug.mistake
            );
        };
        let seeds = (target.seeds)().len() + fuzz::inputs(target.name).len();
        ensure!(
            outcome.executions > seeds as u64,
            "a seed finds it already: {}",
            bug.mistake
        );
        // The same input breaks nothing where nothing was planted.
        let sound = Command::new(&this)
            .args(["replay", target.name])
            .arg(&input)
            .output()?;
        ensure!(
            sound.status.success(),
            "{} breaks the real one, too:\n{printed}",
            input.display()
        );
        println!(
            "{:10} {seconds:5.1} s  {:>8} inputs  {}",
            target.name, outcome.executions, bug.mistake
        );
        Ok(())
    });
    ensure!(failures.is_empty(), "{}", failures.join("\n\n"));
    Ok(())
}

fn plant(bug: &Bug, source: &Path) -> anyhow::Result<()> {
    let path = source.join(&bug.file);
    let text =
        fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    let times = text.matches(&bug.replace).count();
    ensure!(
        times == 1,
        "`{}` occurs {times} times in {}; adapt tests/fuzz/planted.yaml",
        bug.replace,
        bug.file.display()
    );
    fs::write(&path, text.replace(&bug.replace, &bug.with))?;
    Ok(())
}

/// Gives the copy's packages another version: those of the same name and version share their build.
fn rename(source: &Path) -> anyhow::Result<()> {
    for package in ["Cargo.toml", "checks/Cargo.toml", "tests/fuzz/Cargo.toml"] {
        let path = source.join(package);
        let text = fs::read_to_string(&path)?;
        let renamed = text.replacen("version = \"0.1.0\"", "version = \"0.1.99\"", 1);
        ensure!(
            renamed != text,
            "{package} has another version than 0.1.0; adapt `rename`"
        );
        fs::write(&path, renamed)?;
    }
    Ok(())
}

/// Builds the fuzzer of the copy into the place of this one; the libraries below both are built already.
fn build(source: &Path, program: &Path) -> anyhow::Result<()> {
    // TARGET/TRIPLE/PROFILE/fuzz
    let shared = program.ancestors().nth(3);
    let shared = shared.context("this program lies in no target directory")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .current_dir(source)
        .args([
            "build",
            "--quiet",
            "--offline",
            "--config",
            "tests/fuzz/instrumented.toml",
        ])
        .args([
            "--profile",
            "fuzz",
            "-p",
            "rdgrade-fuzz",
            "--features",
            "engine",
            "--target-dir",
        ])
        .arg(shared)
        .status()
        .context("failed to start cargo")?;
    ensure!(
        built.success(),
        "the copy with its planted bugs does not build"
    );
    Ok(())
}

/// Everything but what was built and what git keeps.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, new) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type()? {
            _ if [".git", "target"]
                .iter()
                .any(|name| entry.file_name() == *name) => {}
            kind if kind.is_dir() => copy(&path, &new)?,
            kind if kind.is_file() => {
                fs::copy(&path, &new)?;
            }
            _ => {}
        }
    }
    Ok(())
}
