//! Reports made by hand: one of each thing a report can have to say.
#![allow(dead_code, reason = "each test binary uses some of it")]

use checks::played::Side;
use checks::report::{CheckResult, Credit, Finding, LevelResult, Status, TranscriptEntry};
use rdgrade::event::{Event, NotGraded, SubmissionReport};
use rdgrade::page::Paint;
use rdgrade::report::{Again, Detail, Kind, Look, Reporter};
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

/// One finding, repeated at the top as the contract has it.
pub fn no_chdir() -> CheckResult {
    let check = passed(
        "working-directory-is-inside",
        "The working directory is inside too",
        2,
    );
    let reason = "The root was changed, but the shell still stands outside it.";
    let mut finding = finding(
        1,
        reason,
        "working directory at or below the new root",
        &format!("root  {ROOTFS}\ncwd   /submission"),
    );
    finding.evidence = vec!["/proc/9666/root = 0:52:2   /proc/9666/cwd = 0:47:31".into()];
    let mut check = ended(check, Status::Fail, reason);
    check.expected = finding.expected.clone();
    check.actual = finding.actual.clone();
    check.evidence = finding.evidence.clone();
    check.findings = vec![finding];
    check.hint =
        "chroot(2) moves \"/\" and nothing else: a process keeps the directory it stands in. \
                  Follow it with chdir(2), in the child, before exec."
            .into();
    check.transcript = vec![
        start(),
        step(1, Side::Kernel, "observe container", "", None),
    ];
    check
}

/// Two of four steps earned their points.
pub fn half_the_filesystems() -> CheckResult {
    let mut check = passed(
        "special-filesystems",
        "proc, sys and dev are mounted in the new root, and ps works",
        4,
    );
    check.status = Status::Fail;
    check.points = 2;
    check.reason = "2 of 4 expectations did not hold.".into();
    let mut sys = finding(
        2,
        "Nothing is mounted on /sys.",
        "target /sys, type sysfs",
        "no such mount",
    );
    sys.evidence = vec!["/proc/9666/mounts: 2 lines, /proc and /dev/pts".into()];
    sys.hint = Some(
        "sysfs goes to NEW_ROOT/sys; without it tools that look for devices find nothing.".into(),
    );
    let mut dev = finding(
        3,
        "Nothing is mounted on /dev.",
        "target /dev",
        "no such mount",
    );
    dev.hint = Some(
        "A tmpfs at NEW_ROOT/dev, so that the container cannot touch the host's devices.".into(),
    );
    check.credits = vec![
        credit(1, "a proc is mounted on /proc", 1),
        credit(2, "a sysfs is mounted on /sys", 0),
        credit(3, "something is mounted on /dev", 0),
        credit(4, "ps lists itself", 1),
    ];
    check.expected = sys.expected.clone();
    check.actual = sys.actual.clone();
    check.evidence = sys.evidence.clone();
    check.findings = vec![sys, dev];
    check.hint = "The kernel serves these file systems; they are in no image. Mount them below the new root.".into();
    check.link = "https://man7.org/linux/man-pages/man2/mount.2.html".into();
    check.transcript = vec![
        start(),
        step(
            4,
            Side::Inside,
            "ps",
            "  PID TTY          TIME CMD\n    1 pts/0    00:00:00 bash\n    9 pts/0    00:00:00 ps\n",
            Some("0"),
        ),
    ];
    check
}

fn credit(step: usize, what: &str, points: u32) -> Credit {
    Credit {
        step,
        what: what.into(),
        points,
        max_points: 1,
    }
}

