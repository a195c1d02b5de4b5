//! A program in trouble gets its verdict in time, and the verdicts of its other checks are what they were.

#[path = "support/graded.rs"]
mod graded;
#[path = "support/programs.rs"]
mod programs;

use graded::{Graded, grade, rdgrade};
use programs::{Moment, misbehaving};
use rstest::rstest;
use std::fs;
use std::time::Duration;

/// `--timeout` of these runs.
const DEADLINE: Duration = Duration::from_secs(2);

/// How much later than its deadline a verdict may come. The promise is a second; other tests keep both cores busy.
const LATE: Duration = Duration::from_secs(3);

fn graded(moment: Moment, behaviour: &str) -> Graded {
    let submission = misbehaving(moment, behaviour);
    let graded = grade(
        rdgrade("level01")
            .args(["--timeout", "2s"])
            .arg(submission.path()),
    );
    assert_eq!(graded.checks.len(), 10, "{graded:#?}");
    for (id, checked) in &graded.checks {
        let took = Duration::from_millis(graded.check(id)["duration_ms"].as_u64().unwrap());
        assert!(took < DEADLINE + LATE, "{id} took {took:?}: {behaviour}");
        if id != moment.check() {
            assert_eq!(
                checked.status,
                "pass",
                "{id} suffers from {behaviour}: {:#}",
                graded.check(id)
            );
        }
    }
    graded
}

/// Everything that is said of a check, as text.
fn said(graded: &Graded, id: &str) -> String {
    graded.check(id).to_string()
}

const DEAF: &str = "trap '' TERM INT HUP QUIT; while :; do sleep 1000; done";
const DEAF_INSIDE: &str = "trap '' TERM INT HUP QUIT; while :; do :; done";
const STOPPED_TERMINAL: &str =
    "perl -MPOSIX -e 'tcflow(1, TCOOFF); $| = 1; print \"never\\n\" x 100_000'; sleep 1000";

#[rstest]
#[case::before_exec(Moment::First, "echo early; sleep 1000")]
#[case::before_a_second_exec(Moment::Second, "echo early; sleep 1000")]
#[case::after_exec(Moment::Last, "echo early; sleep 1000")]
#[case::inside(Moment::Inside, "echo early; read nothing")]
#[case::deaf(Moment::First, &format!("echo early; {DEAF}"))]
#[case::deaf_inside(Moment::Inside, &format!("echo early; {DEAF_INSIDE}"))]
#[case::stopped(Moment::Second, "echo early; kill -STOP $$")]
#[case::stopped_terminal(Moment::First, &format!("echo early; {STOPPED_TERMINAL}"))]
#[case::stopped_terminal_of_a_session(Moment::Second, &format!("echo early; {STOPPED_TERMINAL}"))]
#[case::closed_streams(Moment::First, "echo early; exec >/dev/null 2>&1; sleep 1000")]
fn what_hangs_is_named_with_its_step(#[case] moment: Moment, #[case] behaviour: &str) {
    let graded = graded(moment, behaviour);
    let id = moment.check();
    let check = graded.check(id);
    assert_eq!(check["status"], "fail", "{check:#}");
    let reason = check["reason"].as_str().unwrap();
    assert!(
        reason.contains(&moment.place()) && reason.contains("2 s"),
        "{reason}"
    );
    assert!(
        check["actual"].as_str().unwrap().contains("early"),
        "{check:#}"
    );
    assert_eq!(graded.code, Some(1));
}

#[rstest]
#[case::before_exec(Moment::First)]
#[case::inside(Moment::Inside)]
fn an_endless_flood_keeps_its_head_and_its_tail(#[case] moment: Moment) {
    let graded = graded(
        moment,
        "echo the first line; while :; do echo and another; done",
    );
    let check = graded.check(moment.check());
    assert_eq!(check["status"], "fail", "{check:#}");
    assert!(
        check["reason"].as_str().unwrap().contains(&moment.place()),
        "{check:#}"
    );
    let said = said(&graded, moment.check());
    assert!(
        said.contains("the first line") && said.contains("and another"),
        "{said}"
    );
    assert!(said.len() < 1 << 20, "{} bytes are no excerpt", said.len());
}

