//! What a jail with all its limits costs: made, in its groups and behind its filter, and ended.
//!
//! `cargo bench --bench jail`, as root, on a quiet machine: `-- --jails N` for more of them.

#[allow(dead_code, reason = "the benchmark of a level uses the rest")]
mod machine;
#[allow(dead_code, reason = "the benchmark of a level uses the rest")]
mod paired;

use anyhow::{Context, bail, ensure};
use checks::limit::Limits;
use clap::Parser;
use nix::sys::wait::{WaitStatus, waitpid};
use paired::{Summary, milliseconds};
use rdgrade::jail::sys::{Fork, exit_now, fork};
use rdgrade::jail::{Ground, GroundPlan, Images, Jail};
use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::Instant;

/// Jails that warm up.
const WARM_UP: usize = 20;

/// The most the middle one may cost, in milliseconds.
const GOAL: f64 = 5.0;

/// Seconds after which the whole benchmark is hanging.
const TOO_LONG: u32 = 300;

/// Measures what a jail costs
#[derive(Parser)]
struct Options {
    /// Jails that are measured
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(200..))]
    jails: u32,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    // The default action of SIGALRM ends us, and every jail with us.
    nix::unistd::alarm::set(TOO_LONG);
    let times = measured(WARM_UP + options.jails as usize)?;
    let jail = Summary::of(times.into_iter().skip(WARM_UP).collect());
    println!("{}\n", machine::describe()?);
    println!("| {} jails | median | quartiles |", options.jails);
    println!("| --- | --- | --- |");
    println!(
        "| a jail with all limits, made and ended | {:.1} ms | {:.1} to {:.1} |",
        jail.median, jail.lower, jail.upper
    );
    if jail.median > GOAL {
        println!(
            "\nMore than {GOAL} ms: look for what has become dearer, or for what else this machine does."
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Milliseconds from before a jail's creation to after its end, for each of `count`. In a child: who prepares the ground leaves
/// the host's mount namespace.
fn measured(count: usize) -> anyhow::Result<Vec<f64>> {
    let (reader, writer) = nix::unistd::pipe().context("failed to make a pipe")?;
    match fork().context("failed to fork")? {
        Fork::Child => {
            drop(reader);
            let done = make(count, std::fs::File::from(writer));
            if let Err(error) = &done {
                eprintln!("{error:#}");
            }
            exit_now(i32::from(done.is_err()))
        }
        Fork::Parent(child) => {
            drop(writer);
            let mut text = String::new();
            std::fs::File::from(reader)
                .read_to_string(&mut text)
                .context("failed to read the times")?;
            match waitpid(child, None).context("failed to wait for the jails")? {
                WaitStatus::Exited(_, 0) => {}
                _ => bail!("no jails could be made"),
            }
            text.lines()
                .map(|line| line.parse().context("failed to read a time"))
                .collect()
        }
    }
}

fn make(count: usize, mut times: std::fs::File) -> anyhow::Result<()> {
    let images = tempfile::tempdir().context("failed to make a directory")?;
    let plan = GroundPlan {
        submission_bytes: 1 << 20,
        ..GroundPlan::default()
    };
    let path = images.path().to_owned();
    let ground = Ground::prepare(&plan, &[path])?;
    let shown = Images {
        index: 0,
        files: &[],
    };
    let limits = Limits::default();
    for _ in 0..count {
        let began = Instant::now();
        let jail = Jail::create(&ground, &shown, &limits)?;
        ensure!(jail.unmet.is_empty(), "{}", jail.unmet.join("; "));
        if let Err(why) = &jail.groups {
            bail!("no groups, no limits on memory and processes: {why}");
        }
        drop(jail);
        writeln!(times, "{}", milliseconds(began.elapsed()))?;
    }
    Ok(())
}
