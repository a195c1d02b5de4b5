//! The Slurm recipe, on a real cluster of one node: tasks that are killed are started anew and go on, and the gradebook is that
//! of one machine.

#[path = "support/apart.rs"]
mod apart;
#[path = "slurm/cluster.rs"]
mod cluster;
#[path = "support/cohort/mod.rs"]
mod cohort;
#[path = "slurm/daemon.rs"]
mod daemon;
#[path = "slurm/ground.rs"]
mod ground;
#[path = "slurm/parts.rs"]
mod parts;
#[path = "slurm/run.rs"]
mod run;

use cluster::Cluster;
use cohort::members::{self, Kind};
use cohort::once::durations;
use cohort::{Cohort, Definition};
use parts::Progress;
use run::{Desk, Run};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A level that takes little time, with a program for each way of failing it.
const LEVEL: &str = "level07";

/// Enough for a part to be struck in the middle, twice.
const SIZE: usize = 28;

#[test]
fn an_array_whose_tasks_are_killed_comes_to_the_gradebook_of_one_machine() {
    let why_not = apart::why_not().map(str::to_owned);
    if let Some(why) = why_not.or_else(cluster::why_not).or_else(run::why_not) {
        return eprintln!("skipped: {why}");
    }
    apart::play("inner", "array", images());
}

/// A cache in which the level's images have been made.
fn images() -> &'static Path {
    static MADE: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    MADE.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slurm-cache");
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdgrade"));
        command
            .args([LEVEL, "--reference", "-q"])
            .env("XDG_CACHE_HOME", &cache);
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

/// What befalls the tasks of the array, in the order of the parts. The fourth one is left alone until the node's power is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    /// Somebody more important needs the node, or an administrator drains it: Slurm sends SIGTERM to all there is.
    Preempted,
    /// As the kernel does it when memory is short: rdgrade alone, without warning.
    Killed,
    /// Slurm says that the time is nearly up.
    OutOfTime,
}

const BLOWS: [Blow; 3] = [Blow::Preempted, Blow::Killed, Blow::OutOfTime];

fn array() {
    let desk = Desk::lay(class());
    let class = &desk.class;
    let one = one_machine(&desk);
    assert_eq!(
        one,
        class.gradebook(),
        "one machine should come to what the definitions say"
    );

    let mut cluster = Cluster::up(Path::new("/tmp/cluster"));
    let run = Run::submit(&cluster, &desk, LEVEL);
    strike(&run, &mut cluster);
    let mut kept = BTreeMap::new();
    let mut before = 0;
    for (index, blow) in BLOWS.into_iter().enumerate() {
        let progress = run.parts[index].progress().unwrap();
        // It was struck when there was something, and the file tells, whatever the time is, that it is not all.
        assert!(
            progress.done < progress.of,
            "{blow:?} came too late: {progress:?}"
        );
        kept.extend(durations(&run.parts[index].text()));
        if blow == Blow::Killed {
            before = progress.checks;
        }
    }
    run.until(&mut cluster, "the killed task goes on", |run, _| {
        run.parts[1]
            .progress()
            .is_some_and(|progress| progress.checks > before)
    });
    cluster.crash_node();
    let crashed = run.parts[1].progress().unwrap();
    assert!(
        crashed.is_midway(),
        "the node crashed too late: {crashed:?}"
    );
    kept.extend(run.parts.iter().flat_map(|part| durations(&part.text())));

    cluster.wait_for(&run.gradebook, run::LONGEST);
    let told = run.logs() + &cluster.log();
    assert_eq!(
        cluster.field(&run.gradebook, "JobState"),
        "COMPLETED",
        "{told}"
    );
    assert_eq!(
        fs::read_to_string(class.at("marks.csv")).unwrap(),
        one,
        "{told}"
    );
    assert!(class.at("report/index.html").exists(), "{told}");

    let restarts: Vec<u32> = (1..=run.parts.len())
        .map(|task| {
            cluster
                .field(&format!("{}_{task}", run.array), "Restarts")
                .parse()
                .unwrap()
        })
        .collect();
    assert!(
        restarts[0] >= 1 && restarts[1] == 2 && restarts[2] >= 1,
        "{restarts:?}\n{told}"
    );
    let after = durations(&fs::read_to_string(class.at("class.results.jsonl")).unwrap());
    for (check, duration) in kept {
        assert_eq!(
            after.get(&check),
            Some(&duration),
            "{check} was graded twice\n{told}"
        );
    }
    println!("restarts {restarts:?}, crashed at {crashed:?}");
}

/// Of every kind but those for whom a step takes its whole deadline: who hangs, and who forges a shell.
fn class() -> Cohort {
    let mut members = members::all(&Definition::load(), &[LEVEL], 2 * SIZE);
    members.retain(|member| !matches!(member.kind, Kind::Hanging { .. } | Kind::Forging { .. }));
    members.truncate(SIZE);
    let folder = tempfile::TempDir::with_prefix("rdgrade-slurm-").unwrap();
    Cohort::of(&[LEVEL], folder, members)
}

/// The gradebook that one machine comes to.
fn one_machine(desk: &Desk) -> String {
    let mut command = desk.command("rdgrade");
    command.args(["grade", LEVEL, "--roster", "class.csv", "--jobs", "8"]);
    command.args(["--timeout", run::DEADLINE, "--report", "csv=one.csv"]);
    let output = command.output().unwrap();
    assert!(matches!(output.status.code(), Some(1 | 3)), "{output:?}");
    fs::read_to_string(desk.class.at("one.csv")).unwrap()
}

/// Strikes each of the first parts when it is midway, and waits until they have ended.
fn strike(run: &Run, cluster: &mut Cluster) {
    let mut struck = BTreeMap::new();
    run.until(cluster, "parts are midway", |run, cluster| {
        for (index, blow) in BLOWS.into_iter().enumerate() {
            let midway = run.parts[index].progress().is_some_and(Progress::is_midway);
            if midway && !struck.contains_key(&index) {
                let ending = run.strike(cluster, index, blow);
                struck.insert(
                    index,
                    ending.unwrap_or_else(|| panic!("{blow:?} came too late")),
                );
            }
        }
        struck.len() == BLOWS.len()
    });
    let ending: Vec<_> = struck.into_values().collect();
    assert!(run.all_end(&ending), "{}", run.logs());
}
