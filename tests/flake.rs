//! Verdicts do not depend on what else the machine does.
//!
//! `RDGRADE_FLAKE_RUNS=200 cargo test --release --test flake` plays two hundred runs of each program; without it there are five.

#[path = "support/graded.rs"]
mod graded;

use graded::{Checked, Graded, RDGRADE, fixture};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A shell that does nothing as fast as it can, one for each processor; ended when dropped.
struct Busy(Vec<Child>);

impl Busy {
    fn all_processors() -> Self {
        let count = std::thread::available_parallelism().unwrap().get();
        let spin = |processor| {
            let child = Command::new("/bin/sh")
                .args(["-c", "while :; do :; done"])
                .spawn()
                .unwrap();
            let mut only = CpuSet::new();
            only.set(processor).unwrap();
            // Where this processor is not ours to use, the shell spins on another.
            let _ = sched_setaffinity(Pid::from_raw(child.id() as i32), &only);
            child
        };
        Busy((0..count).map(spin).collect())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        // They are our children, not waited for yet: their ids cannot have been given to others.
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The solved shell program with one edit.
fn fault(directory: &Path, name: &str, from: &str, to: &str) -> PathBuf {
    let solved = fs::read_to_string(fixture("solved.sh")).unwrap();
    let text = solved.replacen(from, to, 1);
    assert_ne!(text, solved, "{from} is not in the solved program any more");
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn verdicts(graded: &Graded) -> BTreeMap<String, Checked> {
    assert_eq!(graded.checks.len(), 10, "{graded:#?}");
    graded.checks.clone()
}

#[test]
fn verdicts_are_the_same_while_the_machine_is_busy() {
    let runs: usize = std::env::var("RDGRADE_FLAKE_RUNS")
        .ok()
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(5);
    let directory = TempDir::new().unwrap();
    let programs = [
        PathBuf::from("--reference"),
        fault(
            directory.path(),
            "no-sys.sh",
            "mount -t sysfs sysfs \"$root/sys\" || exit 1\n",
            "",
        ),
        fault(
            directory.path(),
            "no-chroot.sh",
            "exec chroot \"$@\"",
            "shift && exec \"$@\"",
        ),
    ];
    // Seen before the machine is busy: these are the verdicts to be had each time.
    let start = |program: &Path, options: &[&str]| {
        let mut command = Command::new(RDGRADE);
        command.args(["level01", "--report", "json"]).arg(program);
        command.args(options);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let finish = |child: Child| Graded::of(&child.wait_with_output().unwrap());
    let expected = programs
        .each_ref()
        .map(|program| verdicts(&finish(start(program, &[]))));
    assert!(
        expected[0].values().all(|checked| checked.status == "pass"),
        "{expected:#?}"
    );
    assert!(
        expected[1..]
            .iter()
            .all(|verdicts| verdicts.values().any(|checked| checked.status == "fail"))
    );

    let _busy = Busy::all_processors();
    let mut others: BTreeMap<String, usize> = BTreeMap::new();
    let mut compare = |which: usize, seen: &Graded| {
        for (id, checked) in &verdicts(seen) {
            if expected[which].get(id) != Some(checked) {
                let reason = &seen.check(id)["reason"];
                let what = format!("{}: {id}: {checked:?}: {reason}", programs[which].display());
                *others.entry(what).or_default() += 1;
            }
        }
    };
    let turns: Vec<usize> = (0..runs).flat_map(|_| 0..programs.len()).collect();
    for pair in turns.chunks(2) {
        // With one job it stays on one core, and one of the shells does as well.
        let options: [&[&str]; 2] = [&[], &["--jobs", "1"]];
        let children: Vec<_> = pair
            .iter()
            .zip(options)
            .map(|(which, options)| (*which, start(&programs[*which], options)))
            .collect();
        for (which, child) in children {
            compare(which, &finish(child));
        }
    }
    assert!(
        others.is_empty(),
        "of {runs} runs each, other verdicts: {others:#?}\nexpected: {expected:#?}"
    );
}
