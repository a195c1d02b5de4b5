//! Killed at any moment, rdgrade leaves at most cgroups, and the next run sweeps them.
//!
//! The moments are random: `tests/residue.rs` kills at the borders of phases, which are the moments somebody thought of.

#[path = "support/apart.rs"]
mod apart;
#[path = "support/graded.rs"]
mod graded;
#[path = "support/traces.rs"]
mod traces;

use graded::RDGRADE;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll, ppoll};
use nix::sys::signal::{Signal, kill};
use nix::sys::time::TimeSpec;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use rdgrade::jail::sys::pidfd_open;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};
use traces::Traces;

/// How often rdgrade is killed.
const KILLS: usize = 50;

/// Of these, how often while it makes its images as well.
const COLD: usize = 10;

/// A run that is over before its moment counts for nothing; a test in which most are is no test.
const ATTEMPTS: usize = 2 * KILLS;

/// How many kills there are between two runs that nobody kills.
const ROUND: usize = 10;

fn play(scenario: &str) {
    match apart::why_not() {
        Some(why) => eprintln!("skipped: {why}"),
        None => apart::play("inner", scenario, images()),
    }
}

/// A cache in which the images of level 01 have been made, by the program under test itself.
fn images() -> &'static Path {
    static MADE: std::sync::OnceLock<std::path::PathBuf> = std::sync::OnceLock::new();
    MADE.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recovery-cache");
        let mut command = graded::rdgrade("level01");
        command.arg("--reference").env("XDG_CACHE_HOME", &cache);
        graded::grade(&mut command).assert_all_pass();
        cache.join("rdgrade")
    })
}

#[test]
fn killed_at_any_moment_it_leaves_what_the_next_run_sweeps() {
    play("killed");
}

/// As in two containers on one host: neither can see the processes of the other, both see all groups.
#[test]
fn a_neighbour_in_another_pid_namespace_keeps_its_groups() {
    play("neighbour");
}

/// A result is still to be read when nobody is left: the main process learns of it as it gives that worker more to do.
#[test]
fn when_all_its_processes_die_behind_its_back_it_ends() {
    play("bereft");
}

/// A scenario, alone in its namespaces. Not to be asked for by hand.
#[test]
#[ignore = "played by the other tests of this file"]
fn inner() {
    match apart::enter().as_deref() {
        None => eprintln!("skipped: there is no scenario"),
        Some("killed") => killed(),
        Some("neighbour") => neighbour(),
        Some("bereft") => bereft(),
        Some(other) => panic!("no scenario {other}"),
    }
}

fn killed() {
    let seed = std::env::var("RDGRADE_TEST_SEED").ok();
    let seed = seed.map_or_else(
        || u64::from(std::process::id()) ^ now(),
        |seed| seed.parse().unwrap(),
    );
    println!("moments of seed {seed}; RDGRADE_TEST_SEED={seed} repeats them");
    let mut random = Random(seed);
    let before = Traces::now(&apart::EMPTY);
    let warm = green("/tmp/cache");
    fs::create_dir("/tmp/cold").unwrap();
    let cold = green("/tmp/cold");
    let (mut kills, mut attempts) = (0, 0);
    while kills < KILLS {
        attempts += 1;
        assert!(
            attempts <= ATTEMPTS,
            "only {kills} of {attempts} runs were still there to be killed"
        );
        let (cache, length) = if kills < COLD {
            fs::remove_dir_all("/tmp/cold").unwrap();
            fs::create_dir("/tmp/cold").unwrap();
            ("/tmp/cold", cold)
        } else {
            ("/tmp/cache", warm)
        };
        let victim = [Victim::Main, Victim::Stage, Victim::Worker][random.below(3) as usize];
        let moment = Duration::from_micros(random.below(length.as_micros() as u64));
        let when = format!("seed {seed}, kill {kills}: {victim:?} after {moment:?}, {cache}");
        if !kill_at(cache, victim, moment, &when) {
            continue;
        }
        kills += 1;
        if kills <= COLD {
            // Half an image is no image: the next run makes it whole, and nothing of the half stays.
            green("/tmp/cold");
            let unfinished = |name: &str| name.starts_with("tmp.");
            let left: Vec<_> = names("/tmp/cold/rdgrade")
                .into_iter()
                .filter(|name| unfinished(name))
                .collect();
            assert!(left.is_empty(), "{when}: {left:?}");
            fs::remove_dir_all("/tmp/cold").unwrap();
        }
        let after = Traces::now(&apart::EMPTY).without_empty_groups();
        after.assert_same_as(&before.clone().without_empty_groups(), &when);
        if kills <= COLD {
            fs::create_dir("/tmp/cold").unwrap();
        } else if kills % ROUND == 0 {
            green("/tmp/cache");
            Traces::now(&apart::EMPTY)
                .assert_same_as(&before, &format!("{when}, and a run after it"));
        }
        if kills == COLD {
            fs::remove_dir("/tmp/cold").unwrap();
        }
    }
    println!("{kills} kills in {attempts} runs of {warm:?}, or {cold:?} without images");
}

