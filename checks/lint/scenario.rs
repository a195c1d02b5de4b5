//! Steps in an order that can be played, and references that lead somewhere.

use super::{PathPart, Report};
use crate::fact::{FactName, Subject};
use crate::level::{Action, Check, Rows, Step, TableRelation};
use crate::name::Shape;
use crate::pattern::LinePattern;
use crate::reference::{Part, Slot, When, target};
use crate::walk::{self, Place};
use alloc::collections::BTreeSet;
use alloc::{format, string::String, vec::Vec};

/// What earlier steps have established.
#[derive(Default)]
struct Earlier {
    started: bool,
    sessions: BTreeSet<String>,
    observations: BTreeSet<String>,
}

pub(super) fn scenario(check: &Check, report: &mut Report<'_>) {
    if check.scenario.is_empty() {
        report
            .key("scenario")
            .add(format!("{} has no steps", check.id), "write at least one");
    }
    let mut earlier = Earlier::default();
    for (index, step) in check.scenario.iter().enumerate() {
        let mut report = report.item("scenario", index);
        order(step, &earlier, &mut report);
        name(step, &earlier, &mut report);
        kind(step, &mut report);
        let subject = walk::subject(step);
        let mut report = report.key("expect");
        walk::walk(&step.expect, &subject, &mut |slot, place, path| {
            expectation(slot, &place, &earlier, &mut report.below(path));
        });
        match (&step.action, &step.name) {
            (Action::Start(_), name) => {
                earlier.started = true;
                earlier.sessions.extend(name.clone());
            }
            (Action::Run(_), _) => earlier.started = true,
            (Action::Observe(_), Some(name)) => {
                earlier.observations.insert(name.clone());
            }
            _ => {}
        }
    }
}

fn order(step: &Step, earlier: &Earlier, report: &mut Report<'_>) {
    if let Some(session) = &step.session
        && !earlier.sessions.contains(session)
    {
        report.key("in").add(
            format!("no earlier step starts a session `{session}`"),
            "name it where it begins: `start: …` with `as: NAME`",
        );
    }
    let verb = match &step.action {
        Action::Inside(_) => "inside",
        Action::End(_) => "end",
        Action::Observe(Subject::Container) => "observe",
        Action::Observe(Subject::Session(name)) => {
            if !earlier.sessions.contains(name) {
                report.key("observe").add(
                    format!("no earlier step starts a session `{name}`"),
                    "observe container, submission, host, image, or a session named by `start: …` with `as: NAME`",
                );
            }
            return;
        }
        _ => return,
    };
    if !earlier.started {
        report.key(verb).add(
            format!("`{verb}` comes before anything was started"),
            "put a `start` before it",
        );
    }
}

fn name(step: &Step, earlier: &Earlier, report: &mut Report<'_>) {
    let Some(name) = &step.name else { return };
    let mut report = report.key("as");
    if !matches!(step.action, Action::Start(_) | Action::Observe(_)) {
        report.add(
            format!("nothing can be called `{name}` here"),
            "only `start` and `observe` take `as`",
        );
    }
    if earlier.sessions.contains(name) || earlier.observations.contains(name) {
        report.add(
            format!("`{name}` was given to an earlier step"),
            "choose another name",
        );
    }
    if ["container", "submission", "host", "image", "before"].contains(&name.as_str()) {
        report.add(
            format!("`{name}` means something else already"),
            "choose another name",
        );
    }
}

fn kind(step: &Step, report: &mut Report<'_>) {
    let expect = &step.expect;
    let observes = matches!(step.action, Action::Observe(_));
    let printed = [
        ("exit", expect.exit.is_some()),
        ("snapshot", expect.snapshot.is_some()),
        ("words", expect.words.is_some()),
        ("lines", expect.lines.is_some()),
    ];
    let mut report = report.key("expect");
    for (name, _) in printed.into_iter().filter(|(_, given)| *given) {
        if observes {
            report.key(name).add(
                format!("an `observe` has no {name}"),
                "ask for facts here; what is printed belongs to run, start, inside, outside",
            );
        } else if name == "exit" && matches!(step.action, Action::Start(_)) {
            report.key(name).add(
                String::from("a `start` does not end"),
                "expect `exit` of the `end` step",
            );
        }
    }
    if !observes {
        for fact in walk::facts(expect) {
            let fact = fact.name();
            report.key(fact).add(
                format!("`{fact}` is a fact, and this step observes nobody"),
                "put it into an `observe` step that says whose",
            );
        }
    }
}

