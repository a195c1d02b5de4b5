//! Playing one attack and looking at what came of it.

use crate::corpus::Attack;
use crate::graded::{RDGRADE, fixture};
use crate::image;
use crate::place::{CLOSED, OTHER, Place};
use crate::seen::Seen;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A step's deadline, for attacks that need not wait for it: a flood takes its time on a busy machine.
pub const DEADLINE: &str = "15s";

/// How much longer than its deadline a run may take. The promise is a second; other tests keep both cores busy.
const LATE: Duration = Duration::from_secs(8);

/// Whether everything stands that is to stop an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// All mechanisms, and somebody else's good submission is graded meanwhile.
    Whole,
    /// All but the first that stops this attack.
    Without,
}

const SUBMISSION: &str = "/tmp/submission";
const NEIGHBOUR: &str = "/tmp/neighbour";
const REPORT: &str = "/run/report";

/// Plays it here, in namespaces of the test's own.
pub fn play(attack: &Attack, guard: Guard) {
    let place = Place::lay_out();
    compose(attack, &place);
    fs::create_dir(NEIGHBOUR).unwrap();
    fs::copy(fixture("solved.sh"), format!("{NEIGHBOUR}/rd")).unwrap();
    fs::set_permissions(format!("{NEIGHBOUR}/rd"), fs::Permissions::from_mode(0o755)).unwrap();

    let before = place.state();
    let began = Instant::now();
    let mut child = start(attack, guard, &place);
    let neighbour = (guard == Guard::Whole).then(start_neighbour);
    let late = attack.without.as_ref().is_some_and(|without| without.late);
    if guard == Guard::Without && late {
        thaw_after(&mut child, latest(attack));
    }
    let output = child.wait_with_output().unwrap();
    let took = began.elapsed();
    let neighbour = neighbour.map(|child| child.wait_with_output().unwrap());
    let human = fs::read_to_string(REPORT).unwrap_or_default();
    let _ = fs::remove_file(REPORT);
    let differences = place.state().differences(&before);
    let secret = place.secret.clone();
    let services = place.end();

    let seen = Seen::of(&output, human, took);
    match guard {
        Guard::Whole => {
            seen.assert_is_declared(attack);
            assert!(!seen.all.contains(&secret), "the secret got out: {seen:#?}");
            assert_eq!(
                differences,
                Vec::<String>::new(),
                "the host is not as it was"
            );
            assert_eq!(
                services["contacts"], 0,
                "somebody came to the host's services"
            );
            assert_eq!(
                services["touched"], false,
                "somebody wrote to shared memory"
            );
            assert_eq!(
                seen.commands(),
                Vec::<String>::new(),
                "a terminal or a CI system is commanded"
            );
            let neighbour = neighbour.unwrap();
            crate::graded::Graded::of(&neighbour).assert_all_pass();
        }
        Guard::Without => {
            let without = attack.without.as_ref().unwrap();
            assert!(!seen.all.contains("panicked"), "{seen:#?}");
            let harmed =
                !differences.is_empty() || services["contacts"] != 0 || services["touched"] == true;
            seen.assert_attempts(&without.attempts);
            if without.leaks {
                assert!(seen.all.contains(&secret), "the secret was kept: {seen:#?}");
            }
            if without.harms {
                assert!(harmed, "the host is as it was: {seen:#?}");
            }
            for text in &without.says {
                assert!(seen.all.contains(text.as_str()), "{text}: {seen:#?}");
            }
            if without.commands {
                assert!(!seen.commands().is_empty(), "{seen:#?}");
            }
            if without.late {
                assert!(took > latest(attack), "it ended after {took:?}: {seen:#?}");
            }
            if let Some(text) = &without.lacks {
                assert!(!seen.all.contains(text.as_str()), "{seen:#?}");
            }
            if let Some(status) = without.status {
                assert_eq!(seen.status(attack), status, "{seen:#?}");
            }
        }
    }
}

fn deadline(attack: &Attack) -> &str {
    attack.timeout.as_deref().unwrap_or(DEADLINE)
}

