//! rdgrade leaves nothing behind, however it ends.

#[path = "support/apart.rs"]
mod apart;
#[path = "support/graded.rs"]
mod graded;
#[path = "support/traces.rs"]
mod traces;

use graded::{RDGRADE, fixture};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount, umount};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use rstest::rstest;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use traces::Traces;

/// A cache in which the images of level 01 have been made, by the program under test itself.
fn images() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("residue-cache");
        let made = graded::rdgrade("level01")
            .arg("--reference")
            .env("XDG_CACHE_HOME", &cache)
            .output()
            .unwrap();
        assert_eq!(
            made.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        cache.join("rdgrade")
    })
}

fn play(scenario: &str) {
    match apart::why_not() {
        Some(why) => eprintln!("skipped: {why}"),
        None => apart::play("inner", scenario, images()),
    }
}

#[rstest]
#[case::reference("--reference")]
#[case::shell("solved.sh")]
#[case::python("solved.py")]
fn after_success(#[case] program: &str) {
    play(&format!("end 0 {program}"));
}

#[rstest]
#[case::a_program_that_fails("exit 1\n")]
#[case::a_daemon_that_stays(
    "setsid sh -c 'trap \"\" HUP TERM INT; while :; do sleep 1000; done' & exec sh /submission/solved.sh \"$@\"\n"
)]
#[case::a_program_that_mounts_everywhere(
    "mkdir /a; for i in 1 2 3; do mount -t tmpfs x /a; mount --bind / /mnt; unshare -m sleep 1000 & done; exit 1\n"
)]
fn after_failure(#[case] program: &str) {
    play(&format!("end 1 script {program}"));
}

#[rstest]
#[case::before_exec("trap '' TERM INT HUP; while :; do sleep 1000; done\n")]
#[case::stopped("kill -STOP $$\n")]
fn after_a_timeout(#[case] program: &str) {
    play(&format!("end 1 script {program}"));
}

#[rstest]
#[case::ctrl_c_to_the_group("INT group")]
#[case::sigint_to_rdgrade_alone("INT alone")]
#[case::sigterm("TERM alone")]
#[case::hangup("HUP group")]
fn after_being_told_to_stop(#[case] how: &str, #[values("create", "play", "observe")] phase: &str) {
    play(&format!("signal {how} {phase}"));
}

#[rstest]
fn after_sigkill(#[values("create", "play", "observe", "tear-down", "report")] phase: &str) {
    play(&format!("killed {phase}"));
}

/// The other tests of this file can fail.
#[test]
fn what_is_left_is_seen() {
    play("seen 0 nothing");
}

/// A scenario, alone in its namespaces. Not to be asked for by hand.
#[test]
#[ignore = "played by the other tests of this file"]
fn inner() {
    let Some(scenario) = apart::enter() else {
        return eprintln!("skipped: there is no scenario");
    };
    let places: Vec<&str> = apart::EMPTY.to_vec();
    let words: Vec<&str> = scenario.splitn(3, ' ').collect();
    let directory = Path::new("/tmp/submission");
    fs::create_dir(directory).unwrap();
    for name in ["solved.sh", "solved.py"] {
        fs::copy(fixture(name), directory.join(name)).unwrap();
    }
    let program = match words.last().and_then(|last| last.strip_prefix("script ")) {
        Some(script) => {
            let path = directory.join("rd");
            fs::write(&path, format!("#!/bin/sh\n{script}")).unwrap();
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
                .unwrap();
            path.display().to_string()
        }
        None => words[2..]
            .first()
            .map_or("--reference", |word| word)
            .to_owned(),
    };
    let before = Traces::now(&places);
    assert_eq!(
        before.processes.len(),
        1,
        "others are here: {:?}",
        before.processes
    );
    match words[0] {
        "end" => {
            let (graded, said) = start(&in_submission(&program), None).finish();
            assert_eq!(graded, words[1].parse().ok(), "{said}");
            Traces::now(&places).assert_same_as(&before, &scenario);
        }
        "signal" => {
            let (whom, phase) = words[2].split_once(' ').unwrap();
            let mut run = start("--reference", Some(phase));
            // All workers come there: two that play, and one that makes the next check ready.
            let come = if phase == "create" { 3 } else { 2 };
            (0..come).for_each(|_| run.wait_for_stop(phase));
            let signal: Signal = format!("SIG{}", words[1]).parse().unwrap();
            match whom {
                "group" => killpg(run.pid(), signal).unwrap(),
                _ => kill(run.pid(), signal).unwrap(),
            }
            // The worker waits there for this test; it cannot be asked to end meanwhile.
            killpg(run.pid(), Signal::SIGCONT).unwrap();
            let (code, said) = run.finish();
            assert_eq!(code, Some(3), "{said}");
            Traces::now(&places).assert_same_as(&before, &scenario);
        }
        "killed" => {
            let ways = [
                ("level01", "--reference"),
                ("level01/fresh-root-every-run", "--reference"),
                ("level01/isolated-test-file", "solved.sh"),
                ("level01/proc-mounts-differ", "solved.py"),
                ("level01/missing-binary-without-image", "solved.sh"),
            ];
            for (level, program) in ways {
                let mut run = start_level(level, &in_submission(program), Some(words[1]));
                run.wait_for_stop(words[1]);
                run.child.kill().unwrap();
                run.finish();
                let after = Traces::now(&places).without_empty_groups();
                after.assert_same_as(
                    &before.clone().without_empty_groups(),
                    &format!("{scenario} {level} {program}"),
                );
            }
            // The next run grades, and sweeps what the killed ones could not.
            let (code, said) = start("--reference", None).finish();
            assert_eq!(code, Some(0), "{said}");
            Traces::now(&places).assert_same_as(&before, &scenario);
        }
        "seen" => leave_everything(&places, &before),
        other => panic!("no scenario {other}"),
    }
}

