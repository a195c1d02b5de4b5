//! What a process can measure only of itself: preparing the ground of jails costs it its mount namespace, and the kernel
//! tells the memory of children to their parent.

use super::paired::milliseconds;
use super::workplace::Workplace;
use super::{RDGRADE, timed};
use anyhow::Context;
use nix::sys::resource::{UsageWho, getrusage};
use rdgrade::image::{ImageStore, Mapping};
use rdgrade::jail::{Ground, GroundPlan, Images, Jail};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Jails made and ended; the first few warm up.
const JAILS: usize = 110;
const WARM_UP: usize = 10;

/// What is measured in a process of its own.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Measure {
    /// The time a jail takes to be made and to end.
    Jail,
    /// The memory of the largest process that grading needs.
    Memory,
}

impl Measure {
    /// Measures, and prints one number a line: milliseconds, or KiB.
    ///
    /// # Errors
    /// When a jail cannot be made, or grading fails.
    pub fn print(self) -> anyhow::Result<()> {
        match self {
            Measure::Jail => print_jails(),
            Measure::Memory => {
                let status = Command::new(RDGRADE)
                    .args(["level01", "--reference"])
                    .stdout(Stdio::null())
                    .status();
                anyhow::ensure!(
                    status.context("failed to run rdgrade")?.success(),
                    "rdgrade failed"
                );
                let children = getrusage(UsageWho::RUSAGE_CHILDREN)
                    .context("failed to ask for the memory used")?;
                println!("{}", children.max_rss());
                Ok(())
            }
        }
    }
}

/// Milliseconds from before a jail's creation to after its end, one for each jail.
///
/// # Errors
/// When no jail can be made.
pub fn jails(workplace: &Workplace) -> anyhow::Result<Vec<f64>> {
    numbers(workplace, "jail")
}

/// KiB of memory (resident set) of the largest process below `rdgrade level01 --reference`, itself included.
///
/// # Errors
/// When grading fails.
pub fn memory(workplace: &Workplace) -> anyhow::Result<u64> {
    numbers(workplace, "memory")?
        .first()
        .copied()
        .context("failed to measure memory")
}

fn numbers<T: std::str::FromStr>(workplace: &Workplace, what: &str) -> anyhow::Result<Vec<T>>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let mut command =
        workplace.command(std::env::current_exe().context("failed to find the benchmark")?);
    command.args(["--measure", what]);
    let (_, printed) = timed(command)?;
    printed
        .lines()
        .map(|line| {
            line.parse()
                .with_context(|| format!("failed to read {line}"))
        })
        .collect()
}

fn print_jails() -> anyhow::Result<()> {
    let store = ImageStore::open(&[])?;
    let directory = store.directory(&Mapping::new())?;
    let files: Vec<String> = directory
        .images
        .keys()
        .map(|name| format!("{name}.tar"))
        .collect();
    let plan = GroundPlan {
        submission_bytes: 1 << 20,
        ..GroundPlan::default()
    };
    let ground = Ground::prepare(&plan, &[directory.path])?;
    let images = Images {
        index: 0,
        files: &files,
    };
    for number in 0..JAILS {
        let began = Instant::now();
        drop(Jail::create(
            &ground,
            &images,
            &checks::limit::Limits::default(),
        )?);
        if number >= WARM_UP {
            println!("{}", milliseconds(began.elapsed()));
        }
    }
    Ok(())
}