#[test]
fn a_hundred_megabytes_do_not_change_a_verdict() {
    let flood =
        "echo the first line; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo the last line";
    let submission = misbehaving(Moment::First, flood);
    // An unoptimised rdgrade on a busy machine reads some tens of megabytes a second.
    let graded = grade(
        rdgrade("level01")
            .args(["--timeout", "60s"])
            .arg(submission.path()),
    );
    graded.assert_all_pass();
    let said = said(&graded, Moment::First.check());
    assert!(
        said.contains("the first line")
            && said.contains("the last line")
            && said.contains("left out"),
        "{said}"
    );
}

#[rstest]
#[case::a_daemon_with_the_terminal(Moment::First, &format!("setsid sh -c \"{DEAF}\" & (setsid sh -c \"{DEAF}\" &)"))]
#[case::a_daemon_of_a_session(Moment::Second, &format!("(setsid sh -c \"{DEAF}\" &)"))]
#[case::a_daemon_that_prints(
    Moment::Second,
    "(setsid sh -c 'while :; do echo noise >&2; done' >/dev/null 2>&1 &)"
)]
#[case::a_daemon_inside(Moment::Inside, &format!(": >/dev/null; ({DEAF_INSIDE}) &"))]
#[case::a_forged_marker(
    Moment::Inside,
    "printf 'rd%s-%s=%s:\\n' 000000000000 2 0; echo 'rd000000000000-3=0:'"
)]
#[case::the_parent_stopped(Moment::First, "kill -STOP $PPID")]
#[case::the_parent_killed(Moment::Second, "kill -KILL 1; kill -STOP 1")]
#[case::a_raw_terminal(Moment::Second, "stty raw -echo <&1; stty sane -echo <&1")]
#[case::bytes_that_are_no_text(Moment::First, "head -c 300000 /dev/urandom; echo")]
fn what_is_odd_but_works_still_passes(#[case] moment: Moment, #[case] behaviour: &str) {
    graded(moment, behaviour).assert_all_pass();
}

#[rstest]
#[case::at_once(Moment::Second, "exit 0", "ended")]
#[case::with_a_signal(Moment::Second, "kill -9 $$", "SIGKILL")]
#[case::everything_killed(Moment::Second, "(kill -9 -1)", "SIGKILL")]
#[case::everything_killed_inside(Moment::Inside, "echo early; (kill -9 -1)", "ended")]
#[case::the_shell_killed_inside(Moment::Inside, "echo early; kill -9 $PPID", "ended")]
fn what_ends_early_is_named_with_its_step(
    #[case] moment: Moment,
    #[case] behaviour: &str,
    #[case] how: &str,
) {
    let graded = graded(moment, behaviour);
    let check = graded.check(moment.check());
    assert_eq!(check["status"], "fail", "{check:#}");
    let reason = check["reason"].as_str().unwrap();
    assert!(
        reason.contains(&moment.place()) && reason.contains(how),
        "{reason}"
    );
}

#[test]
fn a_program_that_always_hangs_costs_each_check_one_deadline() {
    let submission = tempfile::TempDir::new().unwrap();
    fs::write(submission.path().join("rd"), "#!/bin/sh\nexec sleep 1000\n").unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(submission.path().join("rd"), executable).unwrap();
    let graded = grade(
        rdgrade("level01")
            .args(["--timeout", "2s"])
            .arg(submission.path()),
    );
    assert_eq!(
        (graded.code, graded.checks.len()),
        (Some(1), 10),
        "{graded:#?}"
    );
    for (id, checked) in &graded.checks {
        assert!(
            matches!(checked.status.as_str(), "fail" | "blocked"),
            "{id}: {}",
            checked.status
        );
        assert_eq!(checked.points, 0, "{id}");
        let took = graded.check(id)["duration_ms"].as_u64().unwrap();
        assert!(
            u128::from(took) < (DEADLINE + LATE).as_millis(),
            "{id} took {took} ms"
        );
    }
}