/// When a run has to be over.
pub fn latest(attack: &Attack) -> Duration {
    let text = deadline(attack);
    let seconds = text.strip_suffix("s").and_then(|count| count.parse().ok());
    // Of a build: as long as thirty steps.
    Duration::from_secs(seconds.unwrap_or(3)) + LATE
}

/// Puts the submission together.
fn compose(attack: &Attack, place: &Place) {
    if attack.link {
        return symlink(CLOSED, format!("{SUBMISSION}.py")).unwrap();
    }
    compose_at(Path::new(SUBMISSION), attack, place);
    if let Some(image) = attack.image {
        fs::write("/tmp/image.tar", image::archive(image)).unwrap();
    }
}

/// Its directory, with all that attacks share.
pub fn compose_at(directory: &Path, attack: &Attack, place: &Place) {
    fs::create_dir(directory).unwrap();
    let own = crate::corpus::directory();
    fs::copy(own.join("attack.py"), directory.join("attack.py")).unwrap();
    fs::copy(fixture("solved.sh"), directory.join("solved.sh")).unwrap();
    fs::write(directory.join("canaries.json"), place.known().to_string()).unwrap();
    if let Some(manifest) = &attack.manifest {
        fs::write(directory.join("rdgrade.yaml"), manifest).unwrap();
    }
    if attack.image.is_some() {
        fs::copy(fixture("solved.sh"), directory.join("rd")).unwrap();
    }
    if let Some(program) = attack.program() {
        let name = if program.extension().is_some_and(|ending| ending == "py") {
            "rd.py"
        } else {
            "rd"
        };
        fs::copy(&program, directory.join(name)).unwrap();
        fs::set_permissions(directory.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn start(attack: &Attack, guard: Guard, place: &Place) -> Child {
    // Descriptor 9 is left open for whoever comes: a directory of the host's.
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &format!("exec \"$@\" 9<{OTHER}"), "sh", RDGRADE]);
    command.arg(&attack.at);
    command.arg(if attack.link {
        format!("{SUBMISSION}.py")
    } else {
        SUBMISSION.to_owned()
    });
    command.args(["--timeout", deadline(attack)]);
    command.args(["--jobs", "1", "--report", "json", "--report"]);
    command.arg(format!("human={REPORT}"));
    for (name, value) in &attack.limits {
        command.arg(format!("--limit={name}={value}"));
    }
    if attack.image.is_some() {
        command.args(["--image", "ubuntu=/tmp/image.tar"]);
    }
    if guard == Guard::Without {
        command.env("RDGRADE_WITHOUT", attack.switched_off());
    }
    own_surroundings(&mut command);
    command.env("CANARY", &place.secret);
    command.spawn().unwrap()
}

fn start_neighbour() -> Child {
    let mut command = Command::new(RDGRADE);
    command.args(["level01", NEIGHBOUR, "--jobs", "1", "--report", "json"]);
    own_surroundings(&mut command);
    command.spawn().unwrap()
}

/// An environment of its own, whatever the tests have.
pub fn own_surroundings(command: &mut Command) {
    command
        .env("XDG_CACHE_HOME", "/tmp/cache")
        .env("XDG_RUNTIME_DIR", "/run/user")
        .env("TMPDIR", "/tmp")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
}

/// Waits that long for an end that must not come, and then thaws what is frozen.
fn thaw_after(child: &mut Child, patience: Duration) {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;
    let pid = nix::unistd::Pid::from_raw(child.id() as i32);
    let pidfd = rdgrade::jail::sys::pidfd_open(pid).unwrap();
    let timeout = PollTimeout::try_from(patience + Duration::from_millis(100)).unwrap();
    let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
    let _ = poll(&mut ended, timeout);
    let mut directories = vec![Path::new("/sys/fs/cgroup/freezer").to_owned()];
    while let Some(directory) = directories.pop() {
        let _ = fs::write(directory.join("freezer.state"), "THAWED");
        let below = fs::read_dir(&directory).into_iter().flatten().flatten();
        directories.extend(below.map(|entry| entry.path()).filter(|path| path.is_dir()));
    }
}
