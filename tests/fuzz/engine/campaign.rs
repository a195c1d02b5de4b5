//! Fuzzing targets side by side.

use super::coverage::{self, Lines};
use anyhow::{Context, bail, ensure};
use fuzz::Target;
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// An input that takes longer hangs the reader. It is told on a busy machine, hence generous.
const DEADLINE_S: u32 = 5;
/// Of the whole process, its corpus included.
const MOST_RSS_MB: u32 = 1024;

/// How long, and how many at a time.
#[derive(Debug, Clone, clap::Args)]
pub struct Effort {
    /// How long each target is fuzzed
    #[arg(long, default_value_t = 60)]
    pub seconds: u32,
    /// Targets side by side
    #[arg(long, default_value_t = 2)]
    pub jobs: usize,
    /// Where chance begins: the same number tries much the same inputs again. Without it each run tries others
    #[arg(long)]
    pub seed: Option<u32>,
    /// Where inputs that reached something new are kept, by target, and where finds are put
    #[arg(long, default_value = "target/fuzzing", value_name = "DIR")]
    pub corpus: PathBuf,
}

/// What becomes of lines that were not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// They are counted.
    Counted,
    /// They are listed, too.
    Listed,
}

/// What came of one target.
#[derive(Debug)]
pub struct Outcome {
    /// Inputs tried.
    pub executions: u64,
    /// The input that broke something, and what libFuzzer printed.
    pub found: Option<(PathBuf, String)>,
}

/// Fuzzes `targets` and prints a line for each.
///
/// # Errors
/// Finds; a target that tried nothing; one that reached less than `min_lines` percent of its lines.
pub fn run(
    targets: &[&'static Target],
    effort: &Effort,
    min_lines: u8,
    missing: Missing,
) -> anyhow::Result<()> {
    let this = std::env::current_exe()?;
    let failures = each(targets, effort.jobs, |target| {
        let outcome = fuzz(&this, target, effort)?;
        if let Some((input, printed)) = outcome.found {
            bail!(
                "{printed}\nthe input is {0}\nagain: fuzz replay {1} {0}",
                input.display(),
                target.name
            );
        }
        let lines = lines(&this, target, effort)?;
        let reached = lines.values().filter(|reached| **reached).count();
        let percent = 100.0 * reached as f64 / lines.len().max(1) as f64;
        println!(
            "{:10} {:>9} inputs  {:>4} s  {reached:>4} of {:>4} lines  {percent:5.1} %",
            target.name,
            outcome.executions,
            effort.seconds,
            lines.len()
        );
        if missing == Missing::Listed {
            print_missing(&lines);
        }
        ensure!(
            percent >= f64::from(min_lines),
            "only {percent:.1} % of the lines were reached, {min_lines} % are wanted"
        );
        Ok(())
    });
    ensure!(failures.is_empty(), "{}", failures.join("\n\n"));
    Ok(())
}

/// Does `work` for each target, `jobs` at a time. What failed, each with its target's name.
pub fn each(
    targets: &[&'static Target],
    jobs: usize,
    work: impl Fn(&'static Target) -> anyhow::Result<()> + Sync,
) -> Vec<String> {
    let targets: VecDeque<&'static Target> = match targets {
        [] => fuzz::all().iter().collect(),
        some => some.iter().copied().collect(),
    };
    let (queue, failures) = (Mutex::new(targets), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                while let Some(target) = next(&queue) {
                    if let Err(error) = work(target) {
                        let failure = format!("{}: {error:#}", target.name);
                        failures.lock().map(|mut all| all.push(failure)).ok();
                    }
                }
            });
        }
    });
    failures.into_inner().unwrap_or_default()
}

