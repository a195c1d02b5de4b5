//! The report as web pages, written from what was made.

use super::cohort::{cohort, recording};
use super::hostile::forged;
use super::*;
use rdgrade::report::html;
use std::path::Path;

pub fn open(folder: &Path) -> io::Result<Box<dyn Reporter>> {
    (html::KIND.open)(Opening {
        output: Box::new(io::sink()),
        file: Some(folder.to_owned()),
        look: look(80, Paint::Plain, Detail::Failures),
        environment: environment(&[]),
    })
}

/// The pages of a run in which these reports came in this order.
pub fn write(folder: &Path, reports: Vec<(usize, SubmissionReport)>) {
    tell(open(folder).unwrap().as_mut(), reports);
}

/// The same with a recording of the first check of everybody.
pub fn write_recorded(folder: &Path, reports: Vec<(usize, SubmissionReport)>) {
    let mut reporter = open(folder).unwrap();
    let mut tell = |event: Event| reporter.event(&event).unwrap();
    tell(Event::RunStarted {
        seed: 42,
        isolation: "user namespace, 65536 ids".into(),
        submissions: reports.len(),
        checks: 52,
    });
    for (submission, report) in reports {
        if let Some(level) = report.levels.first() {
            tell(Event::CheckFinished {
                submission,
                level: level.level.clone(),
                result: Box::new(level.checks[0].clone()),
                recording: Some(Box::new(recording())),
            });
        }
        tell(Event::SubmissionFinished {
            submission,
            report: Box::new(report),
        });
    }
    tell(Event::RunFinished);
}

pub fn in_order(reports: Vec<SubmissionReport>) -> Vec<(usize, SubmissionReport)> {
    reports.into_iter().enumerate().collect()
}

/// Hostile in name and output, one page each.
pub fn hostile_class() -> Vec<SubmissionReport> {
    let attack = "<img src=x onerror=\"window.owned=1\"><script>window.owned=1</script></script></style></title>{{7*7}}";
    let mut reports = cohort(3);
    reports[0].student = Some(Student {
        id: "../../etc/passwd\" onmouseover=\"window.owned=1".into(),
        name: format!("Mallory {attack}"),
    });
    for check in reports[0]
        .levels
        .iter_mut()
        .flat_map(|level| &mut level.checks)
    {
        check.link = "javascript:window.owned=1".into();
        for entry in &mut check.transcript {
            entry.output = attack.to_owned();
        }
    }
    reports[1] = forged(reports[1].clone());
    reports
}
