//! The harnesses, and how each is run.

use super::peers;
use super::place::Place;
use super::workload::Workload;
use anyhow::{Context, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const RDGRADE: &str = env!("CARGO_BIN_EXE_rdgrade");
const SUITES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/harnesses/suites");
/// The four scenarios, as rdgrade knows them.
const CHECKS: &str = "level01/missing-binary-without-image,level01/sees-the-image,level01/isolated-test-file,level01/proc-mounts-differ";

/// Which program is graded.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    /// The one that is right.
    Right,
    /// The one without chroot(2).
    Faulty,
}

/// A harness.
pub struct Harness<'a> {
    /// For people.
    pub name: String,
    /// Why it cannot be compared here.
    pub missing: Option<String>,
    place: &'a Place,
    workload: &'a Workload,
    words: Vec<String>,
}

/// Every harness, those that are not installed too.
pub fn all<'a>(place: &'a Place, workload: &'a Workload) -> Vec<Harness<'a>> {
    let suite = |name: &str| format!("{SUITES}/{name}");
    let table: [(&str, &[&str], String); 4] = [
        ("bats", &["bats"], suite("level01.bats")),
        (
            "pytest",
            &["pytest", "-q", "-p", "no:cacheprovider"],
            suite("test_level01.py"),
        ),
        ("cram", &["cram", "--shell=/bin/bash"], suite("level01.t")),
        ("check50", &["check50", "--dev"], suite("check50")),
    ];
    let harness = |name: String, words: Vec<String>, missing| Harness {
        name,
        missing,
        place,
        workload,
        words,
    };
    let mut all = Vec::new();
    for jobs in ["1", "2"] {
        all.push(harness(
            format!("rdgrade, {jobs} jobs"),
            vec!["rdgrade".to_owned(), jobs.to_owned()],
            None,
        ));
    }
    for (name, words, file) in table {
        let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let missing = match found(&words[0]) {
            Some(path) => {
                words[0] = path.display().to_string();
                None
            }
            None => Some("it is not installed".to_owned()),
        };
        words.push(file);
        all.push(harness(name.to_owned(), words, missing));
    }
    for (name, peer) in peers::all() {
        let (words, missing) = match peer {
            Ok(words) => (words, None),
            Err(reason) => (Vec::new(), Some(format!("{reason:#}"))),
        };
        all.push(harness(name.to_owned(), words, missing));
    }
    all
}

pub(super) fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(program))
        .find(|file| file.is_file())
}

impl Harness<'_> {
    /// The command that grades.
    pub fn command(&self, which: Which) -> Command {
        let program = match which {
            Which::Right => &self.workload.right,
            Which::Faulty => &self.workload.faulty,
        };
        if self.words[0] == "rdgrade" {
            let mut command = rdgrade(self.place, self.workload);
            command.arg(program).args(["--jobs", &self.words[1]]);
            return command;
        }
        let mut command = typed(self.place, self.workload, program, &self.words[0]);
        command.args(&self.words[1..]);
        command
    }

    /// The script, doing the same.
    pub fn script(&self, which: Which) -> Command {
        let program = match which {
            Which::Right => &self.workload.right,
            Which::Faulty => &self.workload.faulty,
        };
        let mut command = typed(self.place, self.workload, program, "sh");
        command.arg(format!("{SUITES}/plain.sh"));
        command
    }
}

/// rdgrade, for the four checks.
fn rdgrade(place: &Place, workload: &Workload) -> Command {
    let mut command = Command::new(RDGRADE);
    command
        .env("XDG_CACHE_HOME", place.path().join("cache"))
        .env("TMPDIR", place.path().join("tmp"));
    command
        .args(["grade", CHECKS, "--image"])
        .arg(format!("ubuntu={}/ubuntu.tar", workload.images.display()));
    command
}

