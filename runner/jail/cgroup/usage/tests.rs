//! What Linux writes into the files of a group whose limits were met, and of groups that a submission made below it.

use super::*;
use rstest::rstest;
use std::fs;
use tempfile::TempDir;

/// Directories that look like groups, and the topmost of them opened.
fn recorded(files: &[(&str, &str)]) -> (TempDir, Group) {
    let top = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = top.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let opened = fs::File::open(top.path()).unwrap();
    (top, Group::of(opened.into()))
}

const ALL_EVENTS: &str = "low 0\nhigh 0\nmax 41\noom 3\noom_kill 2\noom_group_kill 0\n";
const OWN_EVENTS: &str = "low 0\nhigh 0\nmax 12\noom 1\noom_kill 0\noom_group_kill 0\n";

/// Two of the three refusals were for limits that the submission set below: they are none of ours.
#[test]
fn version_2_counts_what_memory_the_jails_own_limit_refused() {
    let (_top, group) = recorded(&[
        ("memory.events", ALL_EVENTS),
        ("memory.events.local", OWN_EVENTS),
    ]);
    let reading = memory_2(&group).unwrap();
    assert_eq!(reading.limit, Limit::Memory);
    assert_eq!(reading.used, Used::Refused(1));
    assert_eq!(
        reading.evidence,
        ["memory.events.local: oom 1", "memory.events: oom_kill 2"]
    );
}

#[test]
fn version_2_without_a_refusal_has_none() {
    let quiet = "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n";
    let (_top, group) = recorded(&[("memory.events", quiet), ("memory.events.local", quiet)]);
    let reading = memory_2(&group).unwrap();
    assert_eq!(reading.used, Used::Refused(0));
}

/// Before Linux 5.2 nobody tells own refusals from others.
#[test]
fn version_2_without_counts_of_its_own_says_nothing() {
    let (_top, group) = recorded(&[("memory.events", ALL_EVENTS)]);
    assert_eq!(memory_2(&group), None);
}

#[rstest]
#[case::counted_at_the_limit(
    &[("pids.events", "max 90\n"), ("pids.events.local", "max 7\n"), ("below/pids.events", "max 83\n"), ("below/pids.max", "max\n")],
    7)]
#[case::counted_where_somebody_forked(
    &[("pids.events", "max 2\n"), ("below/pids.events", "max 5\n"), ("below/pids.max", "max\n")],
    7)]
#[case::a_limit_of_the_submissions_own_counts_for_nothing(
    &[("pids.events", "max 2\n"),
      ("a/pids.events", "max 5\n"), ("a/pids.max", "max\n"),
      ("a/b/pids.events", "max 100\n"), ("a/b/pids.max", "10\n"),
      ("a/b/c/pids.events", "max 50\n"), ("a/b/c/pids.max", "max\n")],
    7)]
#[case::nobody_was_refused(&[("pids.events", "max 0\n"), ("pids.events.local", "max 0\n")], 0)]
#[case::nothing_is_counted(&[], 0)]
fn refused_forks(#[case] files: &[(&str, &str)], #[case] refused: u64) {
    let (_top, group) = recorded(files);
    let reading = processes(&group).unwrap();
    assert_eq!(reading.limit, Limit::Processes);
    assert_eq!(reading.used, Used::Refused(refused));
    assert_eq!(reading.evidence, [format!("pids.events: max {refused}")]);
}

#[test]
fn version_2_counts_cpu_time_in_microseconds() {
    let (_top, group) = recorded(&[(
        "cpu.stat",
        "usage_usec 1250000\nuser_usec 1000000\nsystem_usec 250000\nnice_usec 0\n",
    )]);
    assert_eq!(
        cpu_time_2(&group),
        Some((
            Duration::from_millis(1250),
            "cpu.stat: usage_usec 1250000".to_owned()
        ))
    );
}

/// Of version 1: newer kernels count a met limit by nothing but the most that was used.
#[rstest]
#[case::met(64 << 20, Some(2))]
#[case::not_met(32 << 20, None)]
fn version_1_knows_a_limit_that_was_met_by_the_most_that_was_used(
    #[case] most: u64,
    #[case] kills: Option<u64>,
) {
    let most = most.to_string();
    let (_top, group) = recorded(&[
        ("memory.limit_in_bytes", "67108864\n"),
        ("memory.max_usage_in_bytes", &most),
        (
            "memory.oom_control",
            "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
        ),
    ]);
    let used = memory_1(&group, 64 << 20).map(|reading| reading.used);
    assert_eq!(used, kills.map(Used::Refused));
}
