//! Reports made by hand: one of each thing a report can have to say.
#![allow(dead_code, reason = "each test binary uses some of it")]

mod checks_of;
pub mod cohort;
pub mod hostile;
pub mod pages;

pub use checks_of::*;

use checks::played::Side;
use checks::report::{CheckResult, Credit, Finding, LevelResult, Status, TranscriptEntry};
use rdgrade::event::{Digests, Event, NotGraded, Student, SubmissionReport};
use rdgrade::page::Paint;
use rdgrade::report::{Again, Detail, Environment, Kind, Look, Opening, Reporter};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

pub const ROOTFS: &str = "/workshop/containers/5abb650e-8d2f-4d6c-b0b0-3c1f6a1d2e4f/rootfs";

/// A check that passed, worth `points`.
pub fn passed(id: &str, title: &str, points: u32) -> CheckResult {
    CheckResult {
        id: id.into(),
        title: title.into(),
        status: Status::Pass,
        points,
        max_points: points,
        bonus: false,
        reason: String::new(),
        expected: String::new(),
        actual: String::new(),
        evidence: Vec::new(),
        findings: Vec::new(),
        credits: Vec::new(),
        blocked_by: Vec::new(),
        hint: "Not shown where all is well.".into(),
        link: "https://man7.org/linux/man-pages/man2/chroot.2.html".into(),
        duration_ms: 12,
        transcript: vec![start()],
    }
}

/// The same check with another verdict and no points.
pub fn ended(check: CheckResult, status: Status, reason: &str) -> CheckResult {
    CheckResult {
        status,
        points: 0,
        reason: reason.into(),
        ..check
    }
}

pub fn start() -> TranscriptEntry {
    let announced = format!("Created a new root fs for our container: {ROOTFS}\n");
    step(
        0,
        Side::Submission,
        "rd.py run -i ubuntu /bin/bash",
        &announced,
        None,
    )
}

pub fn step(
    step: usize,
    side: Side,
    input: &str,
    output: &str,
    exit: Option<&str>,
) -> TranscriptEntry {
    TranscriptEntry {
        step,
        side,
        input: input.into(),
        output: output.into(),
        exit: exit.map(Into::into),
    }
}

pub fn finding(step: usize, reason: &str, expected: &str, actual: &str) -> Finding {
    Finding {
        step,
        line: 60 + step,
        reason: reason.into(),
        expected: expected.into(),
        actual: actual.into(),
        evidence: Vec::new(),
        hint: None,
    }
}

pub fn level(level: &str, title: &str, checks: Vec<CheckResult>) -> LevelResult {
    let counts = |check: &&CheckResult| {
        !check.bonus && !matches!(check.status, Status::Ungradable | Status::Error)
    };
    LevelResult {
        level: level.into(),
        title: title.into(),
        score: checks.iter().map(|check| check.points).sum(),
        max_score: checks
            .iter()
            .filter(counts)
            .map(|check| check.max_points)
            .sum(),
        checks,
    }
}

pub fn report(submission: &str, levels: Vec<LevelResult>) -> SubmissionReport {
    SubmissionReport {
        schema: "rdgrade/report/v1".into(),
        tool: "rdgrade 0.1.0".into(),
        seed: 42,
        isolation: "user namespace, 65536 ids".into(),
        submission: submission.into(),
        student: None,
        digests: Digests::default(),
        not_graded: None,
        score: levels.iter().map(|level| level.score).sum(),
        max_score: levels.iter().map(|level| level.max_score).sum(),
        levels,
        command: "rd.py run -i ubuntu /bin/bash".into(),
    }
}

pub fn not_graded(submission: &str) -> SubmissionReport {
    SubmissionReport {
        not_graded: Some(NotGraded {
            reason: "rd.py needs the Python module click, and it is not installed.".into(),
            remedy: "apt install python3-click, or pip install click".into(),
        }),
        ..report(submission, Vec::new())
    }
}

