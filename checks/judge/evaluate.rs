//! Judging the expectations of one step.

use super::ledger::Ledger;
use crate::captures::{self, Captures};
use crate::comparison::{Comparison, Facts, Missing, fill_pattern};
use crate::fact::{FactName, Value};
use crate::level::{ExitExpectation, Expect, Field, Scalar, Step};
use crate::pattern::Snapshot;
use crate::played::{Exit, Played};
use crate::reference::{Part, Slot, When};
use crate::relation::{Failure, check};
use crate::table::check_table;
use crate::walk::{self, Place};
use crate::{clean, diff, signal, wording};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::{format, string::String, string::ToString, vec, vec::Vec};

/// What became of one expectation. It holds when nothing failed and nothing is missing.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What it is about: `your container's root`.
    pub topic: String,
    pub failures: Vec<Failure>,
    pub missing: Vec<Missing>,
    pub evidence: Vec<String>,
}

impl Judged {
    pub fn holds(&self) -> bool {
        self.failures.is_empty() && self.missing.is_empty()
    }
}

/// What judging a step needs.
pub(super) struct Bench<'j> {
    pub ledger: &'j Ledger,
    pub words: &'j BTreeMap<String, String>,
    pub captures: &'j mut Captures,
    pub lost: &'j mut BTreeSet<String>,
}

