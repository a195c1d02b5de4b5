//! Which relations fit which facts: the table of the vocabulary.

use super::read::Reader;
use super::relation::RelationOptions;
use crate::fact::FactName;
use alloc::format;

/// Relations that can hold for a fact with one value, or for the fields of one; rows take any.
fn fitting(fact: FactName) -> &'static [&'static str] {
    match fact {
        FactName::Root | FactName::Cwd => &["is", "is-not", "same-as", "differs-from", "below"],
        FactName::Namespaces => &["same-as", "differs-from"],
        FactName::Ids => &["is", "is-not", "same-as", "differs-from"],
        FactName::CpuGroup | FactName::MemoryGroup => {
            &["is", "is-not", "same-as", "differs-from", "at-least"]
        }
        FactName::Breakout => &["is", "is-not", "same-as", "differs-from", "below"],
        FactName::Overlay => &["is", "is-not", "differs-from", "below"],
        _ => &["is", "is-not", "same-as", "differs-from"],
    }
}

/// Notes every relation of `options` that does not fit `fact`.
pub(super) fn check(reader: &mut Reader, fact: FactName, options: &RelationOptions) {
    let written = [
        ("is", options.is.is_some()),
        ("is-not", options.is_not.is_some()),
        ("same-as", options.same_as.is_some()),
        ("differs-from", options.differs_from.is_some()),
        ("below", options.below.is_some()),
        ("at-least", options.at_least.is_some()),
    ];
    let fitting = fitting(fact);
    for (name, present) in written {
        if present && !fitting.contains(&name) {
            reader.at(name, |reader| {
                let message = format!("`{name}` says nothing about `{}`", fact.name());
                reader.problem(message, format!("write one of: {}", fitting.join(", ")));
            });
        }
    }
}
