//! A limit that is exceeded is named with its value and its step, by the kernel's word, and nobody else suffers.

#[path = "support/graded.rs"]
mod graded;
#[path = "support/programs.rs"]
mod programs;

use assert_cmd::Command;
use graded::{Graded, LONGEST, RDGRADE, grade, rdgrade};
use programs::{Moment, misbehaving};
use rstest::rstest;
use std::fs;
use std::path::Path;

/// Whether jails get groups here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Groups {
    /// If the host has any.
    Used,
    /// The host has none that could be found.
    None,
}

/// `rdgrade level01 … --report json`, in a mount namespace without groups if need be.
fn level01(groups: Groups) -> Command {
    match groups {
        Groups::Used => rdgrade("level01"),
        Groups::None => {
            let mut command = Command::new("unshare");
            let without = "umount -R -l /sys/fs/cgroup && exec \"$@\"";
            command
                .args(["--mount", "--propagation", "private", "sh", "-c", without])
                .args(["sh", RDGRADE, "level01", "--report", "json"])
                .timeout(LONGEST);
            command
        }
    }
}

fn skipped() -> bool {
    let skip = !nix::unistd::geteuid().is_root();
    if skip {
        println!("skipped: needs root, for jails with groups");
    }
    skip
}

/// One check alone exceeds the limit: it fails for that, with the kernel's word, and the others are what they were.
#[track_caller]
fn assert_named(graded: &Graded, moment: Moment, limit: &str, word: &str) {
    assert_eq!(graded.checks.len(), 10, "{graded:#?}");
    for (id, checked) in &graded.checks {
        let check = graded.check(id);
        if id != moment.check() {
            assert_eq!(checked.status, "pass", "{id}: {check:#}");
            continue;
        }
        assert_eq!(checked.status, "fail", "{check:#}");
        let (name, value) = limit.split_once('=').unwrap();
        let reason = check["reason"].as_str().unwrap();
        let named = format!("limit {name} ({value})");
        assert!(
            reason.contains(&moment.place()) && reason.contains(&named),
            "{reason}"
        );
        assert_eq!(
            check["expected"],
            format!("to stay within {name}: {value}"),
            "{check:#}"
        );
        assert!(
            check["actual"].as_str().unwrap().contains(word),
            "{check:#}"
        );
        assert!(check["evidence"].to_string().contains(word), "{check:#}");
        assert!(check["hint"].as_str().unwrap().contains(name), "{check:#}");
    }
    assert_eq!(graded.code, Some(1));
}

/// More than 64 MiB of its own, and it keeps them.
const HOG: &str = r#"perl -e '$x = "x" x 100_000_000; sleep 1000'"#;
/// Forks until it may not any more.
const FORKS: &str =
    "perl -e 'for (1 .. 200) { my $child = fork; sleep 1000 if !defined $child or !$child }'";
/// Fills the root, then goes on as if nothing had happened.
const FILLS: &str = "head -c 60000000 /dev/zero > /full";
const FILLS_ITS_OWN: &str =
    "mkdir /own; mount -t tmpfs own /own; head -c 60000000 /dev/zero > /own/full; sleep 1000";
const MAKES_FILES: &str =
    r#"mkdir /many; perl -e 'for (1 .. 9000) { open my $file, ">", "/many/$_" or last }'"#;
/// The first is killed by SIGXFSZ, the second, like Python, is not.
const WRITES: &str = "head -c 60000000 /dev/zero > /tmp/long";
const WRITES_ON: &str = "trap '' XFSZ; head -c 60000000 /dev/zero > /tmp/long";
const OPENS: &str = r#"perl -e 'my @held; while (open my $file, "<", "/dev/null") { push @held, $file } sleep 1000'"#;
const SPINS: &str = "while :; do :; done";
/// Nobody spins long, and nobody waits for anybody.
const SPINS_IN_TURNS: &str =
    "while :; do perl -e '$until = times() + 0.05; 1 while times() < $until'; done";

#[rstest]
#[case::memory("memory=64 MiB", HOG, "memory.max_usage_in_bytes|memory.events|statm")]
#[case::processes("processes=100", FORKS, "pids.events|num_threads")]
#[case::a_file_system("tmpfs-size=40 MiB", FILLS, "blocks free")]
#[case::a_file_system_of_its_own("tmpfs-size=40 MiB", FILLS_ITS_OWN, "statfs(\"/own\")")]
#[case::inodes("tmpfs-inodes=4096", MAKES_FILES, "inodes free")]
#[case::a_file("file-size=20 MiB", WRITES, "20971520 bytes")]
#[case::a_file_in_spite_of_the_signal("file-size=20 MiB", WRITES_ON, "20971520 bytes")]
#[case::open_files("open-files=200", OPENS, "200 entries")]
fn what_is_exceeded_is_named_at_its_step(
    #[case] limit: &str,
    #[case] behaviour: &str,
    #[case] words: &str,
    #[values(Groups::Used, Groups::None)] groups: Groups,
) {
    if skipped() {
        return;
    }
    let submission = misbehaving(Moment::First, behaviour);
    let graded = grade(
        level01(groups)
            .args(["--timeout", "4s", "--limit", limit])
            .arg(submission.path()),
    );
    let said = graded.check(Moment::First.check())["evidence"].to_string();
    let said = said.replace("\\\"", "\"");
    let word = words.split('|').find(|word| said.contains(word));
    let word =
        word.unwrap_or_else(|| panic!("{words}: {:#?}", graded.check(Moment::First.check())));
    assert_named(
        &graded,
        Moment::First,
        limit,
        word.trim_end_matches("(\"/own\")"),
    );
}

