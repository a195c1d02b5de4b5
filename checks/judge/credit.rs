//! Points of a check's steps: partial credit, told step by step.

use super::verdict::Tally;
use crate::level::{Action, Check, Rows, Step, TableRelation};
use crate::report::Credit;
use crate::wording;
use alloc::{format, string::String, vec::Vec};

impl Tally {
    /// What each step with points has earned; empty where none has any. The steps without points are the ground
    /// the others stand on: if one of them fails, nothing is earned.
    pub(super) fn credits(&self, check: &Check) -> Vec<Credit> {
        let steps = || check.scenario.iter().enumerate();
        let held = |step: usize| !self.failed.contains(&step);
        let ground_holds = steps().all(|(index, step)| step.points.is_some() || held(index));
        let credit = |(index, step): (usize, &Step)| {
            let max_points = step.points?;
            let points = if ground_holds && held(index) {
                max_points
            } else {
                0
            };
            Some(Credit {
                step: index,
                what: what(step),
                points,
                max_points,
            })
        };
        steps().filter_map(credit).collect()
    }
}

/// What a step asks for, a few words: `ps`, `your container's mounts: target /proc, type proc`.
fn what(step: &Step) -> String {
    let subject = match &step.action {
        Action::Observe(subject) => subject,
        Action::Inside(typed) | Action::Outside(typed) => return typed.clone(),
        Action::Run(command) | Action::Start(command) => return command.join(" "),
        Action::End(status) => return format!("exit {status}"),
    };
    let named = |fact| format!("{} {}", wording::whose(subject), wording::fact(fact));
    let expect = &step.expect;
    let values = expect
        .values
        .keys()
        .chain(expect.records.keys())
        .map(|fact| named(*fact));
    let tables = expect
        .tables
        .iter()
        .map(|(fact, relation)| match rows(relation) {
            rows if rows.is_empty() => named(*fact),
            rows => format!("{}: {rows}", named(*fact)),
        });
    values.chain(tables).collect::<Vec<_>>().join("; ")
}

fn rows(relation: &TableRelation) -> String {
    match &relation.has {
        Some(Rows::Listed(rows)) => rows
            .iter()
            .map(wording::row_pattern)
            .collect::<Vec<_>>()
            .join("; "),
        _ => String::new(),
    }
}
