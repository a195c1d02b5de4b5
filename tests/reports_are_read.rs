//! Reports for other systems, read by readers that are not ours: what they are told, and that no submission can
//! tell them anything else.

mod made;
#[path = "support/readers.rs"]
mod readers;

use checks::report::Status;
use made::hostile::forged;
use made::*;
use rdgrade::event::{Event, SubmissionReport};
use rdgrade::page::Paint;
use rdgrade::report::{Detail, Holds, KINDS, Kind, kind};
use readers::{Row, read};
use rstest::rstest;
use std::fs;

fn text(kind: &Kind, reports: Vec<SubmissionReport>) -> String {
    let look = look(80, Paint::Plain, Detail::Failures);
    let finished = reports.into_iter().enumerate().collect();
    written_in(kind, look, environment(&[]), finished)
}

fn named(name: &str) -> &'static Kind {
    kind(name).unwrap()
}

fn rows(name: &str, reports: Vec<SubmissionReport>) -> Option<Vec<Row>> {
    read(name, &text(named(name), reports))
}

fn status<'a>(rows: &'a [Row], id: &str) -> &'a str {
    let mut found = rows.iter().filter(|row| row.name.ends_with(id));
    let row = found.next().unwrap_or_else(|| panic!("{id} in {rows:?}"));
    assert!(found.next().is_none(), "{id} twice in {rows:?}");
    &row.status
}

/// A class where the format has room for one.
fn benign(kind: &Kind) -> Vec<SubmissionReport> {
    match kind.holds {
        Holds::Several => class().into_iter().map(|(_, report)| report).collect(),
        Holds::One { .. } => vec![marked("alice/rd.py")],
        Holds::Folder => unreachable!("it is no text"),
    }
}