fn next(queue: &Mutex<VecDeque<&'static Target>>) -> Option<&'static Target> {
    queue.lock().ok()?.pop_front()
}

/// Fuzzes one target with the fuzzer at `program`.
///
/// # Errors
/// That it could not, or tried nothing.
pub fn fuzz(program: &Path, target: &Target, effort: &Effort) -> anyhow::Result<Outcome> {
    let (corpus, seeds) = directories(target, effort);
    let finds = effort.corpus.join("found").join(target.name);
    let _ = fs::remove_dir_all(&seeds);
    let _ = fs::remove_dir_all(&finds);
    for directory in [&corpus, &seeds, &finds] {
        fs::create_dir_all(directory)
            .with_context(|| format!("failed to make {}", directory.display()))?;
    }
    let recorded = fuzz::inputs(target.name)
        .into_iter()
        .map(|(_, input)| input);
    for (number, seed) in (target.seeds)().into_iter().chain(recorded).enumerate() {
        fs::write(seeds.join(number.to_string()), seed)?;
    }
    let options = [
        format!("-max_total_time={}", effort.seconds),
        // libFuzzer reads 0 as any.
        format!("-seed={}", effort.seed.unwrap_or(0)),
        format!("-timeout={DEADLINE_S}"),
        format!("-rss_limit_mb={MOST_RSS_MB}"),
        format!("-max_len={}", target.longest),
        format!("-artifact_prefix={}/", finds.display()),
        // Long real files are not worth waiting for, they are there from the start.
        "-len_control=0".into(),
        // Both weigh each of ten thousand counters after each input, which takes longer than to read it.
        "-entropic=0".into(),
        "-reduce_inputs=0".into(),
        "-print_final_stats=1".into(),
    ];
    let ended = Command::new(program)
        .args(["engine", target.name])
        .args([&corpus, &seeds])
        .args(options)
        // What broke says where; the trace is there when it is replayed.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("failed to start {}", program.display()))?;
    let printed = String::from_utf8_lossy(&ended.stderr).into_owned();
    let executions = printed
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"))
        .and_then(|count| count.trim().parse().ok())
        .unwrap_or(0);
    let find = fs::read_dir(&finds)?.flatten().next();
    if let Some(find) = find {
        return Ok(Outcome {
            executions,
            found: Some((find.path(), complaint(&printed))),
        });
    }
    ensure!(
        ended.status.success(),
        "libFuzzer ended with {}:\n{}",
        ended.status,
        complaint(&printed)
    );
    ensure!(
        executions > 0,
        "no input was tried:\n{}",
        complaint(&printed)
    );
    Ok(Outcome {
        executions,
        found: None,
    })
}

fn directories(target: &Target, effort: &Effort) -> (PathBuf, PathBuf) {
    let below = |name: &str| effort.corpus.join(name).join(target.name);
    (below("corpus"), below("seeds"))
}

/// What was printed from the panic on, without libFuzzer's progress.
fn complaint(printed: &str) -> String {
    let interesting = |line: &&str| !line.starts_with('#') && !line.starts_with("INFO:");
    let lines: Vec<&str> = printed.lines().filter(interesting).collect();
    let from = lines
        .iter()
        .position(|line| line.contains("panicked at") || line.contains("ERROR: libFuzzer"))
        .unwrap_or(lines.len().saturating_sub(20));
    let shown: Vec<&str> = lines[from..].iter().take(20).copied().collect();
    shown.join("\n")
}

fn lines(program: &Path, target: &Target, effort: &Effort) -> anyhow::Result<Lines> {
    let (corpus, seeds) = directories(target, effort);
    let ended = Command::new(program)
        .args(["lines", target.name])
        .args([&corpus, &seeds])
        .output()?;
    ensure!(
        ended.status.success(),
        "failed to count lines: {}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let lines = coverage::parse(&String::from_utf8_lossy(&ended.stdout));
    ensure!(!lines.is_empty(), "none of its lines is in the fuzzer");
    Ok(lines)
}

fn print_missing(lines: &Lines) {
    for ((file, line), _) in lines.iter().filter(|(_, reached)| !**reached) {
        println!("           {file}:{line}");
    }
}