impl Bench<'_> {
    /// Every expectation of `step`, in the order of [`Expect`]'s fields.
    pub fn judge(&mut self, step: &Step, played: &Played) -> Vec<Judged> {
        let expect = &step.expect;
        let subject = walk::subject(step);
        let whole = |fact| Slot {
            subject: &subject,
            fact,
            part: Part::Whole,
        };
        let mut judged = Vec::new();
        if let Some(exit) = &expect.exit {
            judged.push(self.exit(exit, played));
        }
        if let Some(snapshot) = &expect.snapshot {
            judged.push(self.snapshot(snapshot, played));
        }
        if let Some(relation) = &expect.words {
            let words = clean::clean(&played.output.text);
            let words = Value::Words(words.split_whitespace().map(String::from).collect());
            judged.push(self.printed("the output's words", |with| {
                check_table(&words, relation, whole(None), None, with)
            }));
        }
        if let Some(relation) = &expect.lines {
            let mut lines = clean::lines(&played.output.text);
            lines.retain(|line| !line.is_empty());
            let lines = Value::Words(lines);
            judged.push(self.printed("the output's lines", |with| {
                check_table(&lines, relation, whole(None), None, with)
            }));
        }
        for (fact, relation) in &expect.values {
            let slot = whole(Some(*fact));
            judged.push(self.fact(slot, |value, with| check(value, relation, slot, with)));
        }
        for (fact, fields) in &expect.records {
            for (field, relation) in fields {
                let slot = Slot {
                    part: Part::Field(field),
                    ..whole(Some(*fact))
                };
                judged.push(self.fact(slot, |value, with| match relation {
                    Field::Value(relation) => check(value, relation, slot, with),
                    Field::Table(relation) => check_table(value, relation, slot, None, with),
                }));
            }
        }
        for (fact, relation) in &expect.tables {
            let slot = whole(Some(*fact));
            let paths = walk::paths(expect);
            let paths: Vec<String> = paths.into_iter().map(|path| self.fill(path)).collect();
            let paths = (*fact == FactName::Files).then_some(paths);
            judged.push(self.fact(slot, |value, with| {
                check_table(value, relation, slot, paths.as_deref(), with)
            }));
        }
        if judged.iter().any(|judged| !judged.holds()) {
            let unbound = self.unbound(expect, &subject);
            self.lost.extend(unbound);
        }
        judged
    }

    /// What the kernel said of the facts `step` asks for, for the transcript.
    pub fn seen(&self, step: &Step) -> Vec<String> {
        let subject = walk::subject(step);
        let mut lines = Vec::new();
        for fact in walk::facts(&step.expect) {
            let Ok(value) = self.ledger.fact(&When::Now(subject.clone()), fact) else {
                continue;
            };
            match &value {
                Value::Table(rows) => lines.extend(rows.iter().map(wording::row)),
                Value::Row(row) if fact != FactName::Namespaces => {
                    lines.push(format!("{}: {}", fact.name(), wording::row(row)));
                }
                Value::Words(words) => lines.extend(words.iter().cloned()),
                value => lines.extend(wording::evidence(&subject, fact, None, value)),
            }
        }
        diff::excerpt(lines.iter().map(String::as_str))
    }

    fn fill(&self, text: &str) -> String {
        self.captures.fill(&captures::fill_words(text, self.words))
    }

    /// What was printed may bind a capture that an earlier output failed to; a fact may not, since it would then be
    /// compared with itself.
    fn printed(
        &mut self,
        topic: &str,
        compare: impl FnOnce(&mut Comparison<'_>) -> Vec<Failure>,
    ) -> Judged {
        let nothing = BTreeSet::new();
        let with = Comparison::new(self.ledger, self.words, &nothing, self.captures);
        judged(topic, with, compare)
    }

    fn compare(
        &mut self,
        topic: &str,
        compare: impl FnOnce(&mut Comparison<'_>) -> Vec<Failure>,
    ) -> Judged {
        let with = Comparison::new(self.ledger, self.words, self.lost, self.captures);
        judged(topic, with, compare)
    }

    fn fact(
        &mut self,
        slot: Slot<'_>,
        compare: impl FnOnce(&Value, &mut Comparison<'_>) -> Vec<Failure>,
    ) -> Judged {
        let topic = wording::topic(slot);
        let Some(fact) = slot.fact else {
            return Judged::default();
        };
        let field = match slot.part {
            Part::Field(field) => Some(field),
            _ => None,
        };
        let whole = self.ledger.fact(&When::Now(slot.subject.clone()), fact);
        let value = whole.and_then(|whole| {
            crate::reference::part(whole, field).ok_or_else(|| {
                Missing::Ours(format!(
                    "{} has no field {}",
                    fact.name(),
                    field.unwrap_or_default()
                ))
            })
        });
        match value {
            Err(missing) => Judged {
                topic,
                missing: vec![missing],
                ..Judged::default()
            },
            Ok(value) => self.compare(&topic, |with| {
                with.note(wording::evidence(slot.subject, fact, field, &value));
                compare(&value, with)
            }),
        }
    }

    fn exit(&self, expected: &ExitExpectation, played: &Played) -> Judged {
        let topic = format!("`{}`", diff::clip(&played.input, 80));
        let Some(exit) = played.exit else {
            let why = Missing::Depends(String::from("it did not end"));
            return Judged {
                topic,
                missing: vec![why],
                ..Judged::default()
            };
        };
        let (holds, wanted) = match expected {
            ExitExpectation::Code(code) => (exit == Exit::Code(*code), code.to_string()),
            ExitExpectation::Nonzero => (exit != Exit::Code(0), String::from("nonzero")),
            ExitExpectation::Signal(name) => (by_signal(exit, name), name.clone()),
        };
        let mut failures = Vec::new();
        if !holds {
            let status = signal::spell(exit);
            let mut actual = vec![format!("exit {status}")];
            actual.extend(printed(played));
            failures.push(Failure {
                says: format!("ended with {status}, not {wanted}"),
                expected: format!("exit {wanted}"),
                actual: actual.join("\n"),
            });
        }
        Judged {
            topic,
            failures,
            ..Judged::default()
        }
    }

    fn snapshot(&mut self, snapshot: &str, played: &Played) -> Judged {
        let topic = String::from("the output");
        let missing = |missing| Judged {
            topic: topic.clone(),
            missing: vec![missing],
            ..Judged::default()
        };
        let snapshot = match Snapshot::parse(&fill_pattern(snapshot, self.words)) {
            Ok(snapshot) => snapshot,
            Err(bad) => return missing(Missing::Ours(format!("a bad snapshot: {}", bad.message))),
        };
        let compared = snapshot.compare(&played.output.text, self.captures);
        let failures = compared.err().into_iter().map(|mismatch| Failure {
            says: format!("is not as expected: {}", mismatch.reason),
            expected: mismatch.expected,
            actual: mismatch.actual,
        });
        Judged {
            failures: failures.collect(),
            topic,
            ..Judged::default()
        }
    }

    /// The captures `expect` speaks of that are still without a value.
    fn unbound(&self, expect: &Expect, subject: &crate::fact::Subject) -> Vec<String> {
        let mut names = Vec::new();
        let mut add = |text: &str| names.extend(captures::unbound(text, self.captures));
        expect.snapshot.iter().for_each(|snapshot| add(snapshot));
        walk::walk(expect, subject, &mut |_, place, _| {
            if let Place::Relation(relation) = place {
                match &relation.is {
                    Some(Scalar::Text(text)) => add(text),
                    Some(Scalar::List(texts)) => texts.iter().for_each(|text| add(text)),
                    _ => {}
                }
            }
        });
        names
    }
}

fn judged(
    topic: &str,
    mut with: Comparison<'_>,
    compare: impl FnOnce(&mut Comparison<'_>) -> Vec<Failure>,
) -> Judged {
    let failures = compare(&mut with);
    let Comparison {
        missing, evidence, ..
    } = with;
    Judged {
        topic: String::from(topic),
        failures,
        missing,
        evidence,
    }
}

/// Ended by the signal, or reported so by a shell (128 + n, POSIX's `$?`).
fn by_signal(exit: Exit, name: &str) -> bool {
    let Some(number) = signal::number(name) else {
        return false;
    };
    match exit {
        Exit::Signal(signal) => signal == number,
        Exit::Code(code) => i32::from(code) == 128 + number,
    }
}

/// Head and tail of what was printed.
pub(super) fn printed(played: &Played) -> Vec<String> {
    diff::excerpt(clean::lines(&played.output.text).iter().map(String::as_str))
}
