//! The Slurm recipe, on a real cluster of one node: tasks that are killed are started anew and go on, and the gradebook is that
//! of one machine.

#[path = "support/apart.rs"]
mod apart;
#[path = "slurm/cluster.rs"]
mod cluster;
#[path = "support/cohort/mod.rs"]
mod cohort;
#[path = "slurm/parts.rs"]
mod parts;

use cluster::Cluster;
use cohort::Cohort;
use nix::sys::signal::{Signal, kill};
use parts::{Part, Progress, Watch};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const RDGRADE: &str = env!("CARGO_BIN_EXE_rdgrade");

/// A level that takes little time, with a program for each way of failing it.
const LEVEL: &str = "level07";

/// As many as the recipe's array has tasks.
const PARTS: usize = 4;

/// The whole array with all that befalls it takes a fifth of it.
const LONGEST: Duration = Duration::from_secs(120);

#[test]
fn an_array_whose_tasks_are_killed_comes_to_the_gradebook_of_one_machine() {
    if let Some(why) = apart::why_not().map(str::to_owned).or_else(cluster::why_not) {
        return eprintln!("skipped: {why}");
    }
    apart::play("inner", "array", images());
}

/// A cache in which the level's images have been made.
fn images() -> &'static Path {
    static MADE: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    MADE.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slurm-cache");
        let mut command = Command::new(RDGRADE);
        command.args([LEVEL, "--reference", "-q"]).env("XDG_CACHE_HOME", &cache);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        cache.join("rdgrade")
    })
}

/// Alone in its namespaces. Not to be asked for by hand.
#[test]
#[ignore = "played by the other tests of this file"]
fn inner() {
    match apart::enter().as_deref() {
        None => eprintln!("skipped: there is no scenario"),
        Some("array") => array(),
        Some(other) => panic!("no scenario {other}"),
    }
}

fn array() {
    let class = Cohort::make(&[LEVEL], 32);
    let one = rdgrade(&class, &["grade", LEVEL, "--roster", "class.csv", "--quiet", "--report", "csv=one.csv"]);
    assert!(matches!(one.code(), Some(1 | 3)), "{one}");
    let one = fs::read_to_string(class.at("one.csv")).unwrap();
    assert_eq!(one, class.gradebook());

    write_recipe(&class);
    let mut cluster = Cluster::up(Path::new("/tmp/cluster"));
    let begun = Instant::now();
    let run = Run::submit(&cluster, &class);
    run.strike(&mut cluster);
    let waited = cluster.wait_for(&run.gradebook, LONGEST);
    eprintln!("{:?}", begun.elapsed());
    let told = || format!("{waited:?}\n{}", run.logs());
    let state = cluster.field(&run.gradebook, "JobState");
    assert_eq!(state, "COMPLETED", "{}\n{}", told(), cluster.log());
    assert_eq!(fs::read_to_string(class.at("gradebook.csv")).unwrap(), one, "{}", told());
    assert!(class.at("report/index.html").exists(), "{}", told());
    eprintln!("{}", told());
}

fn rdgrade(class: &Cohort, words: &[&str]) -> std::process::ExitStatus {
    let mut command = Command::new(RDGRADE);
    command.args(words).current_dir(class.folder.path()).env("XDG_CACHE_HOME", "/tmp/cache");
    command.status().unwrap()
}

fn write_recipe(class: &Cohort) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("runner/recipe/slurm");
    for name in ["submit.sh", "grade.sbatch", "gradebook.sbatch"] {
        let text = fs::read_to_string(from.join(name)).unwrap();
        fs::write(class.at(name), text.replace("grade all", &format!("grade {LEVEL}"))).unwrap();
    }
    fs::set_permissions(class.at("submit.sh"), fs::Permissions::from_mode(0o755)).unwrap();
}

/// A class that is being graded.
struct Run<'a> {
    class: &'a Cohort,
    array: String,
    gradebook: String,
    watch: Watch,
    parts: Vec<Part>,
}

impl Run<'_> {
    fn submit<'a>(cluster: &Cluster, class: &'a Cohort) -> Run<'a> {
        let results = class.at("results");
        fs::create_dir(&results).unwrap();
        let watch = Watch::on(&results);
        let path = format!("{}:{}", Path::new(RDGRADE).parent().unwrap().display(), std::env::var("PATH").unwrap());
        let mut submit = cluster.command(class.at("submit.sh"));
        let output = submit.env("PATH", path).env("XDG_CACHE_HOME", "/tmp/cache").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        let mut numbers = said.split(|letter: char| !letter.is_ascii_digit()).filter(|word| !word.is_empty());
        let mut next = || numbers.next().unwrap_or_else(|| panic!("{said}")).to_owned();
        let (array, gradebook) = (next(), next());
        let part = |index: usize| Part::at(results.join(format!("part-{index}.jsonl")));
        Run { class, array, gradebook, watch, parts: (1..=PARTS).map(part).collect() }
    }

    fn logs(&self) -> String {
        let mut logs = String::new();
        for entry in fs::read_dir(self.class.at("results")).unwrap().flatten() {
            if entry.path().extension().is_some_and(|extension| extension == "log") {
                let text = fs::read_to_string(entry.path()).unwrap();
                logs += &format!("{}:\n{text}\n", entry.path().display());
            }
        }
        logs
    }

    fn strike(&self, cluster: &mut Cluster) {
        let until = Instant::now() + LONGEST;
        let mut struck = [false; PARTS];
        while struck[..3].contains(&false) {
            assert!(self.watch.changed(until), "{}\n{}", self.logs(), cluster.log());
            for index in 0..3 {
                let Some(progress) = self.parts[index].progress() else { continue };
                if struck[index] || !progress.is_midway() {
                    continue;
                }
                eprintln!("{index} {progress:?}");
                struck[index] = true;
                let task = format!("{}_{}", self.array, index + 1);
                match index {
                    0 => drop(cluster.control(&["requeue", &task])),
                    1 => kill(self.parts[index].writer().unwrap(), Signal::SIGKILL).unwrap(),
                    _ => assert!(cluster.command("scancel").args(["--batch", "--signal=USR1", &task]).status().unwrap().success()),
                }
            }
        }
    }
}
