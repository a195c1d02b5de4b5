//! An ordinary user gets the verdicts root gets, or learns why not.

#[path = "support/graded.rs"]
mod graded;
#[path = "support/user.rs"]
mod user;

use graded::{Graded, fixture, grade, rdgrade};
use rstest::rstest;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use user::{PATH, Place};

/// Checks of level 01 whose verdict an ordinary user may not get.
const NOT_FOR_USERS: [&str; 0] = [];

fn grade_as_user(place: &Place, program: &str, path: &str) -> Graded {
    let program = match program {
        "--reference" => PathBuf::from(program),
        name => place.directory.path().join(name),
    };
    let mut command = place.command(&place.rdgrade, path);
    grade(command.args(["level01", "--report", "json"]).arg(program))
}

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
    let user = grade_as_user(&place, program, PATH);
    let submission = if program == "--reference" {
        program.into()
    } else {
        fixture(program)
    };
    assert_same_verdicts(&user, &grade(rdgrade("level01").arg(submission)));
    user.assert_all_pass();
}

/// What an ordinary user's jail cannot show, and the level files therefore require: nothing else may be missing.
const FOR_ROOT: [&str; 14] = [
    "level02/device-nodes",
    "level02/null-stays-a-device",
    "level08/own-cpu-group",
    "level08/process-is-in-it",
    "level08/shares-applied",
    "level08/default-leaves-shares-alone",
    "level09/own-memory-group",
    "level09/limit-applied",
    "level09/swap-limit-applied",
    "level09/hog-is-killed",
    "level10/runs-as-uid-gid",
    "level10/cannot-become-root-again",
    "level10/files-owned-by-user",
    "level10/no-supplementary-groups",
];

#[test]
fn every_level_is_graded_as_far_as_the_kernel_allows_and_nothing_fails_for_lack_of_root() {
    let Some(place) = Place::make() else { return };
    let mut command = place.command(&place.rdgrade, PATH);
    let user = grade(command.args(["all", "--report", "json", "--reference"]));
    let levels = user.report["levels"].as_array().unwrap();
    assert_eq!(levels.len(), 11, "{user:#?}");
    let mut ungradable = Vec::new();
    for level in levels {
        for check in level["checks"].as_array().unwrap() {
            let name = format!(
                "{}/{}",
                level["level"].as_str().unwrap(),
                check["id"].as_str().unwrap()
            );
            match check["status"].as_str().unwrap() {
                "pass" => {}
                "ungradable" => {
                    let reason = check["reason"].as_str().unwrap();
                    assert!(reason.contains("root"), "{name}: {reason}");
                    assert_eq!(
                        check["transcript"].as_array().map(Vec::len),
                        Some(0),
                        "{name} was played"
                    );
                    ungradable.push(name);
                }
                other => panic!("{name}: {other} {check:#}"),
            }
        }
    }
    assert_eq!(ungradable, FOR_ROOT);
    assert_eq!(user.code, Some(0), "{user:#?}");
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
    let user = grade_as_user(&place, "solved.py", PATH);
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
    let user = grade_as_user(
        &place,
        "solved.py",
        &closed.join("bin").display().to_string(),
    );
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
