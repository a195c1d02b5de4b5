//! Positive kernel evidence: what a program that contains nothing cannot show.

use crate::fact::Subject;
use crate::level::{Check, Field, Reference, Relation, Rows, Step, TableRelation};
use crate::walk;

/// Whether a check asks the kernel for something that is there, about the container or the submission's processes:
/// a value, a row, a difference from the host. Printed output is no evidence, nor is an absence
/// (`lacks`, `only`, `is-not`), nor the state of the host or the image.
pub fn has_positive_evidence(check: &Check) -> bool {
    check.scenario.iter().any(step_has)
}

fn step_has(step: &Step) -> bool {
    if matches!(walk::subject(step), Subject::Host | Subject::Image) {
        return false;
    }
    let expect = &step.expect;
    let records = expect.records.values().flat_map(|fields| fields.values());
    expect.values.values().any(value_has)
        || expect.tables.values().any(table_has)
        || records.into_iter().any(|field| match field {
            Field::Value(relation) => value_has(relation),
            Field::Table(relation) => table_has(relation),
        })
}

fn value_has(relation: &Relation) -> bool {
    relation.is.is_some()
        || relation.below.is_some()
        || relation.at_least.is_some()
        || other(relation.same_as.as_ref())
        || other(relation.differs_from.as_ref())
}

fn table_has(relation: &TableRelation) -> bool {
    let rows = match &relation.has {
        Some(Rows::Listed(rows)) => !rows.is_empty(),
        Some(Rows::Of(_)) => true,
        None => false,
    };
    rows || other(relation.differs_from.as_ref())
}

/// A comparison with something else than the same thing earlier.
fn other(reference: Option<&Reference>) -> bool {
    reference.is_some_and(|reference| *reference != Reference::Before)
}
