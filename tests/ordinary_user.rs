//! An ordinary user gets the verdicts root gets, or learns why not.

#[path = "support/graded.rs"]
mod graded;

use graded::{Graded, LONGEST, RDGRADE, fixture, grade, rdgrade};
use rstest::rstest;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// `nobody`, by whose hand no file of the host should be.
const NOBODY: u32 = 65_534;

/// Checks of level 01 whose verdict an ordinary user may not get.
const NOT_FOR_USERS: [&str; 0] = [];

/// A place an ordinary user can reach, with the program under test in it, and a home of that user.
struct Place {
    directory: TempDir,
    rdgrade: PathBuf,
}

impl Place {
    /// `None`, said, where there is no other user to be.
    fn make() -> Option<Place> {
        if !nix::unistd::geteuid().is_root() {
            eprintln!("skipped: this user cannot become another; run as root to compare");
            return None;
        }
        let directory = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir()
            .unwrap();
        let rdgrade = directory.path().join("rdgrade");
        fs::copy(RDGRADE, &rdgrade).unwrap();
        fs::set_permissions(&rdgrade, fs::Permissions::from_mode(0o755)).unwrap();
        let home = directory.path().join("home");
        fs::create_dir(&home).unwrap();
        chown(&home, Some(NOBODY), Some(NOBODY)).unwrap();
        for name in ["solved.sh", "solved.py"] {
            fs::copy(fixture(name), directory.path().join(name)).unwrap();
        }
        Some(Place { directory, rdgrade })
    }

    /// A command as that user, in the home directory, with nothing of this environment.
    fn command(&self, program: &Path, path: &str) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new("/usr/bin/setpriv");
        let user = format!("--reuid={NOBODY}");
        command
            .args([
                user.as_str(),
                &format!("--regid={NOBODY}"),
                "--clear-groups",
            ])
            .arg(program);
        command
            .env_clear()
            .env("HOME", self.directory.path().join("home"))
            .env("PATH", path);
        command
            .current_dir(self.directory.path().join("home"))
            .timeout(LONGEST);
        command
    }

    fn grade(&self, program: &str, path: &str) -> Graded {
        let program = match program {
            "--reference" => PathBuf::from(program),
            name => self.directory.path().join(name),
        };
        let mut command = self.command(&self.rdgrade, path);
        grade(command.args(["level01", "--report", "json"]).arg(program))
    }
}

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

fn assert_same_verdicts(user: &Graded, root: &Graded) {
    assert_eq!(user.checks.len(), 10, "{user:#?}");
    for (id, checked) in &root.checks {
        if !NOT_FOR_USERS.contains(&id.as_str()) {
            assert_eq!(
                user.checks.get(id),
                Some(checked),
                "{id}: {:#}",
                user.check(id)
            );
        }
    }
}

#[rstest]
#[case::reference("--reference")]
#[case::shell("solved.sh")]
fn an_ordinary_user_gets_the_verdicts_of_root(#[case] program: &str) {
    let Some(place) = Place::make() else { return };
    let user = place.grade(program, PATH);
    let submission = if program == "--reference" {
        program.into()
    } else {
        fixture(program)
    };
    assert_same_verdicts(&user, &grade(rdgrade("level01").arg(submission)));
    user.assert_all_pass();
}

/// `unshare -r`, rootless containers: uid 0, and yet no power over the host.
#[test]
fn root_of_a_user_namespace_gets_them_too() {
    let Some(place) = Place::make() else { return };
    let mut command = place.command(Path::new("unshare"), PATH);
    command
        .args(["--user", "--map-root-user"])
        .arg(&place.rdgrade);
    let user = grade(command.args(["level01", "--report", "json", "--reference"]));
    assert_same_verdicts(&user, &grade(rdgrade("level01").arg("--reference")));
}

#[test]
fn python_is_graded_where_an_ordinary_user_can_run_it() {
    let Some(place) = Place::make() else { return };
    let asked = place
        .command(Path::new("python3"), PATH)
        .args(["-c", "import click"])
        .output();
    let user = place.grade("solved.py", PATH);
    if asked.is_ok_and(|output| output.status.success()) {
        assert_same_verdicts(&user, &grade(rdgrade("level01").arg(fixture("solved.py"))));
        return;
    }
    // No python3 for that user, or one without click: that is no fault of the program's.
    assert_not_graded(&user, "python3");
}

/// An interpreter that root has and the user cannot reach.
#[test]
fn an_interpreter_in_a_closed_home_is_not_graded_and_says_what_to_do() {
    let Some(place) = Place::make() else { return };
    let closed = place.directory.path().join("closed");
    fs::create_dir_all(closed.join("bin")).unwrap();
    fs::write(closed.join("bin/python3"), "#!/bin/sh\nexit 1\n").unwrap();
    fs::set_permissions(
        closed.join("bin/python3"),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let user = place.grade("solved.py", &closed.join("bin").display().to_string());
    assert_not_graded(&user, "python3");
}

fn assert_not_graded(graded: &Graded, word: &str) {
    assert_eq!(graded.code, Some(3), "{graded:#?}");
    let why = &graded.report["not_graded"];
    assert!(
        why["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains(word)),
        "{graded:#?}"
    );
    assert!(
        why["remedy"]
            .as_str()
            .is_some_and(|remedy| !remedy.is_empty()),
        "{graded:#?}"
    );
}

#[test]
fn a_user_who_may_make_no_user_namespace_is_told_which_setting_forbids_it() {
    let Some(place) = Place::make() else { return };
    // The limit is each user namespace's own (namespaces(7)): set in a new one, the host's stays as it is.
    let script = "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$@\"";
    let host = fs::read_to_string("/proc/sys/user/max_user_namespaces").unwrap();
    let mut command = place.command(Path::new("unshare"), PATH);
    command.args(["--user", "--map-root-user", "/bin/sh", "-c", script, "sh"]);
    let output = command
        .arg(&place.rdgrade)
        .args(["level01", "--reference"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("user.max_user_namespaces"), "{said}");
    assert_eq!(
        fs::read_to_string("/proc/sys/user/max_user_namespaces").unwrap(),
        host
    );
}
