//! Grading four scenarios of level 01, by rdgrade and by what else could do it: a shell script, bats, pytest, cram, check50, trycmd,
//! and Rust's own test harness.
//!
//! All get the same program, a static one in C that costs next to nothing, and the same image of two megabytes, in which one program
//! has as many names as busybox has, on a tmpfs and on an ext4 with a journal. Each is run in turns with the script and compared with its neighbour. Before anything is timed,
//! each has to pass the program and fail the same program without chroot(2).

#[path = "../machine.rs"]
mod machine;
#[path = "../paired.rs"]
mod paired;
mod peers;
mod place;
mod suite;
mod workload;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use paired::{Comparison, Summary, milliseconds};
use place::Place;
use std::cell::Cell;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use suite::{Harness, Which};
use workload::Workload;

/// Seconds after which the whole benchmark is hanging.
const TOO_LONG: u32 = 3_600;

/// Compares rdgrade with other harnesses that do the same work
#[derive(Parser)]
struct Options {
    /// Pairs of runs of one suite
    #[arg(long, default_value_t = 20)]
    pairs: usize,
    /// Submissions in a batch
    #[arg(long, default_value_t = 40)]
    batch: usize,
    /// Pairs of runs of a batch
    #[arg(long, default_value_t = 6)]
    batch_pairs: usize,
    /// Symbolic links to one program in the image; busybox's image has some 400 (`busybox --list`)
    #[arg(long, default_value_t = 400)]
    names: usize,
    /// Instead of comparing: time, memory and descriptors of these numbers of submissions, with 1, 2, 4 and 8 jobs
    #[arg(long, value_delimiter = ',', value_name = "N,N")]
    curves: Vec<usize>,
    /// Run this and print the memory of its largest process, in KiB
    #[arg(long, hide = true, num_args = 1.., allow_hyphen_values = true)]
    memory: Vec<String>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if let Some((program, words)) = options.memory.split_first() {
        println!("{}", suite::largest(program, words)?);
        return Ok(ExitCode::SUCCESS);
    }
    if !nix::unistd::geteuid().is_root() {
        bail!(
            "harnesses without a jail mount and change roots themselves: run the benchmark as root"
        );
    }
    nix::unistd::alarm::set(TOO_LONG);
    let place = Place::tmpfs()?;
    let workload = Workload::make(
        place.path(),
        options
            .batch
            .max(options.curves.iter().copied().max().unwrap_or(0)),
        options.names,
    )?;
    println!("{}\n", machine::describe()?);
    if !options.curves.is_empty() {
        curves(&place, &workload, &options.curves)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut noisy = false;
    for place in [&place, &Place::ext4(&place)?] {
        let (harnesses, missing): (Vec<_>, Vec<_>) = suite::all(place, &workload)
            .into_iter()
            .partition(|harness| harness.missing.is_none());
        for harness in &harnesses {
            control(place, harness)?;
        }
        println!(
            "| on {}, {} pairs of runs in turns | median | quartiles | the script | ratio | CPU | largest process |",
            place.name, options.pairs
        );
        println!("| --- | --- | --- | --- | --- | --- | --- |");
        for harness in &harnesses {
            noisy |= row(
                &harness.name,
                options.pairs,
                || harness.script(Which::Right),
                || harness.command(Which::Right),
            )?;
        }
        for jobs in [1, 2] {
            let script = || suite::script_batch(place, &workload, options.batch, jobs);
            let what = |how: &str| format!("{} submissions, {jobs} jobs: {how}", options.batch);
            noisy |= row(&what("rdgrade"), options.batch_pairs, script, || {
                suite::batch(place, &workload, options.batch, jobs)
            })?;
            noisy |= row(
                &what("one rdgrade each"),
                options.batch_pairs,
                script,
                || suite::one_each(place, &workload, options.batch, jobs),
            )?;
        }
        let two_with_one = |what: &str, with: &dyn Fn(usize) -> Command| {
            let what = format!(
                "{} submissions: {what} in the script's place",
                options.batch
            );
            row(&what, options.batch_pairs, || with(1), || with(2))
        };
        noisy |= two_with_one("2 jobs, with 1 job", &|jobs| {
            suite::batch(place, &workload, options.batch, jobs)
        })?;
        // What two cores of this machine are worth to anybody.
        noisy |= two_with_one("two scripts at a time, with one at a time", &|jobs| {
            suite::script_batch(place, &workload, options.batch, jobs)
        })?;
        println!();
        for harness in missing {
            println!(
                "Not compared: {}: {}.",
                harness.name,
                harness.missing.unwrap_or_default()
            );
        }
        println!();
    }
    if noisy {
        println!(
            "This is no result: the machine is busy. Rows marked `noisy` have ratios whose middle half spans more than a tenth."
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// A harness that does not notice the difference measures nothing.
fn control(place: &Place, harness: &Harness) -> anyhow::Result<()> {
    let right = harness
        .command(Which::Right)
        .output()
        .with_context(|| harness.name.clone())?;
    ensure!(
        right.status.success(),
        "{} on {} fails a program that is right:\n{}{}",
        harness.name,
        place.name,
        String::from_utf8_lossy(&right.stdout),
        String::from_utf8_lossy(&right.stderr)
    );
    let faulty = place
        .thrown_away(&harness.command(Which::Faulty))?
        .output()?;
    ensure!(
        !faulty.status.success(),
        "{} on {} passes a program without chroot:\n{}",
        harness.name,
        place.name,
        String::from_utf8_lossy(&faulty.stdout)
    );
    Ok(())
}

/// Measures and prints a row; whether it is noisy.
fn row(
    what: &str,
    pairs: usize,
    script: impl Fn() -> Command,
    subject: impl Fn() -> Command,
) -> anyhow::Result<bool> {
    let spent = Cell::new(Duration::ZERO);
    let measured = || {
        let before = suite::processor_time()?;
        let took = timed(subject())?;
        spent.set(spent.get() + suite::processor_time()?.saturating_sub(before));
        Ok(took)
    };
    timed(script())?;
    timed(subject())?;
    let [comparison]: [Comparison; 1] =
        paired::against(|| timed(script()), [&measured], pairs.max(4))?;
    let Summary {
        lower,
        median,
        upper,
    } = comparison.subject;
    let cpu = milliseconds(spent.get()) / pairs.max(4) as f64;
    let memory = suite::memory_of(&subject())? as f64 / 1024.0;
    let noisy = comparison.is_noisy();
    println!(
        "| {what} | {median:.1} ms | {lower:.1} to {upper:.1} | {:.1} ms | {:.2} ({:.2} to {:.2}){} | {cpu:.1} ms | {memory:.1} MiB |",
        comparison.script.median,
        comparison.ratio.median,
        comparison.ratio.lower,
        comparison.ratio.upper,
        if noisy { " noisy" } else { "" }
    );
    Ok(noisy)
}

/// Runs a command that has to succeed: how long it took.
fn timed(mut command: Command) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).output();
    let took = began.elapsed();
    let output = output.with_context(|| format!("failed to run {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(took)
}

/// One run each: what grows, and what does not.
fn curves(place: &Place, workload: &Workload, counts: &[usize]) -> anyhow::Result<()> {
    println!(
        "| submissions | jobs | time | a submission | largest process | descriptors of the main process |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for count in counts {
        for jobs in [1, 2, 4, 8] {
            let command = suite::batch(place, workload, *count, jobs);
            let began = Instant::now();
            let most = suite::most_descriptors(command)?;
            let took = began.elapsed();
            let memory =
                suite::memory_of(&suite::batch(place, workload, *count, jobs))? as f64 / 1024.0;
            println!(
                "| {count} | {jobs} | {:.2} s | {:.1} ms | {memory:.1} MiB | {most} |",
                took.as_secs_f64(),
                milliseconds(took) / *count as f64
            );
        }
    }
    Ok(())
}
