//! The judge: a fold over the steps of a check.

use crate::fact::{Request, Value};
use crate::level::Check;
use crate::observed::Observed;
use crate::played::Played;
use crate::report::CheckResult;
use alloc::{collections::BTreeMap, string::String, vec::Vec};

/// Names with a value before the scenario begins.
#[derive(Debug, Clone, Default)]
pub struct Bindings {
    /// `{nonce}`, `{canary}`: replaced wherever they occur in a level file.
    pub words: BTreeMap<String, String>,
    /// `[CONTAINERS]`, `[IMAGES]`: captures with a given value.
    pub captures: BTreeMap<String, String>,
    /// The level file's name, for messages.
    pub file: String,
}

/// What the runner has to do for a step, everything filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Run the submission with this command and these options to its end.
    Run(Vec<String>),
    /// Run the submission with this command and keep its shell open.
    Start(Vec<String>),
    /// Type this in the session.
    Inside(String),
    /// Run this on the jail's host.
    Outside(String),
    /// Only take facts.
    Observe,
    /// Type `exit N` and wait for the submission to end.
    End(u8),
}

/// Judges one check while it is played.
pub struct Judge<'a> {
    check: &'a Check,
    bindings: Bindings,
}

impl<'a> Judge<'a> {
    /// Starts judging `check`.
    pub fn new(check: &'a Check, bindings: Bindings) -> Self {
        Judge { check, bindings }
    }

    /// The facts to take before the first step (for `same-as: before`).
    pub fn before(&self) -> Vec<Request> {
        todo!("{:?}", self.bindings.file)
    }

    /// Hands in what [`Judge::before`] asked for.
    pub fn record_before(&mut self, _facts: Vec<(Request, Observed<Value>)>) {
        todo!()
    }

    /// What to do for step `index`, with `{nonce}` and captures so far filled in.
    pub fn order(&self, _index: usize) -> Order {
        todo!()
    }

    /// The facts to take right after step `index`, paths filled in.
    pub fn wanted(&self, _index: usize) -> Vec<Request> {
        todo!()
    }

    /// Judges step `index`. Every expectation is evaluated; captures are bound for the steps that follow.
    pub fn record(&mut self, _index: usize, _played: Played) {
        todo!()
    }

    /// The verdict, `needs` not yet considered.
    pub fn finish(self) -> CheckResult {
        todo!("{}", self.check.id)
    }
}
