//! The judge, from the check to its result.

mod findings;
mod orders;
mod verdicts;

use super::*;
use crate::fact::{FactName, Subject};
use crate::level::{ExitExpectation, Expect, Reference, Relation, Rows, TableRelation};
use crate::played::Exit;
use crate::report::Status;
use crate::samples::*;
use alloc::{string::ToString, vec};
use rstest::rstest;

fn bindings() -> Bindings {
    Bindings {
        words: BTreeMap::from([("nonce".to_string(), "5ee7".to_string())]),
        captures: BTreeMap::from([("CONTAINERS".to_string(), "/c".to_string())]),
        file: "level01.yaml".to_string(),
    }
}

/// Plays each step with the given record, its facts answered from `known`.
fn play(check: &Check, known: &[(Subject, FactName, Value)], records: Vec<Played>) -> CheckResult {
    let mut judge = Judge::new(check, bindings());
    judge.record_before(answer(judge.before(), known));
    for (index, mut record) in records.into_iter().enumerate() {
        record.facts = answer(judge.wanted(index), known);
        judge.record(index, record);
    }
    judge.finish()
}

fn asked(judge: &Judge<'_>, index: usize) -> Vec<(Subject, FactName)> {
    judge
        .wanted(index)
        .into_iter()
        .map(|request| (request.subject, request.fact))
        .collect()
}
