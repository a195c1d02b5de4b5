//! Others on the same host, and those that die without a word.

use crate::apart;
use crate::graded::RDGRADE;
use crate::run::{children, command, ends, finish, start, stopped};
use crate::traces::Traces;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use rdgrade::jail::sys::pidfd_open;
use std::fs;
use std::io::{BufRead, Read};

pub fn neighbour() {
    let before = Traces::now(&apart::EMPTY);
    let mut elsewhere = command("unshare", "level01", "/tmp/cache")
        .env("RDGRADE_STOP_AT", "create")
        .spawn()
        .unwrap();
    let (mut said, mut line) = stopped(&mut elsewhere, "create");
    let groups = Traces::now(&apart::EMPTY).groups;
    if groups == before.groups {
        eprintln!("skipped: this host offers no cgroups");
    }
    let here = start("level01", "/tmp/cache");
    let status = here.wait_with_output().unwrap();
    assert!(status.status.success(), "{status:?}");
    assert_eq!(
        Traces::now(&apart::EMPTY).groups,
        groups,
        "a neighbour's groups were swept"
    );
    // Each of its processes waits for this test once; SIGCONT is blocked before it says so, hence not lost.
    while line.contains("stopped at create") {
        for (pid, _, name) in Traces::now(&[]).processes {
            if name.ends_with("(rdgrade") {
                let _ = kill(Pid::from_raw(pid), Signal::SIGCONT);
            }
        }
        line.clear();
        said.read_line(&mut line).unwrap();
    }
    let mut rest = line;
    said.read_to_string(&mut rest).unwrap();
    let status = elsewhere.wait().unwrap();
    assert!(status.success(), "{status:?}\n{rest}");
    while !matches!(waitpid(None, None), Err(Errno::ECHILD)) {}
    let _ = fs::remove_file("/tmp/cache/report.json");
    Traces::now(&apart::EMPTY).assert_same_as(&before, "two side by side");
}

pub fn bereft() {
    // One job has a process that plays alone; two have workers, of whom two play.
    bereft_of(1);
    bereft_of(2);
}

fn bereft_of(jobs: usize) {
    let before = Traces::now(&apart::EMPTY);
    let mut command = command(RDGRADE, "level01", "/tmp/cache");
    let number = jobs.to_string();
    command
        .args(["--jobs", &number])
        .env("RDGRADE_STOP_AT", "play");
    let mut run = command.spawn().unwrap();
    let (mut said, mut line) = stopped(&mut run, "play");
    for _ in 1..jobs {
        line.clear();
        said.read_line(&mut line).unwrap();
        assert!(line.contains("stopped at play"), "{line}");
    }
    run.stderr = Some(said.into_inner());
    let main = Pid::from_raw(run.id() as i32);
    let stage = children(main)[0];
    let workers = match jobs {
        1 => Vec::new(),
        _ => children(stage),
    };
    // The first plays the first check, in a jail that ends after it has said what came of it.
    let first = workers.first().copied().unwrap_or(stage);
    let jail = pidfd_open(children(first)[0]).unwrap();
    let doomed: Vec<_> = [stage]
        .iter()
        .chain(&workers)
        .map(|pid| pidfd_open(*pid).unwrap())
        .collect();
    kill(main, Signal::SIGSTOP).unwrap();
    waitpid(main, Some(WaitPidFlag::WUNTRACED)).unwrap();
    kill(first, Signal::SIGCONT).unwrap();
    assert!(ends(&jail), "the jail of the first check stays");
    kill(stage, Signal::SIGKILL).unwrap();
    assert!(doomed.iter().all(ends), "its workers outlive the stage");
    let graded = pidfd_open(main).unwrap();
    kill(main, Signal::SIGCONT).unwrap();
    if !ends(&graded) {
        run.kill().unwrap();
        panic!("it waits for those that are dead");
    }
    let (code, said) = finish(run);
    assert_eq!(code, Some(3), "{said}");
    Traces::now(&apart::EMPTY)
        .without_empty_groups()
        .assert_same_as(&before.without_empty_groups(), "all dead at once");
}