/// A harness that has no jail and learns from its environment where everything is.
fn typed(place: &Place, workload: &Workload, program: &Path, word: &str) -> Command {
    let mut command = Command::new(word);
    command
        .current_dir(place.path().join("tmp"))
        .env("TMPDIR", place.path().join("tmp"))
        .env("CONTAINERS", place.path().join("containers"))
        .env("RD", program)
        .env("IMAGES", &workload.images)
        .env("SKELETON", &workload.skeleton)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// The script, once for each submission of a batch.
pub fn script_batch(place: &Place, workload: &Workload, count: usize, jobs: usize) -> Command {
    let mut command = typed(place, workload, &workload.right, "sh");
    command.args([
        "-c",
        "seq \"$1\" | xargs -P \"$2\" -n 1 sh \"$3\"",
        "sh",
        &count.to_string(),
        &jobs.to_string(),
    ]);
    command.arg(format!("{SUITES}/plain.sh"));
    command
}

/// rdgrade, once for a whole batch.
pub fn batch(place: &Place, workload: &Workload, count: usize, jobs: usize) -> Command {
    let mut command = rdgrade(place, workload);
    command
        .args(["--quiet", "--jobs", &jobs.to_string()])
        .args(&workload.batch[..count]);
    command
}

/// rdgrade, once for each submission of a batch.
pub fn one_each(place: &Place, workload: &Workload, count: usize, jobs: usize) -> Command {
    let one = rdgrade(place, workload);
    let mut command = Command::new("sh");
    for (key, value) in one.get_envs() {
        command.env(key, value.unwrap_or_default());
    }
    let script = "batch=$1 jobs=$2 count=$3; shift 3; seq 0 $((count - 1)) | xargs -P \"$jobs\" -I{} \"$@\" --quiet --jobs 1 \"$batch/{}/rd\"";
    let batch = workload.right.with_file_name("batch");
    command
        .args(["-c", script, "sh"])
        .arg(batch)
        .args([jobs.to_string(), count.to_string()]);
    command.arg(one.get_program()).args(one.get_args());
    command
}

/// Processor time of all children so far.
pub fn processor_time() -> anyhow::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).context("failed to ask for the time used")?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(micros as u64))
}

/// KiB of the largest process a command needs. Asked for in a process of its own: the kernel tells the largest child so far.
pub fn memory_of(command: &Command) -> anyhow::Result<u64> {
    let mut apart = Command::new(std::env::current_exe().context("failed to find the benchmark")?);
    apart
        .arg("--memory")
        .arg(command.get_program())
        .args(command.get_args());
    for (key, value) in command.get_envs() {
        apart.env(key, value.unwrap_or_default());
    }
    if let Some(directory) = command.get_current_dir() {
        apart.current_dir(directory);
    }
    let said = apart.output().context("failed to measure memory")?;
    let text = String::from_utf8_lossy(&said.stdout);
    text.trim()
        .parse()
        .with_context(|| format!("failed to measure memory: {text}"))
}

/// See [`memory_of`].
pub fn largest(program: &str, words: &[String]) -> anyhow::Result<i64> {
    let status = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ensure!(
        status
            .with_context(|| format!("failed to run {program}"))?
            .success(),
        "{program} failed"
    );
    Ok(getrusage(UsageWho::RUSAGE_CHILDREN)
        .context("failed to ask for the memory used")?
        .max_rss())
}

/// Runs a command; the most descriptors its process had whenever it was looked at.
pub fn most_descriptors(mut command: Command) -> anyhow::Result<usize> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .context("failed to run rdgrade")?;
    let descriptors = format!("/proc/{}/fd", child.id());
    let mut most = 0;
    let status = loop {
        most = most.max(fs::read_dir(&descriptors).map_or(0, Iterator::count));
        // A look now and then: each costs what is measured some time.
        std::thread::sleep(Duration::from_millis(5));
        if let Some(status) = child.try_wait()? {
            break status;
        }
    };
    ensure!(status.success(), "rdgrade failed");
    Ok(most)
}
