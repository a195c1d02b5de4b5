//! What was typed and seen, step by step.

use super::Judge;
use crate::level::{Action, Step};
use crate::played::{Played, Side, Trouble};
use crate::report::TranscriptEntry;
use crate::{signal, walk, wording};
use alloc::{format, string::String};

impl Judge<'_> {
    pub(super) fn transcribe(
        &mut self,
        step: &Step,
        index: usize,
        played: &Played,
        seen: &[String],
    ) {
        if matches!(played.trouble, Some(Trouble::NotPlayed(_))) {
            return;
        }
        let side = match step.action {
            Action::Run(_) | Action::Start(_) => Side::Submission,
            Action::Inside(_) | Action::End(_) => Side::Inside,
            Action::Outside(_) => Side::Outside,
            Action::Observe(_) => Side::Kernel,
        };
        let output = match step.action {
            Action::Observe(_) => seen.join("\n"),
            _ => played.output.text.clone(),
        };
        let input = if played.input.is_empty() {
            describe(step)
        } else {
            played.input.clone()
        };
        let exit = played.exit.map(signal::spell);
        self.tally.transcript.push(TranscriptEntry {
            step: index,
            side,
            input,
            output,
            exit,
        });
    }
}

/// A step as a level file spells it.
pub(super) fn describe(step: &Step) -> String {
    match &step.action {
        Action::Run(command) => format!("run {}", command.join(" ")),
        Action::Start(command) => format!("start {}", command.join(" ")),
        Action::Inside(typed) => format!("inside: {typed}"),
        Action::Outside(typed) => format!("outside: {typed}"),
        Action::Observe(_) => format!("observe {}", wording::who(&walk::subject(step))),
        Action::End(status) => format!("exit {status}"),
    }
}
