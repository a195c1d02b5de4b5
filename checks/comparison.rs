//! What comparing needs to know, and what it learns on the way.

use crate::captures::{Captures, fill_words};
use crate::fact::{FactName, Value};
use crate::level::Reference;
use crate::pattern::{LinePattern, escape};
use crate::reference::{self, Slot, Target, When};
use crate::wording;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::{format, rc::Rc, string::String, vec::Vec};

/// Why a value could not be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missing {
    /// There was no container to look at.
    Gone(String),
    /// The host cannot show it.
    HostCannot(String),
    /// rdgrade's fault, or the level file's.
    Ours(String),
    /// It depends on something that already failed.
    Depends(String),
}

/// Where the values of references come from.
pub(crate) trait Facts {
    /// The value of a fact, as a whole.
    fn fact(&self, when: &When, fact: FactName) -> Result<Value, Missing>;
}

/// What comparing needs to know, and what it learns.
pub(crate) struct Comparison<'c> {
    pub facts: &'c dyn Facts,
    pub words: &'c BTreeMap<String, String>,
    /// Captures that something which failed should have bound.
    pub lost: &'c BTreeSet<String>,
    pub captures: &'c mut Captures,
    /// Why something could not be compared, each reason once; if there is any, the expectation does not hold.
    pub missing: Vec<Missing>,
    /// How often something could not be compared.
    pub misses: usize,
    /// What the kernel said of the other side.
    pub evidence: Vec<String>,
    patterns: BTreeMap<String, Rc<LinePattern>>,
}

impl<'c> Comparison<'c> {
    pub(crate) fn new(
        facts: &'c dyn Facts,
        words: &'c BTreeMap<String, String>,
        lost: &'c BTreeSet<String>,
        captures: &'c mut Captures,
    ) -> Self {
        let (missing, evidence, patterns) = (Vec::new(), Vec::new(), BTreeMap::new());
        Comparison {
            facts,
            words,
            lost,
            captures,
            missing,
            misses: 0,
            evidence,
            patterns,
        }
    }

    pub(crate) fn miss(&mut self, why: Missing) {
        self.misses += 1;
        if !self.missing.contains(&why) {
            self.missing.push(why);
        }
    }

    /// `text` of a level file with words and captures filled in.
    pub(crate) fn fill(&self, text: &str) -> String {
        self.captures.fill(&fill_words(text, self.words))
    }

    /// Whether the pattern `source` matches `text`; binds captures if so.
    pub(crate) fn matches(&mut self, source: &str, text: &str) -> bool {
        let Some(pattern) = self.compile(source) else {
            return false;
        };
        let lost = pattern
            .names()
            .find(|name| self.lost.contains(*name) && self.captures.get(name).is_none());
        if let Some(name) = lost {
            self.miss(Missing::Depends(format!("[{name}] was never seen")));
            return false;
        }
        pattern.matches(text, self.captures)
    }

    fn compile(&mut self, source: &str) -> Option<Rc<LinePattern>> {
        if let Some(pattern) = self.patterns.get(source) {
            return Some(pattern.clone());
        }
        match LinePattern::parse(&fill_pattern(source, self.words)) {
            Ok(pattern) => {
                let pattern = Rc::new(pattern);
                self.patterns.insert(String::from(source), pattern.clone());
                Some(pattern)
            }
            Err(bad) => {
                self.miss(Missing::Ours(format!(
                    "the pattern `{source}` is bad: {}",
                    bad.message
                )));
                None
            }
        }
    }

    /// The value a reference means; `None`, and a reason in `missing`, if there is none.
    pub(crate) fn resolve(&mut self, reference: &Reference, slot: Slot<'_>) -> Option<Value> {
        if let Reference::Text(text) = reference {
            let filled = self.fill(text);
            let unbound = crate::captures::unbound(&filled, self.captures);
            if let Some(name) = unbound.first() {
                self.miss(Missing::Depends(format!("[{name}] was never seen")));
                return None;
            }
            return Some(Value::Text(filled));
        }
        let found = self.target(reference, slot);
        match found {
            Ok((target, value)) => {
                if let When::Before(subject) | When::Now(subject) = &target.when {
                    let field = target.field.as_deref();
                    self.note(wording::evidence(subject, target.fact, field, &value));
                }
                Some(value)
            }
            Err(why) => {
                self.miss(why);
                None
            }
        }
    }

    fn target(&self, reference: &Reference, slot: Slot<'_>) -> Result<(Target, Value), Missing> {
        let target = reference::target(reference, slot).map_err(Missing::Ours)?;
        let target = target.ok_or_else(|| Missing::Ours(String::from("text is no fact")))?;
        let whole = self.facts.fact(&target.when, target.fact)?;
        match reference::part(whole, target.field.as_deref()) {
            Some(value) => Ok((target, value)),
            None => Err(Missing::Ours(format!(
                "{} has no field {}",
                target.fact.name(),
                target.field.unwrap_or_default()
            ))),
        }
    }

    /// Keeps lines of evidence, each once.
    pub(crate) fn note(&mut self, lines: Vec<String>) {
        for line in lines {
            if !self.evidence.contains(&line) {
                self.evidence.push(line);
            }
        }
    }
}

/// A pattern with `{words}` filled in; what they stand for is literal.
pub(crate) fn fill_pattern(source: &str, words: &BTreeMap<String, String>) -> String {
    let escaped = words
        .iter()
        .map(|(word, value)| (word.clone(), escape(value)))
        .collect();
    fill_words(source, &escaped)
}