#[test]
fn a_hostile_submission_alters_no_report() {
    // Directories of pages have a browser of their own (tests/html_in_a_browser.rs).
    for kind in KINDS.iter().filter(|kind| kind.holds != Holds::Folder) {
        let forgeries = benign(kind).into_iter().map(forged).collect();
        let (plain, forged) = (text(kind, benign(kind)), text(kind, forgeries));
        let obeyed = |c: char| {
            c.is_control() && !matches!(c, '\n' | '\t') || "\u{202e}\u{200b}\u{fffe}".contains(c)
        };
        // RFC 4180 ends lines with CR LF; a CR alone is none.
        let lines = if kind.name == "csv" {
            forged.replace("\r\n", "\n")
        } else {
            forged.clone()
        };
        assert!(
            !lines.contains(obeyed),
            "{} has control characters",
            kind.name
        );
        // JSON is the whole of it.
        let room = if kind.name == "json" {
            usize::MAX
        } else {
            1_000_000
        };
        assert!(forged.len() < room, "{}: {} bytes", kind.name, forged.len());
        let (Some(plain), Some(forged)) = (read(kind.name, &plain), read(kind.name, &forged))
        else {
            continue;
        };
        if kind.name == "codequality" {
            // The path is part of an issue's fingerprint.
            let names = |rows: &[Row]| {
                rows.iter()
                    .map(|row| (row.name.clone(), row.status.clone()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(names(&plain), names(&forged));
            continue;
        }
        assert_eq!(plain, forged, "{}", kind.name);
    }
}

#[rstest]
#[case::junit("junit", ["passed", "failure", "failure", "skipped", "skipped"])]
#[case::tap("tap", ["true  pass", "false  fail", "false  fail", "false  blocked", "true skip ungradable"])]
#[case::ctrf("ctrf", ["passed", "failed", "failed", "skipped", "skipped"])]
#[case::gradescope("gradescope", ["passed", "failed", "failed", "failed", "null"])]
#[case::classroom50("classroom50", ["true", "false", "false", "false", "false"])]
#[case::classroom("classroom", ["pass", "fail", "fail", "fail", "error"])]
#[case::check50("check50", ["true", "false", "false", "null", "null"])]
fn a_verdict_is_told_in_the_formats_own_words(#[case] name: &str, #[case] words: [&str; 5]) {
    let Some(rows) = rows(name, vec![marked("rd.py")]) else {
        return;
    };
    let ids = [
        "announces-the-root",
        "working-directory-is-inside",
        "special-filesystems",
        "isolated-test-file",
        "root-is-overlay",
    ];
    let told = ids.map(|id| status(&rows, id));
    assert_eq!(told, words);
}

#[rstest]
#[case::junit("junit", "[\"2\",\"4\"]")]
#[case::tap("tap", "2")]
#[case::ctrf("ctrf", "2")]
#[case::gradescope("gradescope", "2")]
#[case::classroom50("classroom50", "2")]
#[case::classroom("classroom", "2")]
#[case::check50("check50", "2")]
fn half_a_check_earns_half_its_points(#[case] name: &str, #[case] points: &str) {
    let Some(rows) = rows(name, vec![marked("rd.py")]) else {
        return;
    };
    let half = rows
        .iter()
        .find(|row| row.name.ends_with("special-filesystems"));
    assert_eq!(half.unwrap().points, points);
}

#[rstest]
#[case::junit("junit", "skipped")]
#[case::tap("tap", "false todo fail")]
#[case::ctrf("ctrf", "other")]
fn a_bonus_that_was_missed_is_no_failure(#[case] name: &str, #[case] word: &str) {
    let Some(rows) = rows(name, vec![marked("rd.py")]) else {
        return;
    };
    assert_eq!(status(&rows, "no-supplementary-groups"), word);
}

fn with_a_bonus() -> SubmissionReport {
    report(
        "rd.py",
        vec![level(
            "level10",
            "setuid",
            vec![passed("uid", "Runs as the user", 3), bonus()],
        )],
    )
}

#[rstest]
#[case("gradescope", "score", None)]
#[case("classroom50", "score", Some("max-score"))]
fn a_bonus_is_beyond_the_maximum(
    #[case] name: &str,
    #[case] score: &str,
    #[case] maximum: Option<&str>,
) {
    let text = text(named(name), vec![with_a_bonus()]);
    let Some(document) = readers::schema(name, &text) else {
        return;
    };
    assert_eq!(document[score], 4);
    if let Some(maximum) = maximum {
        assert_eq!(document[maximum], 3);
    }
}

fn broken() -> SubmissionReport {
    report(
        "rd.py",
        vec![level(
            "level01",
            "chroot",
            vec![passed("a", "A", 1), error()],
        )],
    )
}

#[rstest]
#[case::junit("junit", "error")]
#[case::tap("tap", "true skip error")]
#[case::ctrf("ctrf", "other")]
#[case::classroom("classroom", "error")]
#[case::check50("check50", "null")]
fn our_own_fault_is_no_failure(#[case] name: &str, #[case] word: &str) {
    let Some(rows) = rows(name, vec![broken()]) else {
        return;
    };
    assert_eq!(status(&rows, "host-mounts-untouched"), word);
}

#[rstest]
#[case::junit("junit", "grading", "error")]
#[case::tap("tap", "bailout", "rdgrade could not grade 1 of 1 submissions")]
#[case::ctrf("ctrf", "grading", "other")]
#[case::classroom("classroom", "all", "error")]
#[case::github("github", "not", "error")]
fn what_was_not_graded_is_neither_a_failure_nor_a_success(
    #[case] name: &str,
    #[case] test: &str,
    #[case] word: &str,
) {
    let Some(rows) = rows(name, vec![not_graded("rd.py")]) else {
        return;
    };
    assert_eq!(status(&rows, test), word);
    assert!(!rows.iter().any(|row| matches!(
        &*row.status,
        "passed" | "failure" | "failed" | "pass" | "fail"
    )));
}

#[test]
fn tap_bails_out_where_a_check_could_not_be_judged() {
    let Some(rows) = rows("tap", vec![marked("a"), broken()]) else {
        return;
    };
    assert_eq!(
        status(&rows, "bailout"),
        "rdgrade could not grade 1 of 2 submissions"
    );
}

#[rstest]
fn a_mark_that_would_be_wrong_is_none(
    #[values("gradescope", "classroom50")] name: &str,
    #[values(not_graded("rd.py"), broken(), report("rd.py", vec![level("level04", "overlay", vec![ungradable()])]))]
    report: SubmissionReport,
) {
    let text = text(named(name), vec![report]);
    assert!(
        serde_json::from_str::<serde_json::Value>(&text).is_err(),
        "{text}"
    );
    assert!(text.starts_with("rdgrade could not grade this submission\n"));
    assert!(text.lines().count() > 1, "it should say why");
}

#[test]
fn several_submissions_come_in_the_order_of_the_command_line() {
    for name in ["junit", "tap", "ctrf", "codequality", "markdown"] {
        let finished = vec![(1, marked("second")), (0, marked("first"))];
        let look = look(80, Paint::Plain, Detail::Failures);
        let text = written_in(named(name), look, environment(&[]), finished);
        assert!(
            text.find("first").unwrap() < text.find("second").unwrap(),
            "{name}"
        );
    }
}

#[test]
fn a_submission_is_written_when_it_is_finished() {
    for name in ["junit", "tap", "ctrf", "codequality", "markdown"] {
        let look = look(80, Paint::Plain, Detail::Failures);
        let (shared, mut reporter) = opened(named(name), look, environment(&[]));
        let started = Event::RunStarted {
            seed: 1,
            isolation: String::new(),
            submissions: 2000,
            checks: 8,
        };
        reporter.event(&started).unwrap();
        for submission in 0..2 {
            let before = shared.text().len();
            let report = Box::new(marked(&format!("submission-{submission}")));
            reporter
                .event(&Event::SubmissionFinished { submission, report })
                .unwrap();
            assert!(shared.text().len() > before + 500, "{name} keeps a report");
        }
    }
}

/// A submission with this many failures.
fn failing(checks: usize) -> SubmissionReport {
    let failed = |n: usize| {
        let check = passed(&format!("check-{n}"), "It holds", 1);
        ended(check, Status::Fail, "It does not hold.")
    };
    report(
        "rd.py",
        vec![level(
            "level01",
            "chroot",
            (0..checks).map(failed).collect(),
        )],
    )
}

#[test]
fn github_shows_no_more_annotations_than_it_has_room_for() {
    let Some(rows) = rows("github", vec![failing(40)]) else {
        return;
    };
    let of = |word: &str| rows.iter().filter(|row| row.status == word).count();
    assert_eq!((of("error"), of("notice"), rows.len()), (10, 1, 11));
}

#[test]
fn a_summary_stays_within_what_github_accepts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("summary.md");
    fs::write(&path, "# Written by an earlier command\n").unwrap();
    let variables = environment(&[("GITHUB_STEP_SUMMARY", path.to_str().unwrap())]);
    let finished = (0..2000)
        .map(|n| (n, marked(&format!("student-{n}/rd.py"))))
        .collect();
    let look = look(80, Paint::Plain, Detail::Summary);
    written_in(named("github"), look, variables, finished);
    let summary = fs::read_to_string(&path).unwrap();
    assert!(summary.starts_with("# Written by an earlier command\n"));
    assert!(
        (500_000..1024 * 1024).contains(&summary.len()),
        "{}",
        summary.len()
    );
    assert!(summary.ends_with("submissions or explanations.*\n"));
    read("markdown", &summary);
}

#[test]
fn outputs_of_a_step_hold_our_words_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("output");
    let variables = environment(&[("GITHUB_OUTPUT", path.to_str().unwrap())]);
    let look = look(80, Paint::Plain, Detail::Failures);
    written_in(
        named("classroom50"),
        look,
        variables,
        vec![(0, forged(marked("rd.py")))],
    );
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "status=failure\nsummary=8 of 17 points\n"
    );
}
