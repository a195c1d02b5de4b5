//! Patterns that cannot be read.

use super::{PathPart, Report};
use crate::level::{Check, ExitExpectation, Scalar};
use crate::pattern::{BadPattern, LinePattern, Snapshot};
use crate::signal;
use crate::walk::{self, Place};
use alloc::{format, vec::Vec};

pub(super) fn patterns(check: &Check, report: &mut Report<'_>) {
    for (index, step) in check.scenario.iter().enumerate() {
        let mut report = report.item("scenario", index);
        let mut report = report.key("expect");
        if let Some(Err(bad)) = step.expect.snapshot.as_deref().map(Snapshot::parse) {
            add(bad, &mut report.key("snapshot"));
        }
        if let Some(ExitExpectation::Signal(name)) = &step.expect.exit
            && signal::number(name).is_none()
        {
            report.key("exit").add(
                format!("`{name}` is no signal"),
                "write a number, nonzero, or a signal as SIGKILL",
            );
        }
        let subject = walk::subject(step);
        walk::walk(&step.expect, &subject, &mut |_, place, path| {
            let Place::Relation(relation) = place else {
                return;
            };
            for (name, scalar) in [("is", &relation.is), ("is-not", &relation.is_not)] {
                let mut path = path.to_vec();
                path.push(PathPart::key(name));
                match scalar {
                    Some(Scalar::Text(text)) => line(text, &mut report.below(&path)),
                    Some(Scalar::List(texts)) => {
                        for (index, text) in texts.iter().enumerate() {
                            let mut path: Vec<PathPart> = path.clone();
                            path.push(PathPart::Index(index));
                            line(text, &mut report.below(&path));
                        }
                    }
                    Some(Scalar::Number(_)) | None => {}
                }
            }
        });
    }
}

fn line(text: &str, report: &mut Report<'_>) {
    if let Err(bad) = LinePattern::parse(text) {
        add(bad, report);
    }
}

fn add(bad: BadPattern, report: &mut Report<'_>) {
    report.push(Some(bad.offset), bad.message, &bad.remedy);
}