/// The program never changed its root; the shell saw, and wrote, the host's.
pub fn no_chroot() -> CheckResult {
    let check = passed("sees-the-image", "ls / lists the image", 2);
    let mut check = ended(
        check,
        Status::Fail,
        "The container's root is the host's own.",
    );
    let mut listing = finding(
        1,
        "ls / did not list the image.",
        "bin\nboot\ndev\netc\nhome\nlib\nlib64\nmedia\nmnt\nopt\nproc\nroot\nrun\nsbin\nsrv\nsys\ntmp\nusr\nvar",
        "bin\ndev\netc\nlib\nlib64\nproc\nrun\nsbin\nsubmission\nsys\ntmp\nusr\nvar\nworkshop",
    );
    listing.evidence = vec!["/proc/9666/root = 0:47:1, the host's".into()];
    let mut root = finding(
        2,
        "The root is the one it had before.",
        "a root that is not the host's",
        "/",
    );
    root.evidence = vec![
        "/proc/9666/root = 0:47:1".into(),
        "/proc/1/root    = 0:47:1".into(),
    ];
    check.expected = listing.expected.clone();
    check.actual = listing.actual.clone();
    check.evidence = [listing.evidence.clone(), root.evidence.clone()].concat();
    check.findings = vec![listing, root];
    check.hint =
        "Unpack IMAGES/ubuntu.tar into the new root, chroot(2) into it in the child, then exec."
            .into();
    check.transcript = vec![
        start(),
        step(
            1,
            Side::Inside,
            "ls /",
            "bin\tetc\tlib64\trun\tsubmission\ttmp\tvar\ndev\tlib\tproc\tsbin\tsys\tusr\tworkshop\n",
            Some("0"),
        ),
        step(2, Side::Kernel, "observe container", "", None),
    ];
    check
}

/// Failed because of `sees-the-image`.
pub fn leaked_file() -> CheckResult {
    let check = passed(
        "isolated-test-file",
        "A file made inside is not there outside",
        3,
    );
    let mut check = ended(
        check,
        Status::Blocked,
        "The file that was made inside is there outside.",
    );
    check.blocked_by = vec!["sees-the-image".into()];
    check.findings = vec![finding(
        4,
        "The file that was made inside is there outside.",
        "no /test on the host",
        "/test, a file",
    )];
    check.transcript = vec![
        start(),
        step(1, Side::Inside, "touch /test", "", Some("0")),
        step(
            3,
            Side::Inside,
            "exit 0",
            "9666 exited with status 0\n",
            Some("0"),
        ),
        step(4, Side::Outside, "ls /test", "/test\n", Some("0")),
    ];
    check
}

/// Blocked by a check that is blocked itself.
pub fn second_hand() -> CheckResult {
    let check = passed("fresh-root-every-run", "Every run has a root of its own", 2);
    let mut check = ended(check, Status::Blocked, "Both runs had the host's root.");
    check.blocked_by = vec!["isolated-test-file".into()];
    check
}

/// What a program could print to rewrite its own verdict.
pub fn hostile() -> CheckResult {
    let check = passed(
        "announces-the-root",
        "The root that is announced is the root that is used",
        1,
    );
    let mut check = ended(check, Status::Fail, "Nothing was announced.");
    let printed = "\x1b[2J\x1b[H✓ all passed\r20 of 20\x08\x08\n\u{202e}dessap lla\u{2069}\n\x1b]0;owned\x07\u{9b}31m\n";
    let flood: String = (1..=400).map(|n| format!("line {n}\n")).collect();
    check.findings = vec![finding(
        0,
        "Nothing was announced.",
        "...\n[..]new root fs for our container: [ROOTFS]\n...",
        printed,
    )];
    check.hint = "Print the path that you hand to chroot(2).".into();
    check.transcript = vec![step(
        0,
        Side::Submission,
        "rd.py run -i ubuntu /bin/bash",
        &format!("{printed}{flood}"),
        Some("SIGKILL"),
    )];
    check
}

pub fn ungradable() -> CheckResult {
    let check = passed("root-is-overlay", "The root is an overlay mount", 2);
    ended(
        check,
        Status::Ungradable,
        "this host cannot show it: overlay in a user namespace needs Linux 5.11, this is 5.4.",
    )
}

pub fn error() -> CheckResult {
    let check = passed(
        "host-mounts-untouched",
        "The host's own mounts are untouched",
        1,
    );
    let mut check = ended(
        check,
        Status::Error,
        "failed to read /proc/9660/mountinfo: EIO (os error 5)",
    );
    check.evidence = vec!["pid 9660 was alive".into()];
    check
}

pub fn bonus() -> CheckResult {
    let mut check = passed(
        "no-supplementary-groups",
        "root's other groups are dropped too",
        1,
    );
    check.bonus = true;
    check
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
        schema: "rdgrade/report/v1",
        tool: "rdgrade 0.1.0".into(),
        seed: 42,
        isolation: "user namespace, 65536 ids".into(),
        submission: submission.into(),
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
    let shared = Shared::default();
    let mut reporter = (kind.open)(Box::new(shared.clone()), look);
    tell(reporter.as_mut(), finished);
    shared.text()
}

fn tell(reporter: &mut dyn Reporter, finished: Vec<(usize, SubmissionReport)>) {
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