/// One submission with everything that has a mark: passed, failed, half, blocked, ungradable, bonus missed.
pub fn marked(submission: &str) -> SubmissionReport {
    let missed = ended(bonus(), Status::Fail, "root's groups were kept");
    let chroot = vec![
        passed("announces-the-root", "The root is announced", 1),
        no_chroot(),
        no_chdir(),
        half_the_filesystems(),
        leaked_file(),
    ];
    let levels = vec![
        level("level01", "chroot", chroot),
        level(
            "level04",
            "overlay",
            vec![ungradable(), passed("unpacked-once", "Unpacked once", 2)],
        ),
        level(
            "level10",
            "setuid",
            vec![passed("runs-as-uid-gid", "Runs as the user", 3), missed],
        ),
    ];
    report(submission, levels)
}

/// A class of three: one with a mark, one with a check that we broke, one that could not be graded.
pub fn class() -> Vec<(usize, SubmissionReport)> {
    let mut alice = marked("alice/rd.py");
    alice.student = Some(Student {
        id: "a1234".into(),
        name: "Alice Example".into(),
    });
    let checks = vec![
        passed("image-left-alone", "The image is as it was", 1),
        error(),
    ];
    let bob = report("bob/rd.py", vec![level("level01", "chroot", checks)]);
    vec![(0, alice), (1, bob), (2, not_graded("carol"))]
}

/// What classroom50 tells an autograder, and `more`.
pub fn environment(more: &[(&str, &str)]) -> Environment {
    CLASSROOM50
        .iter()
        .chain(more)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The variables that classroom50 sets.
pub const CLASSROOM50: &[(&str, &str)] = &[
    ("CLASSROOM", "os-2026"),
    ("ASSIGNMENT", "rd"),
    ("OWNER", "alice"),
    ("ASSIGNMENT_TYPE", "individual"),
    ("SUBMISSION_TAG", "submit/2026-11-23T09-15-00Z-abc1234"),
    (
        "COMMIT_URL",
        "https://example.org/os/rd-alice/commit/abc1234",
    ),
    (
        "RELEASE_URL",
        "https://example.org/os/rd-alice/releases/tag/x",
    ),
    ("COMMIT_DATE", "2026-11-23T10:15:00+01:00"),
];

/// A writer whose text can be read afterwards.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

pub fn look(width: usize, paint: Paint, detail: Detail) -> Look {
    Look {
        width,
        paint,
        detail,
        again: Again::default(),
    }
}

/// What a reporter of this kind writes, the submissions having been finished in this order.
pub fn written(kind: &Kind, look: Look, finished: Vec<(usize, SubmissionReport)>) -> String {
    written_in(kind, look, Environment::default(), finished)
}

/// The same where these environment variables are set.
pub fn written_in(
    kind: &Kind,
    look: Look,
    environment: Environment,
    finished: Vec<(usize, SubmissionReport)>,
) -> String {
    let (shared, mut reporter) = opened(kind, look, environment);
    tell(reporter.as_mut(), finished);
    shared.text()
}

/// A reporter of this kind, and what it writes to.
pub fn opened(kind: &Kind, look: Look, environment: Environment) -> (Shared, Box<dyn Reporter>) {
    let shared = Shared::default();
    let opening = Opening {
        output: Box::new(shared.clone()),
        file: None,
        look,
        environment,
    };
    let reporter = (kind.open)(opening).unwrap();
    (shared, reporter)
}

/// Tells the reporter all that happens in a run in which the submissions are finished in this order.
pub fn tell(reporter: &mut dyn Reporter, finished: Vec<(usize, SubmissionReport)>) {
    let mut events = vec![Event::RunStarted {
        seed: 42,
        isolation: "user namespace, 65536 ids".into(),
        submissions: finished.len(),
        checks: 10,
    }];
    for (submission, report) in finished {
        events.push(Event::SubmissionStarted {
            submission,
            name: report.submission.clone(),
        });
        for level in &report.levels {
            for result in &level.checks {
                events.push(Event::CheckFinished {
                    submission,
                    level: level.level.clone(),
                    result: Box::new(result.clone()),
                    recording: None,
                });
            }
        }
        events.push(Event::SubmissionFinished {
            submission,
            report: Box::new(report),
        });
    }
    events.push(Event::RunFinished);
    for event in &events {
        reporter.event(event).unwrap();
    }
}
