//! Relations between one value and what a level file, or another fact, says of it.
//!
//! | relation | holds when |
//! | --- | --- |
//! | `is`, `is-not` | text matches the pattern ([`crate::pattern`]); numbers are equal, sizes (`64m`) in bytes; lists are equal word by word, each a pattern; a directory's path matches |
//! | `same-as`, `differs-from` | directories are one by device and inode, other values are equal |
//! | `below` | walking `..` from the directory meets the other one, or it is the same; paths compare by components |
//! | `at-least` | the number is not smaller |
//!
//! The shares of a cpu group are the one exception: what `is` means for them, [`crate::shares`] says.
//!
//! **The root's path.** `root: "[ROOTFS]"` compares with the path `/proc/PID/root` shows from the host. After
//! pivot_root(2), or a moved mount, that path is `/`: no longer a path of the host's. Then, and only when the root
//! is not the host's own by device and inode, it is known instead by the `CONTAINERS/UUID/rootfs` that appeared
//! with this run ([`FactName::Born`]), which is where the mount that became the root had been put.

use crate::comparison::Comparison;
use crate::fact::{FactName, Place, Subject, Value};
use crate::level::{Reference, Relation, Scalar};
use crate::reference::{Part, Slot, When};
use crate::shares;
use crate::size;
use crate::wording;
use alloc::{format, string::String, string::ToString, vec, vec::Vec};

/// The directory below CONTAINERS/UUID that the workshop makes the root.
const ROOTFS: &str = "/rootfs";

/// A relation that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The sentence that begins with the topic: `is the same as the host's`.
    pub says: String,
    /// What was expected.
    pub expected: String,
    /// What was seen.
    pub actual: String,
}

/// Every part of `relation` that does not hold for `value`.
pub(crate) fn check(
    value: &Value,
    relation: &Relation,
    slot: Slot<'_>,
    with: &mut Comparison<'_>,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    let actual = wording::plain(value);
    let mut fail = |says: String, expected: String| {
        failures.push(Failure {
            says,
            expected,
            actual: actual.clone(),
        });
    };
    let misses = with.misses;
    if let Some(wanted) = &relation.is
        && !is(value, wanted, slot, with)
        // What could not be compared is missing, not different.
        && with.misses == misses
    {
        let expected = with.fill(&wording::scalar(wanted));
        fail(format!("is {actual}, not {expected}"), expected);
    }
    if let Some(unwanted) = &relation.is_not {
        let before = with.captures.clone();
        let equal = is(value, unwanted, slot, with);
        *with.captures = before;
        if equal {
            let unwanted = with.fill(&wording::scalar(unwanted));
            fail(
                format!("is {actual}, and must not be"),
                format!("anything but {unwanted}"),
            );
        }
    }
    let compare = |reference: &Option<Reference>, with: &mut Comparison<'_>| {
        let reference = reference.as_ref()?;
        let other = with.resolve(reference, slot)?;
        Some((other, with.fill(&wording::reference(reference))))
    };
    if let Some((other, name)) = compare(&relation.same_as, with)
        && !same(value, &other)
    {
        fail(format!("is not the same as {name}"), wording::plain(&other));
    }
    if let Some((other, name)) = compare(&relation.differs_from, with)
        && same(value, &other)
    {
        fail(
            format!("is the same as {name}"),
            format!("anything but {}", wording::plain(&other)),
        );
    }
    if let Some((other, name)) = compare(&relation.below, with)
        && !below(value, &other)
    {
        fail(
            format!("is not at or below {name}"),
            format!("at or below {}", wording::plain(&other)),
        );
    }
    if let Some(least) = relation.at_least
        && number(value).is_none_or(|number| number < least)
    {
        fail(
            format!("is {actual}, less than {least}"),
            format!("at least {least}"),
        );
    }
    failures
}

fn is(value: &Value, wanted: &Scalar, slot: Slot<'_>, with: &mut Comparison<'_>) -> bool {
    if slot.fact == Some(FactName::CpuGroup) && slot.part == Part::Field("shares") {
        return shares::are(value, wanted);
    }
    match (value, wanted) {
        (Value::Number(number), Scalar::Number(wanted)) => number == wanted,
        (Value::Number(number), Scalar::Text(wanted)) => match size::bytes(wanted) {
            Some(bytes) => *number == bytes,
            None => with.matches(wanted, &number.to_string()),
        },
        (Value::Text(text), Scalar::Text(wanted)) => with.matches(wanted, text),
        (Value::Text(text), Scalar::Number(wanted)) => size::bytes(text) == Some(*wanted),
        (Value::Place(place), Scalar::Text(wanted)) => paths(place, slot, with)
            .iter()
            .any(|path| with.matches(wanted, path) || with.matches(wanted, &format!("{path}/"))),
        (Value::Words(words), Scalar::List(wanted)) => {
            words.len() == wanted.len()
                && words
                    .iter()
                    .zip(wanted)
                    .all(|(word, wanted)| with.matches(wanted, word))
        }
        (Value::Words(words), Scalar::Text(wanted)) => with.matches(wanted, &words.join(" ")),
        _ => false,
    }
}

/// The paths by which the host knows a directory: see "The root's path" above.
fn paths(place: &Place, slot: Slot<'_>, with: &mut Comparison<'_>) -> Vec<String> {
    let is_root = slot.fact == Some(FactName::Root) && slot.part == Part::Whole;
    if !is_root || place.path != "/" {
        return vec![place.path.clone()];
    }
    let host = with.facts.fact(&When::Now(Subject::Host), FactName::Root);
    let born = with
        .facts
        .fact(&When::Now(slot.subject.clone()), FactName::Born);
    match (host, born) {
        (Ok(Value::Place(host)), Ok(Value::Words(born))) if host.file != place.file => born
            .into_iter()
            .filter(|path| path.ends_with(ROOTFS))
            .collect(),
        (Err(why), _) | (_, Err(why)) => {
            with.miss(why);
            Vec::new()
        }
        _ => vec![place.path.clone()],
    }
}

/// Whether two values are the same thing.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Place(one), Value::Place(other)) => one.file == other.file,
        (Value::Place(place), Value::Text(path)) | (Value::Text(path), Value::Place(place)) => {
            components(&place.path).eq(components(path))
        }
        (Value::Number(number), Value::Text(text)) | (Value::Text(text), Value::Number(number)) => {
            size::bytes(text) == Some(*number)
        }
        _ => one == other,
    }
}

fn below(value: &Value, other: &Value) -> bool {
    match (value, other) {
        (Value::Place(place), Value::Place(other)) => {
            place.file == other.file || place.ancestors.contains(&other.file)
        }
        (Value::Place(place), Value::Text(other)) => path_below(&place.path, other),
        (Value::Text(path), Value::Place(other)) => path_below(path, &other.path),
        (Value::Text(path), Value::Text(other)) => path_below(path, other),
        _ => false,
    }
}

fn path_below(path: &str, other: &str) -> bool {
    let mut path_parts = components(path);
    path.starts_with('/') == other.starts_with('/')
        && components(other).all(|part| path_parts.next() == Some(part))
}

fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Text(text) => size::bytes(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
