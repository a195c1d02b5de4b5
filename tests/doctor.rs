//! `rdgrade doctor` tells what can be graded here, what not, why, what to do about it, and what it costs.

#[path = "support/graded.rs"]
mod graded;
#[path = "support/user.rs"]
mod user;

use checks::doctor::{Diagnosis, Finding, Gap, State, diagnose};
use checks::level::Ability;
use graded::{LONGEST, RDGRADE};
use rdgrade::checks;
use rdgrade::doctor::{Machine, show};
use rdgrade::level::LevelSet;
use rdgrade::page::{Page, Paint};
use serde_json::Value;
use std::fs;
use std::process::Output;
use user::Place;

fn diagnosed(findings: Vec<Finding>) -> Diagnosis {
    let set = LevelSet::embedded().unwrap();
    let levels: Vec<_> = set.iter().map(|loaded| &loaded.level).collect();
    diagnose(findings, &levels)
}

fn finding(
    id: &'static str,
    title: &'static str,
    state: State,
    told: (&str, &str),
    gap: Gap,
) -> Finding {
    let (detail, remedy) = told;
    Finding {
        id,
        title,
        state,
        detail: detail.to_owned(),
        remedy: (!remedy.is_empty()).then(|| remedy.to_owned()),
        gap,
    }
}

/// A host with one thing of each kind.
fn some() -> Diagnosis {
    let abilities = |all: &[Ability]| Gap::Abilities(all.to_vec());
    diagnosed(vec![
        finding(
            "user-namespace",
            "user namespaces",
            State::Works,
            ("can be made, with root inside", ""),
            Gap::Nothing,
        ),
        finding(
            "many-ids",
            "id ranges",
            State::Lacking,
            ("an ordinary user has one", "run it as root"),
            abilities(&[Ability::ManyIds]),
        ),
        finding(
            "overlay",
            "overlay mounts",
            State::Lacking,
            (
                "failed to mount an overlay in a user namespace: No such device (ENODEV)",
                "load the module: modprobe overlay",
            ),
            abilities(&[Ability::Overlay]),
        ),
        finding(
            "cpu-cgroup",
            "cpu cgroups",
            State::Lacking,
            (
                "/sys/fs/cgroup/cpu is mounted read-only, as in a container",
                "run rdgrade on the host",
            ),
            abilities(&[Ability::CpuCgroup]),
        ),
        finding(
            "click",
            "click",
            State::Lacking,
            (
                "/usr/bin/python3 does not have it: programs that import it are not graded",
                "apt-get install python3-click",
            ),
            Gap::Nothing,
        ),
        finding(
            "crun",
            "crun",
            State::Absent,
            ("not installed; only the benchmark compares with it", ""),
            Gap::Nothing,
        ),
    ])
}

fn shown(diagnosis: &Diagnosis) -> String {
    let mut page = Page::new(80, Paint::Plain);
    show(&mut page, diagnosis);
    page.into_text()
}

#[test]
fn gaps_are_told_with_their_remedy_and_their_cost() {
    insta::assert_snapshot!(shown(&some()));
}

#[test]
fn a_host_without_user_namespaces_is_told_once_what_it_costs() {
    let told = (
        "failed to make a user namespace: No space left on device (user.max_user_namespaces is 0)",
        "run as root: sysctl user.max_user_namespaces=10000",
    );
    insta::assert_snapshot!(shown(&diagnosed(vec![finding(
        "user-namespace",
        "user namespaces",
        State::Lacking,
        told,
        Gap::Everything
    )])));
}

#[test]
fn programs_get_the_same_as_people() {
    insta::assert_json_snapshot!(Machine::of(&some()), { ".tool" => "[tool]" });
}

