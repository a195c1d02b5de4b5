//! The judge: a fold over the steps of a check.
//!
//! The runner asks [`Judge::before`] and takes those facts, then for each step asks [`Judge::order`], does it,
//! takes what [`Judge::wanted`] names, and hands all of it to [`Judge::record`]. [`Judge::finish`] gives the result.
//!
//! - A reference to `container`, `host` … means the fact as of the step that is judged. A name given by `as` means the
//!   moment of the step that gave it, for a session as well: the shell of `first` may be long gone when `second` is
//!   compared with it.
//! - In a step with `in NAME`, `container` is that session's.
//! - After a step that did not come to its regular end, later expectations fail without a finding each: one finding
//!   tells the cause, one sums up what depends on it. So do expectations that need a capture which was never seen.

mod credit;
mod evaluate;
mod ledger;
mod plan;
#[cfg(test)]
mod tests;
mod transcript;
mod trouble;
mod unplayed;
mod verdict;

use crate::captures::{Captures, fill_words, unbound};
use crate::comparison::Missing;
use crate::fact::{FactName, Request, Value};
use crate::level::{Action, Check, Step};
use crate::observed::Observed;
use crate::played::{Played, Trouble};
use crate::report::{CheckResult, Finding};
use crate::{diff, wording};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::{format, string::String, vec::Vec};
use evaluate::{Bench, Judged};
use ledger::Ledger;
use transcript::describe;
pub use unplayed::{error, not_built, ungradable};
use verdict::{Dependent, Tally};

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
    captures: Captures,
    lost: BTreeSet<String>,
    ledger: Ledger,
    tally: Tally,
}

impl<'a> Judge<'a> {
    /// Starts judging `check`.
    pub fn new(check: &'a Check, bindings: Bindings) -> Self {
        let captures = Captures::new(bindings.captures.clone());
        let (lost, ledger, tally) = (BTreeSet::new(), Ledger::default(), Tally::default());
        Judge {
            check,
            bindings,
            captures,
            lost,
            ledger,
            tally,
        }
    }

    /// The facts to take before the first step (for `same-as: before`).
    pub fn before(&self) -> Vec<Request> {
        plan::before(self.check, &|path| self.path(path))
    }

    /// Hands in what [`Judge::before`] asked for.
    pub fn record_before(&mut self, facts: Vec<(Request, Observed<Value>)>) {
        self.ledger.before = keyed(facts).collect();
    }

    /// What to do for step `index`, with `{nonce}` and captures so far filled in. An index beyond the scenario is
    /// answered with [`Order::Observe`].
    pub fn order(&self, index: usize) -> Order {
        let fill = |text: &String| self.fill(text);
        match self.check.scenario.get(index).map(|step| &step.action) {
            Some(Action::Run(command)) => Order::Run(command.iter().map(fill).collect()),
            Some(Action::Start(command)) => Order::Start(command.iter().map(fill).collect()),
            Some(Action::Inside(typed)) => Order::Inside(fill(typed)),
            Some(Action::Outside(typed)) => Order::Outside(fill(typed)),
            Some(Action::End(status)) => Order::End(*status),
            Some(Action::Observe(_)) | None => Order::Observe,
        }
    }

    /// The facts to take right after step `index`, paths filled in: one request for each subject and fact. Paths that
    /// hold a capture without a value are left out.
    pub fn wanted(&self, index: usize) -> Vec<Request> {
        plan::after(self.check, index, &|path| self.path(path))
    }

    /// Whether the check needs a network that nobody has used before: it looks at links, or at namespaces.
    pub fn looks_at_network(check: &Check) -> bool {
        plan::looks_at_network(check)
    }

    /// The facts about containers that some step of the check asks for.
    pub fn of_containers(&self) -> BTreeSet<FactName> {
        plan::of_containers(self.check)
    }

    /// Judges step `index`. Every expectation is evaluated; captures are bound for the steps that follow.
    pub fn record(&mut self, index: usize, played: Played) {
        self.record_suspecting(index, played, &mut |_| None);
    }

    /// The same. Where an expectation does not hold and no trouble is known, `suspect` is asked for one that may be the cause.
    pub fn record_suspecting(
        &mut self,
        index: usize,
        mut played: Played,
        suspect: &mut dyn FnMut(&Played) -> Option<Trouble>,
    ) {
        let check = self.check;
        let Some(step) = check.scenario.get(index) else {
            return;
        };
        self.tally.recorded = self.tally.recorded.max(index + 1);
        self.tally.duration_ms = self.tally.duration_ms.saturating_add(played.duration_ms);
        self.learn(step, &played);
        self.cut_short(step, &played);
        let mut bench = Bench {
            ledger: &self.ledger,
            words: &self.bindings.words,
            captures: &mut self.captures,
            lost: &mut self.lost,
        };
        let judged = bench.judge(step, &played);
        let seen = bench.seen(step);
        if played.trouble.is_none() && judged.iter().any(|judged| !judged.holds()) {
            played.trouble = suspect(&played);
            self.cut_short(step, &played);
        }
        self.transcribe(step, index, &played, &seen);
        self.trouble(step, index, &played);
        for judged in judged {
            self.account(step, index, &played, judged);
        }
    }

