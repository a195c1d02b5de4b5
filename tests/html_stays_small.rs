//! The report as web pages needs memory for a matrix, not for what was printed. Alone in its process: what is measured is that.

mod made;

use made::cohort::cohort;
use made::*;
use rdgrade::event::Event;
use rdgrade::page::Paint;
use rdgrade::report::{Detail, Opening, html};
use std::fs;
use std::io;

#[test]
fn a_large_class_needs_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut reporter = (html::KIND.open)(Opening {
        output: Box::new(io::sink()),
        file: Some(folder.path().to_owned()),
        look: look(80, Paint::Plain, Detail::Failures),
        environment: environment(&[]),
    })
    .unwrap();
    let students = 300;
    let started = Event::RunStarted {
        seed: 1,
        isolation: String::new(),
        submissions: students,
        checks: 52,
    };
    reporter.event(&started).unwrap();
    let mut one = cohort(1).remove(0);
    for check in one.levels.iter_mut().flat_map(|level| &mut level.checks) {
        check.transcript[0].output = "x\n".repeat(2_000);
    }
    let mut told = |from: usize, to: usize| {
        for submission in from..to {
            let report = Box::new(one.clone());
            let finished = Event::SubmissionFinished { submission, report };
            reporter.event(&finished).unwrap();
        }
        resident_kib()
    };
    let after_some = told(0, 30);
    let after_all = told(30, students);
    // 270 reports of 200 KB would be 54 MB.
    assert!(
        after_all < after_some + 8_000,
        "{after_some} KiB, then {after_all} KiB"
    );
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}
