//! Steps that did not come to their regular end, as findings.

use super::evaluate::printed;
use crate::level::Step;
use crate::played::{Played, Trouble};
use crate::report::Finding;
use crate::signal;
use alloc::{format, string::String, vec::Vec};

/// The finding for a step's trouble, and none for what is only its consequence or rdgrade's own.
pub(super) fn finding(
    step: &Step,
    index: usize,
    file: &str,
    played: &Played,
    trouble: &Trouble,
) -> Option<Finding> {
    let place = format!("{file}:{}", step.line);
    let (reason, expected, how) = match trouble {
        Trouble::Deadline {
            waiting_for,
            after_ms,
        } => (
            format!(
                "{place}: waited {} for {waiting_for}, in vain",
                seconds(*after_ms)
            ),
            waiting_for.clone(),
            None,
        ),
        Trouble::Ended { waiting_for, exit } => (
            format!(
                "{place}: waited for {waiting_for}, but your program had ended ({})",
                signal::spell(*exit)
            ),
            waiting_for.clone(),
            Some(format!("your program ended: {}", signal::spell(*exit))),
        ),
        Trouble::Limit(exceeded) => (
            format!("{place}: {}", exceeded.says()),
            format!("to stay within {}", exceeded.spell()),
            Some(exceeded.evidence.join("\n")),
        ),
        Trouble::NotPlayed(_) | Trouble::Ours(_) => return None,
    };
    let (evidence, hint) = match trouble {
        Trouble::Limit(exceeded) => (exceeded.evidence.clone(), Some(exceeded.advice())),
        _ => (Vec::new(), step.hint.clone()),
    };
    let mut actual: Vec<String> = how.into_iter().collect();
    let printed = printed(played);
    if printed.is_empty() {
        actual.push(String::from("nothing was printed"));
    }
    actual.extend(printed);
    Some(Finding {
        step: index,
        line: step.line,
        reason,
        expected,
        actual: actual.join("\n"),
        evidence,
        hint,
    })
}

/// `5 s`, `1.5 s`, `0.2 s`.
fn seconds(milliseconds: u64) -> String {
    match (milliseconds / 1000, milliseconds % 1000 / 100) {
        (whole, 0) => format!("{whole} s"),
        (whole, tenths) => format!("{whole}.{tenths} s"),
    }
}
