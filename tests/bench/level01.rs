//! What grading costs: `rdgrade level01 --reference` against a shell script that does the same by hand.
//!
//! Both run in turns, so that whatever else the machine does hits both, and each run is compared with its neighbour.

mod machine;
mod measure;
mod paired;
mod workplace;

use anyhow::{Context, bail};
use clap::Parser;
use paired::{Comparison, Summary, milliseconds};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use workplace::Workplace;

/// The program that is measured.
const RDGRADE: &str = env!("CARGO_BIN_EXE_rdgrade");
/// The script it is measured against.
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/plain.sh");
/// Runs before anything counts: they fill the image cache and the page cache.
const WARM_UP: usize = 3;
/// The most the shipped command may cost, in runs of the script.
const GOAL: f64 = 1.25;
/// Seconds after which the whole benchmark is hanging.
const TOO_LONG: u32 = 900;

/// Measures what grading level 01 costs
#[derive(Parser)]
struct Options {
    /// Pairs of runs that are compared
    #[arg(long, default_value_t = 30)]
    pairs: usize,
    /// What this process is to measure of itself
    #[arg(long, hide = true)]
    measure: Option<measure::Measure>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if let Some(measure) = options.measure {
        measure.print()?;
        return Ok(ExitCode::SUCCESS);
    }
    if !nix::unistd::geteuid().is_root() {
        bail!(
            "the script has no jail, so it mounts and changes roots itself: run the benchmark as root"
        );
    }
    // The default action of SIGALRM ends us, and every run is a child whose output we read.
    nix::unistd::alarm::set(TOO_LONG);
    let workplace = Workplace::make()?;
    report(&workplace, options.pairs.max(4))
}

fn report(workplace: &Workplace, pairs: usize) -> anyhow::Result<ExitCode> {
    let images = workplace.images()?;
    let grade = |jobs: Option<&str>| {
        let mut command = workplace.command(RDGRADE);
        command.args(["level01", "--reference"]);
        if let Some(jobs) = jobs {
            command.args(["--jobs", jobs]);
        }
        command
    };
    let one_job = || graded(grade(Some("1")));
    let shipped = || graded(grade(None));
    let script = || {
        let mut command = workplace.command(SCRIPT);
        command
            .arg(RDGRADE)
            .args([&images.ubuntu, &images.skeleton, &workplace.containers]);
        typed(command)
    };
    for _ in 0..WARM_UP {
        one_job()?;
        script()?;
        shipped()?;
    }
    let [one_job, shipped] = paired::against(script, [&one_job, &shipped], pairs)?;
    let start = Summary::of(repeated(pairs, || Ok(timed(version(workplace))?.0))?);
    let nothing = Summary::of(repeated(pairs, || Ok(timed(workplace.command("true"))?.0))?);
    let jail = Summary::of(measure::jails(workplace)?);
    let memory = measure::memory(workplace)?;

    println!("{}\n", machine::describe()?);
    println!("| {pairs} pairs, in turns, on a tmpfs | median | quartiles | against the script |");
    println!("| --- | --- | --- | --- |");
    row("the script, no jail and no grading", &one_job.script, None);
    row(
        "`rdgrade level01 --reference --jobs 1`",
        &one_job.subject,
        Some(&one_job),
    );
    row(
        "`rdgrade level01 --reference`",
        &shipped.subject,
        Some(&shipped),
    );
    row("a jail made and ended", &jail, None);
    row("`rdgrade --version`", &start, None);
    row("`true`, for comparison", &nothing, None);
    println!(
        "\nThe largest process needs {:.1} MiB.",
        memory as f64 / 1024.0
    );
    verdict(&one_job, &shipped)
}

/// A benchmark on a busy machine proves nothing, whichever way it ends.
fn verdict(one_job: &Comparison, shipped: &Comparison) -> anyhow::Result<ExitCode> {
    if let Some(noisy) = [one_job, shipped]
        .into_iter()
        .find(|comparison| comparison.is_noisy())
    {
        println!(
            "\nThis is no result: the machine is busy. The middle half of the ratios spans {:.0} % of their median.",
            100.0 * noisy.ratio.spread()
        );
        return Ok(ExitCode::FAILURE);
    }
    if shipped.ratio.median > GOAL {
        println!("\nThe shipped command takes more than {GOAL} times as long as the script.");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn row(what: &str, summary: &Summary, comparison: Option<&Comparison>) {
    let ratio = comparison.map_or(String::new(), |comparison| {
        let Summary {
            lower,
            median,
            upper,
        } = comparison.ratio;
        format!("{median:.2} ({lower:.2} to {upper:.2})")
    });
    let Summary {
        lower,
        median,
        upper,
    } = summary;
    println!("| {what} | {median:.1} ms | {lower:.1} to {upper:.1} | {ratio} |");
}

fn version(workplace: &Workplace) -> Command {
    let mut command = workplace.command(RDGRADE);
    command.arg("--version");
    command
}

fn repeated(times: usize, once: impl Fn() -> anyhow::Result<Duration>) -> anyhow::Result<Vec<f64>> {
    (0..times).map(|_| once().map(milliseconds)).collect()
}

/// Runs a grading command; its time counts if it gave full points.
fn graded(command: Command) -> anyhow::Result<Duration> {
    let (took, printed) = timed(command)?;
    if !printed.contains("20 of 20") {
        bail!("the reference did not get all its points:\n{printed}");
    }
    Ok(took)
}

/// Runs the script; its time counts if it did the work of all ten checks: eleven containers, one without a shell.
fn typed(command: Command) -> anyhow::Result<Duration> {
    let (took, printed) = timed(command)?;
    let ended = |line: &&str| line.contains(" exited with status ");
    let (all, well) = (
        printed.lines().filter(ended),
        printed.lines().filter(|line| line.ends_with(" status 0")),
    );
    if (all.count(), well.count()) != (11, 10) {
        bail!("{SCRIPT} did not do its work:\n{printed}");
    }
    Ok(took)
}

/// Runs a command that has to succeed: how long it took, and what it printed.
fn timed(mut command: Command) -> anyhow::Result<(Duration, String)> {
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).output();
    let took = began.elapsed();
    let program = Path::new(command.get_program()).display();
    let output = output.with_context(|| format!("failed to run {program}"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!(
            "{program}: {}\n{printed}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok((took, printed))
}