/// Leaves one of each, and takes them away again.
fn leave_everything(places: &[&str], before: &Traces) {
    let mut unshare = Command::new("unshare");
    // The shell says that it is there, hence in its namespaces, and stays until its input ends.
    let script = "echo here; read forever";
    let mut left = unshare
        .args(["--net", "--ipc", "/bin/sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut here = String::new();
    BufReader::new(left.stdout.take().unwrap())
        .read_line(&mut here)
        .unwrap();
    let none: Option<&str> = None;
    mount(none, "/run/user", Some("tmpfs"), MsFlags::empty(), none).unwrap();
    fs::write("/tmp/left", "behind").unwrap();
    let group = before.groups.iter().next().map(|top| format!("{top}/left"));
    let group = group.filter(|group| fs::create_dir(group).is_ok());

    let after = Traces::now(places);
    assert_ne!(after.processes, before.processes);
    assert_ne!(after.mounts, before.mounts);
    assert_eq!(after.namespaces.len(), before.namespaces.len() + 2);
    assert_ne!(after.files, before.files);
    assert_eq!(
        after.groups.len(),
        before.groups.len() + usize::from(group.is_some())
    );
    assert_eq!(
        after.without_empty_groups().groups,
        before.clone().without_empty_groups().groups
    );

    drop(left.stdin.take());
    left.wait().unwrap();
    umount("/run/user").unwrap();
    fs::remove_file("/tmp/left").unwrap();
    if let Some(group) = group {
        fs::remove_dir(group).unwrap();
    }
    Traces::now(places).assert_same_as(before, "taken away again");
}

fn in_submission(program: &str) -> String {
    if program.starts_with("solved") {
        format!("/tmp/submission/{program}")
    } else {
        program.to_owned()
    }
}

/// An rdgrade that runs.
struct Run {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
}

fn start(program: &str, stop_at: Option<&str>) -> Run {
    start_level("level01", program, stop_at)
}

fn start_level(level: &str, program: &str, stop_at: Option<&str>) -> Run {
    let mut command = Command::new(RDGRADE);
    command.args([
        level,
        program,
        "--timeout",
        "2s",
        "--report",
        "json",
        "--jobs",
        "2",
    ]);
    command
        .env("XDG_CACHE_HOME", "/tmp/cache")
        .env("XDG_RUNTIME_DIR", "/run/user")
        .env("TMPDIR", "/tmp");
    command.envs(stop_at.map(|phase| ("RDGRADE_STOP_AT", phase)));
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    Run { child, stderr }
}

impl Run {
    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id() as i32)
    }

    fn wait_for_stop(&mut self, phase: &str) {
        let mut line = String::new();
        while !line.contains(&format!("stopped at {phase}")) {
            line.clear();
            assert_ne!(
                self.stderr.read_line(&mut line).unwrap(),
                0,
                "rdgrade ended before it came to {phase}"
            );
        }
    }

    /// Waits for rdgrade's end, and then for that of everything that was its own: process 1 inherits orphans. The test's own
    /// deadline is that of `apart::play`.
    fn finish(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap();
        while !matches!(waitpid(None, None), Err(Errno::ECHILD)) {}
        let mut said = String::new();
        self.stderr.read_to_string(&mut said).unwrap();
        (status.code(), said)
    }
}
