//! What a class costs: two jobs against one, in turns, and the memory of 20 and of 200 submissions.

#[path = "../support/cohort/mod.rs"]
mod cohort;
mod machine;
mod paired;
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod workplace;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use cohort::members::{Kind, Member, all};
use cohort::{Cohort, Definition};
use nix::sys::resource::{UsageWho, getrusage};
use paired::{Comparison, Summary};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};
use workplace::Workplace;

/// The program that is measured.
const RDGRADE: &str = env!("CARGO_BIN_EXE_rdgrade");
/// What the class is graded at: most of its faults are here.
const LEVEL: &str = "level01";
/// Submissions of a timed run.
const TIMED: usize = 12;
/// Two jobs must be so many times as fast as one.
const GOAL: f64 = 1.8;
/// 200 submissions may need so many times the memory of 20: what is kept of each is a line of the gradebook.
const FLAT: f64 = 1.1;
/// Seconds after which the whole benchmark is hanging.
const TOO_LONG: u32 = 1800;

/// Measures what grading a class costs
#[derive(Parser)]
struct Options {
    /// Pairs of runs that are compared
    #[arg(long, default_value_t = 8)]
    pairs: usize,
    /// Grade the class in this directory and print the memory it took
    #[arg(long, hide = true)]
    memory: Option<PathBuf>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if let Some(class) = options.memory {
        // In a process of its own that is small itself: what it forks begins with its memory.
        grade(Command::new(RDGRADE), &class, "2")?;
        let children =
            getrusage(UsageWho::RUSAGE_CHILDREN).context("failed to ask for the memory used")?;
        println!("{}", children.max_rss());
        return Ok(ExitCode::SUCCESS);
    }
    if !nix::unistd::geteuid().is_root() {
        bail!("the class is measured on a tmpfs of its own: run the benchmark as root");
    }
    // The default action of SIGALRM ends us, and every run is a child that we wait for.
    nix::unistd::alarm::set(TOO_LONG);
    report(&Workplace::make()?, options.pairs.max(4))
}

fn report(workplace: &Workplace, pairs: usize) -> anyhow::Result<ExitCode> {
    let few = class(workplace, 20)?;
    let many = class(workplace, 200)?;
    let timed = class(workplace, TIMED)?;
    let run = |jobs| grade(workplace.command(RDGRADE), timed.folder.path(), jobs);
    run("2")?;
    let (one, two) = (|| run("1"), || run("2"));
    let [speed] = paired::against(one, [&two], pairs)?;
    let memory = [memory(workplace, &few)?, memory(workplace, &many)?];

    println!("{}\n", machine::describe()?);
    println!(
        "| {pairs} pairs, in turns, {TIMED} submissions, on a tmpfs | median | quartiles | submissions a minute |"
    );
    println!("| --- | --- | --- | --- |");
    row("`--jobs 1`", &speed.script);
    row("`--jobs 2`", &speed.subject);
    let faster = Summary {
        lower: 1.0 / speed.ratio.upper,
        median: 1.0 / speed.ratio.median,
        upper: 1.0 / speed.ratio.lower,
    };
    let Summary {
        lower,
        median,
        upper,
    } = faster;
    println!("\nTwo jobs are {median:.2} times as fast as one ({lower:.2} to {upper:.2}).");
    let mib = memory.map(|kib| kib as f64 / 1024.0);
    println!(
        "The largest process needs {:.1} MiB for 20 submissions and {:.1} MiB for 200.",
        mib[0], mib[1]
    );
    Ok(verdict(&speed, median, mib[1] / mib[0]))
}

fn verdict(speed: &Comparison, faster: f64, growth: f64) -> ExitCode {
    if speed.is_noisy() {
        println!(
            "\nThis is no result: the machine is busy. The middle half of the ratios spans {:.0} % of their median.",
            100.0 * speed.ratio.spread()
        );
        return ExitCode::FAILURE;
    }
    if faster < GOAL {
        println!("\nTwo jobs are less than {GOAL} times as fast as one.");
        return ExitCode::FAILURE;
    }
    if growth > FLAT {
        println!("\nThe memory is not flat.");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn row(what: &str, summary: &Summary) {
    let Summary {
        lower,
        median,
        upper,
    } = summary;
    let rate = TIMED as f64 * 60_000.0 / median;
    println!("| {what} | {median:.0} ms | {lower:.0} to {upper:.0} | {rate:.0} |");
}

/// Those of the class who end by themselves: who hangs costs a deadline, whatever the jobs.
fn class(workplace: &Workplace, size: usize) -> anyhow::Result<Cohort> {
    let busy = |member: &Member| {
        !matches!(
            member.kind,
            Kind::Hanging { .. } | Kind::Broken(_) | Kind::Trouble { .. }
        )
    };
    let everybody = all(&Definition::load(), &[LEVEL], 200)
        .into_iter()
        .filter(busy);
    // Over again from the beginning, under other ids, where there are not enough.
    let mut members: Vec<Member> = everybody.cycle().take(size).collect();
    for (index, member) in members.iter_mut().enumerate() {
        member.id = format!("{index:03}-{}", member.id);
    }
    let folder = tempfile::TempDir::with_prefix_in("class-", &workplace.containers)
        .context("failed to make a directory for the class")?;
    Ok(Cohort::of(&[LEVEL], folder, members))
}

/// Grades a class from the beginning; its time counts if everybody was graded.
fn grade(mut command: Command, class: &Path, jobs: &str) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let output = command
        .args([
            "grade",
            LEVEL,
            "--roster",
            "class.csv",
            "--again",
            "-q",
            "--jobs",
            jobs,
        ])
        .args(["--report", "csv=marks.csv"])
        .current_dir(class)
        .stdin(Stdio::null())
        .output()
        .context("failed to run rdgrade")?;
    let took = began.elapsed();
    ensure!(
        output.status.code() == Some(1),
        "not everybody was graded:\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
    Ok(took)
}

/// KiB of memory (resident set) of the largest process.
fn memory(workplace: &Workplace, class: &Cohort) -> anyhow::Result<u64> {
    let mut command =
        workplace.command(std::env::current_exe().context("failed to find the benchmark")?);
    command.arg("--memory").arg(class.folder.path());
    let output = command.output().context("failed to run the benchmark")?;
    let printed = String::from_utf8_lossy(&output.stdout);
    printed.trim().parse().with_context(|| {
        format!(
            "failed to measure memory: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}