/// These end a step at once, whatever its deadline is.
#[rstest]
#[case::cpu_time("cpu-time=2 s", SPINS, "cpu.stat|cpuacct|utime")]
#[case::cpu_time_of_many("cpu-time=2 s", SPINS_IN_TURNS, "cpu.stat|cpuacct|utime")]
#[case::output("output=1 MiB", "while :; do echo and another; done", "bytes printed")]
fn what_runs_on_is_stopped_at_its_limit(
    #[case] limit: &str,
    #[case] behaviour: &str,
    #[case] words: &str,
    #[values(Groups::Used, Groups::None)] groups: Groups,
    #[values(Moment::First, Moment::Inside)] moment: Moment,
) {
    // What a program does inside is found in its image, where perl is not.
    if skipped() || (moment == Moment::Inside && behaviour == SPINS_IN_TURNS) {
        return;
    }
    let submission = misbehaving(moment, behaviour);
    let graded = grade(
        level01(groups)
            .args(["--timeout", "200s", "--limit", limit])
            .arg(submission.path()),
    );
    let said = graded.check(moment.check())["evidence"].to_string();
    let word = words.split('|').find(|word| said.contains(word));
    assert_named(&graded, moment, limit, word.unwrap_or(words));
    let took = graded.check(moment.check())["duration_ms"]
        .as_u64()
        .unwrap();
    assert!(took < 100_000, "{took} ms are no stop");
}

/// A copy of the levels, with `limits` for one check of level 01, and without them for the rest.
fn levels_with(moment: Moment, limits: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let levels = Path::new(env!("CARGO_MANIFEST_DIR")).join("levels");
    let text = fs::read_to_string(levels.join("level01.yaml")).unwrap();
    let heading = format!("- id: {}\n", moment.check());
    assert_eq!(text.matches(&heading).count(), 1);
    let limited = format!("{heading}    limits: {{{limits}}}\n");
    fs::write(
        directory.path().join("level01.yaml"),
        text.replace(&heading, &limited),
    )
    .unwrap();
    directory
}

#[test]
fn a_check_has_limits_of_its_own_and_the_command_line_goes_before_them() {
    if skipped() {
        return;
    }
    // Nobody has to be fast: only this check has to end in time, and it sleeps.
    let levels = levels_with(Moment::First, "wall-time: 1s, tmpfs-size: 40 MiB");
    let graded_with = |behaviour: &str, more: &[&str]| {
        let submission = misbehaving(Moment::First, behaviour);
        let mut command = rdgrade("level01");
        command.args(["--timeout", "200s", "--level-dir"]);
        command.arg(levels.path()).args(more).arg(submission.path());
        grade(&mut command)
    };
    let graded = graded_with("sleep 1000", &[]);
    let check = graded.check(Moment::First.check());
    let reason = check["reason"].as_str().unwrap();
    assert!(reason.contains("limit wall-time (1 s)"), "{reason}");
    let line = Moment::First
        .place()
        .rsplit(':')
        .next()
        .unwrap()
        .parse::<usize>();
    // A line was added above it.
    let place = format!("level01.yaml:{}", line.unwrap() + 1);
    assert!(reason.contains(&place), "{reason}");
    let failed: Vec<_> = graded
        .checks
        .iter()
        .filter(|(_, it)| it.status != "pass")
        .collect();
    assert_eq!(failed.len(), 1, "{failed:?}");

    let more = ["--limit", "wall-time=2m", "--limit", "tmpfs-size=100MiB"];
    graded_with(FILLS, &more).assert_all_pass();
}

#[test]
fn a_core_file_is_cut_and_nobody_fails_for_it() {
    if skipped() {
        return;
    }
    let crash = "cd /tmp; ulimit -c unlimited 2>/dev/null; sh -c 'kill -SEGV $$'; cd /; \
        echo cores=$(find /tmp -name 'core*' -size +4k | wc -l)";
    let submission = misbehaving(Moment::First, crash);
    let said = |more: &[&str]| {
        let graded = grade(rdgrade("level01").args(more).arg(submission.path()));
        graded.assert_all_pass();
        graded.check(Moment::First.check())["transcript"].to_string()
    };
    assert!(said(&[]).contains("cores=0"));
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap();
    if pattern.trim() != "core" {
        println!("this host writes core files to {pattern}");
        return;
    }
    assert!(said(&["--limit", "core-size=1MiB"]).contains("cores=1"));
}

#[rstest]
#[case::no_value("memory", "write NAME=VALUE")]
#[case::unknown("memroy=64MiB", "did you mean `memory`?")]
#[case::ambiguous_unit("memory=64MB", "write 64 MiB")]
#[case::no_size("memory=plenty", "write 64 MiB")]
#[case::negative("memory=-1", "write 64 MiB")]
#[case::too_little("memory=1KiB", "the least is 16 MiB")]
#[case::too_much("open-files=99999999", "the most is 1048576")]
#[case::no_duration("cpu-time=10", "write 500ms, 10s or 2m")]
#[case::no_time("wall-time=0s", "the least is 100 ms")]
#[case::no_number("processes=64MiB", "write a whole number")]
#[case::overflow("tmpfs-size=99999999999999999999", "write 64 MiB")]
fn a_limit_that_means_nothing_is_refused(#[case] limit: &str, #[case] remedy: &str) {
    let output = rdgrade("level01")
        .args(["--reference", "--limit", limit])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(remedy) && said.contains("--limit"), "{said}");
}