fn expectation(slot: Slot<'_>, place: &Place<'_>, earlier: &Earlier, report: &mut Report<'_>) {
    match place {
        Place::Relation(relation) => {
            field(slot, report);
            if relation.is.is_none()
                && relation.is_not.is_none()
                && relation.same_as.is_none()
                && relation.differs_from.is_none()
                && relation.below.is_none()
                && relation.at_least.is_none()
            {
                report.add(
                    String::from("nothing is expected here"),
                    "write a value or a relation",
                );
            }
        }
        Place::Table(relation) => table(slot, relation, report),
        Place::Row(row) => {
            if row.is_empty() {
                report.add(
                    String::from("this row matches every row"),
                    "name at least one column",
                );
            }
            if slot.fact == Some(FactName::Files) {
                path(walk::path_of(row), report);
            }
        }
        Place::Reference(reference) => match target(reference, slot) {
            Err(message) => report.add(
                message,
                "write SUBJECT.FACT or SUBJECT.FACT.FIELD: container.mounts",
            ),
            Ok(Some(found)) => when(&found.when, earlier, report),
            Ok(None) => {}
        },
    }
}

fn when(when: &When, earlier: &Earlier, report: &mut Report<'_>) {
    match when {
        When::Named(name) => {
            if !earlier.sessions.contains(name) && !earlier.observations.contains(name) {
                let known: Vec<&str> = earlier
                    .sessions
                    .iter()
                    .chain(&earlier.observations)
                    .map(String::as_str)
                    .collect();
                let remedy = match known.is_empty() {
                    true => {
                        String::from("give that name to an earlier `start` or `observe` with `as`")
                    }
                    false => format!("earlier steps are called {}", known.join(", ")),
                };
                report.add(format!("no earlier step is called `{name}`"), &remedy);
            }
        }
        When::Before(Subject::Container | Subject::Session(_)) => {
            report.add(
                String::from("before the scenario there is no container"),
                "compare with the host, or with an earlier observation named by `as`",
            );
        }
        When::Now(Subject::Session(name)) if !earlier.sessions.contains(name) => {
            report.add(
                format!("no earlier step starts a session `{name}`"),
                "name one with `as`",
            );
        }
        When::Now(Subject::Container) if !earlier.started => {
            report.add(
                String::from("nothing was started yet"),
                "put a `start` before this step",
            );
        }
        When::Before(_) | When::Now(_) => {}
    }
}

fn field(slot: Slot<'_>, report: &mut Report<'_>) {
    let Some(fact) = slot.fact else { return };
    let (name, known) = match (slot.part, fact.shape()) {
        (Part::Field(name), Shape::Record(known)) => (name, known),
        // A record's field that is itself a list has one column without a name.
        (Part::Column(name), Shape::Table(known)) => (name, known),
        _ => return,
    };
    if !known.contains(&name) {
        let remedy = format!("it has {}", known.join(", "));
        report.add(format!("{} has no `{name}`", fact.name()), &remedy);
    }
}

fn table(slot: Slot<'_>, relation: &TableRelation, report: &mut Report<'_>) {
    let TableRelation {
        has,
        lacks,
        only,
        same_as,
        differs_from,
        ..
    } = relation;
    let empty = has.is_none() && lacks.is_none() && only.is_none();
    if empty && same_as.is_none() && differs_from.is_none() {
        report.add(
            String::from("nothing is expected of this table"),
            "write has, lacks, only, same-as or differs-from",
        );
    }
    for (name, rows) in [("has", has), ("lacks", lacks)] {
        if matches!(rows, Some(Rows::Listed(rows)) if rows.is_empty()) {
            report
                .key(name)
                .add(String::from("an empty list holds always"), "name a row");
        }
    }
    if slot.fact == Some(FactName::Files) && empty {
        report.add(
            String::from("no file is named here"),
            "files are looked up by path: has, lacks or only with `path: /test`",
        );
    }
}

fn path(path: Option<&str>, report: &mut Report<'_>) {
    match path {
        None => report.add(
            String::from("no path is named"),
            "files are looked up by path: `path: /test`",
        ),
        Some(path) => {
            let parsed = LinePattern::parse(path);
            if parsed.is_ok_and(|pattern| !pattern.is_literal() && pattern.names().next().is_none())
            {
                report.below(&[PathPart::key("path")]).add(
                    format!("`{path}` cannot be looked up"),
                    "write the path out; only [NAME] and {words} are filled in",
                );
            }
        }
    }
}