/// Who is killed.
#[derive(Debug, Clone, Copy)]
enum Victim {
    /// The process that was started.
    Main,
    /// Its child.
    Stage,
    /// A child of that, if there is one yet; else the next above.
    Worker,
}

/// Starts a run and kills one of its processes. `false` if it was over before.
fn kill_at(cache: &str, victim: Victim, moment: Duration, when: &str) -> bool {
    let begun = Instant::now();
    let run = start("level01", cache);
    let pid = Pid::from_raw(run.id() as i32);
    let pidfd = pidfd_open(pid).unwrap();
    let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
    let left = TimeSpec::from_duration(moment.saturating_sub(begun.elapsed()));
    if ppoll(&mut ended, Some(left), None).unwrap() > 0 {
        finish(run);
        return false;
    }
    let child = |of: Pid| *children(of).first().unwrap_or(&of);
    let target = match victim {
        Victim::Main => pid,
        Victim::Stage => child(pid),
        Victim::Worker => child(child(pid)),
    };
    // It may have ended meanwhile, and then nobody has its id yet: process 1, which would reap it, is this one.
    let killed = kill(target, Signal::SIGKILL).is_ok();
    let (code, said) = finish(run);
    if target != pid {
        // Graded to its end before the blow, or told that it could not be; never a failure of the program's.
        assert!(matches!(code, Some(0 | 3)), "{when}: {code:?}\n{said}");
    }
    killed
}

fn children(of: Pid) -> Vec<Pid> {
    let list = fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap_or_default();
    list.split_whitespace()
        .map(|pid| Pid::from_raw(pid.parse().unwrap()))
        .collect()
}

/// A run that nobody kills passes; how long it takes.
fn green(cache: &str) -> Duration {
    let begun = Instant::now();
    let (code, said) = finish(start("level01", cache));
    assert_eq!(code, Some(0), "{said}");
    begun.elapsed()
}

fn start(level: &str, cache: &str) -> Child {
    command(RDGRADE, level, cache).spawn().unwrap()
}

fn command(program: &str, level: &str, cache: &str) -> Command {
    let mut command = Command::new(program);
    if program != RDGRADE {
        command.args(["--pid", "--fork", "--kill-child", "--mount-proc", RDGRADE]);
    }
    command.args([
        level,
        "--reference",
        "--report",
        "json=/tmp/cache/report.json",
        "-q",
    ]);
    command
        .env("XDG_CACHE_HOME", cache)
        .env("XDG_RUNTIME_DIR", "/run/user")
        .env("TMPDIR", "/tmp");
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Waits for the end of a run and of all that was its own: process 1, which this is, inherits orphans.
fn finish(mut run: Child) -> (Option<i32>, String) {
    let status = run.wait().unwrap();
    while !matches!(waitpid(None, None), Err(Errno::ECHILD)) {}
    let mut said = String::new();
    run.stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    // A report is there or not, by the moment; what is promised is that nothing else is.
    let _ = fs::remove_file("/tmp/cache/report.json");
    (status.code(), said)
}

fn names(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn neighbour() {
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

/// Reads what a run says until it has stopped in a phase: the rest, and that line.
fn stopped(run: &mut Child, phase: &str) -> (BufReader<ChildStderr>, String) {
    let mut said = BufReader::new(run.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains(&format!("stopped at {phase}")) {
        line.clear();
        assert_ne!(
            said.read_line(&mut line).unwrap(),
            0,
            "it ended before it came to {phase}"
        );
    }
    (said, line)
}

fn bereft() {
    let before = Traces::now(&apart::EMPTY);
    let mut command = command(RDGRADE, "level01", "/tmp/cache");
    command.args(["--jobs", "1"]).env("RDGRADE_STOP_AT", "play");
    let mut run = command.spawn().unwrap();
    let (said, _) = stopped(&mut run, "play");
    run.stderr = Some(said.into_inner());
    let main = Pid::from_raw(run.id() as i32);
    let stage = children(main)[0];
    let workers = children(stage);
    // The first plays the first check, in a jail that ends after it has said what came of it.
    let jail = pidfd_open(children(workers[0])[0]).unwrap();
    let doomed: Vec<_> = [stage]
        .iter()
        .chain(&workers)
        .map(|pid| pidfd_open(*pid).unwrap())
        .collect();
    kill(main, Signal::SIGSTOP).unwrap();
    waitpid(main, Some(WaitPidFlag::WUNTRACED)).unwrap();
    kill(workers[0], Signal::SIGCONT).unwrap();
    assert!(ends(&jail), "the jail of the first check stays");
    kill(stage, Signal::SIGKILL).unwrap();
    assert!(doomed.iter().all(ends), "the workers outlive their stage");
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

/// Whether a process ends in half a minute: an answer to whether it ever will.
fn ends(pidfd: &OwnedFd) -> bool {
    let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
    poll(&mut ended, PollTimeout::from(30_000u16)).unwrap() > 0
}

fn now() -> u64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    since.as_nanos() as u64
}

/// SplitMix64 (Steele, Lea, Flood 2014): enough to draw moments with.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }
}