/// What a detail holds is shown, never obeyed.
#[test]
fn a_detail_cannot_paint_the_table() {
    let told = ("/tmp/\u{1b}[31mred\nabsent", "");
    let text = shown(&diagnosed(vec![finding(
        "image-cache",
        "image cache",
        State::Works,
        told,
        Gap::Nothing,
    )]));
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn state(document: &Value, id: &str) -> (String, String) {
    let rows = document["findings"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["id"] == id)
        .unwrap_or_else(|| panic!("no {id}: {document:#}"));
    let remedy = row["remedy"].as_str().unwrap_or_default();
    (row["state"].as_str().unwrap().to_owned(), remedy.to_owned())
}

/// Every check that is lost is named by some finding, and the exit status agrees.
fn assert_consistent(output: &Output) -> Value {
    let document = document(output);
    let number = |name: &str| document[name].as_u64().unwrap();
    let rows = document["findings"].as_array().unwrap().iter();
    let costs = rows
        .clone()
        .flat_map(|row| row["costs"].as_array().unwrap());
    let mut lost: Vec<String> = costs
        .flat_map(|cost| {
            let checks = cost["checks"].as_array().unwrap();
            checks
                .iter()
                .map(|check| format!("{}/{check}", cost["level"]))
        })
        .collect();
    lost.sort();
    lost.dedup();
    assert_eq!(
        lost.len() as u64,
        number("checks") - number("gradable"),
        "{document:#}"
    );
    let expected = match number("gradable") {
        0 => 3,
        some => i32::from(some < number("checks")),
    };
    assert_eq!(output.status.code(), Some(expected), "{document:#}");
    for row in rows.filter(|row| row["state"] == "lacking") {
        assert!(row["remedy"].is_string(), "a gap without a remedy: {row:#}");
    }
    document
}

/// The promise of the table: what it calls gradable is graded, what it does not is `ungradable`.
#[test]
fn this_host_is_told_the_truth() {
    let output = assert_cmd::Command::new(RDGRADE)
        .args(["doctor", "--json"])
        .timeout(LONGEST)
        .output()
        .unwrap();
    let document = assert_consistent(&output);
    if document["outlook"] == "nothing" {
        return eprintln!("skipped: nothing can be graded here: {document:#}");
    }
    let graded = graded::grade(graded::rdgrade("all").arg("--reference"));
    assert_eq!(
        ungradable(&graded.report),
        document["checks"].as_u64().unwrap() - document["gradable"].as_u64().unwrap()
    );
}

fn ungradable(report: &Value) -> u64 {
    let levels = report["levels"].as_array().unwrap().iter();
    let checks = levels.flat_map(|level| level["checks"].as_array().unwrap());
    checks
        .filter(|check| check["status"] == "ungradable")
        .count() as u64
}

#[test]
fn an_ordinary_user_is_told_what_root_could_grade() {
    let Some(place) = Place::make() else { return };
    let output = place
        .command(&place.rdgrade, user::PATH)
        .args(["doctor", "--json"])
        .output()
        .unwrap();
    let document = assert_consistent(&output);
    assert_eq!(document["outlook"], "something");
    for id in ["many-ids", "cpu-cgroup", "memory-cgroup"] {
        let (state, remedy) = state(&document, id);
        assert!(
            state == "lacking" && remedy.contains("root"),
            "{id}: {state}, {remedy}"
        );
    }
    assert_eq!(state(&document, "jail").0, "works");
}

/// As in every container, where /etc/hosts is a mount of its own.
#[test]
fn a_file_that_is_mounted_in_etc_is_no_obstacle() {
    let Some(place) = Place::make() else { return };
    let script = "mount --bind /etc/passwd /etc/hosts && exec setpriv --reuid=$0 --regid=$0 --clear-groups \"$@\"";
    let mut command = assert_cmd::Command::new("unshare");
    command.args([
        "--mount",
        "/bin/sh",
        "-c",
        script,
        &user::NOBODY.to_string(),
    ]);
    command.arg(&place.rdgrade).args(["doctor", "--json"]);
    command.env("HOME", place.directory.path().join("home"));
    let document = assert_consistent(&command.timeout(LONGEST).output().unwrap());
    assert_eq!(state(&document, "jail").0, "works", "{document:#}");
}

#[test]
fn where_user_namespaces_are_forbidden_the_setting_is_named_and_nothing_is_promised() {
    let Some(place) = Place::make() else { return };
    // The limit is each user namespace's own (namespaces(7)): set in a new one, the host's stays as it is.
    let script = "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$@\"";
    let mut command = place.command("unshare".as_ref(), user::PATH);
    command.args(["--user", "--map-root-user", "/bin/sh", "-c", script, "sh"]);
    let output = command
        .arg(&place.rdgrade)
        .args(["doctor", "--json"])
        .output()
        .unwrap();
    let document = assert_consistent(&output);
    assert_eq!(document["outlook"], "nothing");
    for id in ["user-namespace", "jail", "fresh-proc", "overlay"] {
        let (state, remedy) = state(&document, id);
        assert!(
            state == "lacking" && remedy.contains("user.max_user_namespaces"),
            "{id}: {state}, {remedy}"
        );
    }
}

#[test]
fn a_cache_nobody_can_write_to_is_told_with_its_remedy() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("file"), "").unwrap();
    let output = assert_cmd::Command::new(RDGRADE)
        .args(["doctor", "--json"])
        .env("XDG_CACHE_HOME", directory.path().join("file"))
        .timeout(LONGEST)
        .output()
        .unwrap();
    let document = assert_consistent(&output);
    let (state, remedy) = state(&document, "image-cache");
    assert!(
        state == "lacking" && remedy.contains("XDG_CACHE_HOME"),
        "{state}, {remedy}"
    );
}