    /// The verdict, `needs` not yet considered.
    pub fn finish(self) -> CheckResult {
        self.tally.settle(self.check)
    }

    fn learn(&mut self, step: &Step, played: &Played) {
        self.ledger.now = keyed(played.facts.clone()).collect();
        if let (Some(name), Some(subject)) = (&step.name, plan::named(step)) {
            let named = self
                .ledger
                .now
                .iter()
                .filter(|((whose, _), _)| *whose == subject);
            let named = named.map(|((_, fact), value)| ((name.clone(), *fact), value.clone()));
            self.ledger.named.extend(named);
        }
    }

    fn cut_short(&mut self, step: &Step, played: &Played) {
        // Once set it stays: what a later step lacks may have been due from this one, by its name.
        if let Some(trouble) = &played.trouble {
            let cause = match trouble {
                Trouble::NotPlayed(why) => why.clone(),
                _ => format!("the step in line {} was not played to its end", step.line),
            };
            self.ledger.cut_short.get_or_insert(cause);
        }
    }

    fn trouble(&mut self, step: &Step, index: usize, played: &Played) {
        let Some(trouble) = &played.trouble else {
            return;
        };
        self.tally.failed.insert(index);
        match trouble {
            Trouble::Ours(why) => self.tally.ours.push(why.clone()),
            Trouble::NotPlayed(why) => {
                let topic = describe(step);
                self.depends(step, index, topic, why);
            }
            _ => {
                let finding = trouble::finding(step, index, &self.bindings.file, played, trouble);
                self.tally.findings.extend(finding);
            }
        }
    }

    fn account(&mut self, step: &Step, index: usize, played: &Played, judged: Judged) {
        if judged.holds() {
            return;
        }
        self.tally.failed.insert(index);
        if matches!(
            played.trouble,
            Some(Trouble::NotPlayed(_) | Trouble::Ours(_))
        ) {
            return;
        }
        if played.trouble.is_some() {
            self.depends(
                step,
                index,
                judged.topic,
                "the step was not played to its end",
            );
            return;
        }
        let mut gone = None;
        for missing in judged.missing {
            match missing {
                Missing::Ours(why) => self.tally.ours.push(why),
                Missing::HostCannot(why) => self.tally.host_cannot.push(why),
                Missing::Depends(why) => self.depends(step, index, judged.topic.clone(), &why),
                Missing::Gone(why) => gone = Some(why),
            }
        }
        if let Some(why) = gone {
            if self.tally.gone.insert(why.clone()) {
                let reason = format!("{} could not be looked at: {why}", judged.topic);
                let finding = self.finding(step, index, &reason, &judged.evidence);
                let expected = format!("{}, as the kernel shows it", judged.topic);
                self.tally.findings.push(Finding {
                    expected,
                    actual: why,
                    ..finding
                });
            } else {
                self.depends(step, index, judged.topic.clone(), &why);
            }
        }
        for failure in judged.failures {
            let reason = format!("{} {}", judged.topic, failure.says);
            let finding = self.finding(step, index, &reason, &judged.evidence);
            self.tally.findings.push(Finding {
                expected: failure.expected,
                actual: failure.actual,
                ..finding
            });
        }
    }

    fn finding(&self, step: &Step, index: usize, reason: &str, evidence: &[String]) -> Finding {
        Finding {
            step: index,
            line: step.line,
            reason: wording::capitalised(&diff::clip(reason, diff::LINE_CHARS)),
            expected: String::new(),
            actual: String::new(),
            evidence: evidence.to_vec(),
            hint: step.hint.clone(),
        }
    }

    fn depends(&mut self, step: &Step, index: usize, topic: String, why: &str) {
        let why = String::from(why);
        self.tally.dependents.push(Dependent {
            step: index,
            line: step.line,
            topic,
            why,
        });
    }

    fn fill(&self, text: &str) -> String {
        self.captures.fill(&fill_words(text, &self.bindings.words))
    }

    fn path(&self, path: &str) -> Option<String> {
        let path = self.fill(path);
        unbound(&path, &self.captures).is_empty().then_some(path)
    }
}

fn keyed(
    facts: Vec<(Request, Observed<Value>)>,
) -> impl Iterator<
    Item = (
        (crate::fact::Subject, crate::fact::FactName),
        Observed<Value>,
    ),
> {
    facts
        .into_iter()
        .map(|(request, value)| ((request.subject, request.fact), value))
}
