//! A program that hangs is waited for, and nobody waits with it.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::os::fd::AsFd;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const SOLVED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/level00/solved.py");
const CHECK: &str = "level00/reports-once";

/// Whose checks were finished, the first `count` of them in this order: in a class with one job, of `first` and five who have
/// solved the level.
fn finished(first: &str, timeout: &str, count: usize) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let mut roster = "id,path\nfirst,first.sh\n".to_owned();
    fs::write(folder.path().join("first.sh"), first).unwrap();
    for number in 0..5 {
        fs::copy(SOLVED, folder.path().join(format!("{number}.py"))).unwrap();
        roster.push_str(&format!("student{number},{number}.py\n"));
    }
    fs::write(folder.path().join("class.csv"), roster).unwrap();
    let journal = folder.path().join("all.jsonl");
    let watch = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK).unwrap();
    watch
        .add_watch(folder.path(), AddWatchFlags::IN_MODIFY)
        .unwrap();
    let mut rdgrade = Command::new(env!("CARGO_BIN_EXE_rdgrade"))
        .args(["grade", CHECK, "--roster", "class.csv", "-q"])
        .args([
            "--results",
            "all.jsonl",
            "--jobs",
            "1",
            "--timeout",
            timeout,
        ])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ids = loop {
        let mut changed = [PollFd::new(watch.as_fd(), PollFlags::POLLIN)];
        if poll(&mut changed, PollTimeout::from(60_000_u16)) == Ok(0) {
            // Nothing is written any more.
            break Vec::new();
        }
        let _ = watch.read_events();
        let text = fs::read_to_string(&journal).unwrap_or_default();
        let complete = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        let ids = complete.filter_map(|line| {
            let record: Value = serde_json::from_str(line).ok()?;
            Some(record.get("check")?["id"].as_str()?.to_owned())
        });
        let ids: Vec<String> = ids.take(count).collect();
        if ids.len() == count {
            break ids;
        }
    };
    kill(Pid::from_raw(rdgrade.id() as i32), Signal::SIGINT).unwrap();
    rdgrade.wait().unwrap();
    ids
}

#[test]
fn others_are_graded_while_one_hangs() {
    let order = finished("#!/bin/sh\nexec sleep 1000\n", "5m", 5);
    assert_eq!(order.len(), 5);
    assert!(!order.contains(&"first".to_owned()), "{order:?}");
}

#[test]
fn who_computes_keeps_the_place() {
    let order = finished("#!/bin/sh\nwhile :; do :; done\n", "5s", 1);
    assert_eq!(order, ["first"]);
}
