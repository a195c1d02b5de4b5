//! Which facts to take, and when.

use crate::fact::{FactName, Request, Subject};
use crate::level::{Action, Check, Step};
use crate::reference::{When, target};
use crate::walk;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::{string::String, vec::Vec};

/// Fills words and captures into the path of a file; `None` while a capture in it has no value.
pub(super) type Fill<'f> = &'f dyn Fn(&str) -> Option<String>;

/// Requests, one for each subject and fact, with all the paths asked for.
#[derive(Default)]
struct Requests(BTreeMap<(Subject, FactName), BTreeSet<String>>);

impl Requests {
    fn add(&mut self, subject: Subject, fact: FactName, step: &Step, fill: Fill<'_>) {
        let paths = self.0.entry((subject, fact)).or_default();
        if fact == FactName::Files {
            paths.extend(walk::paths(&step.expect).into_iter().filter_map(fill));
        }
    }

    fn list(self) -> Vec<Request> {
        let request = |((subject, fact), paths): ((Subject, FactName), BTreeSet<String>)| Request {
            subject,
            fact,
            paths: paths.into_iter().collect(),
        };
        self.0.into_iter().map(request).collect()
    }
}

/// What to take before the first step.
pub(super) fn before(check: &Check, fill: Fill<'_>) -> Vec<Request> {
    let mut requests = Requests::default();
    for step in &check.scenario {
        let subject = walk::subject(step);
        for (slot, reference) in walk::references(&step.expect, &subject) {
            let Ok(Some(found)) = target(reference, slot) else {
                continue;
            };
            let When::Before(subject) = found.when else {
                continue;
            };
            // Before the scenario there is no container: the linter says so.
            if !matches!(subject, Subject::Container | Subject::Session(_)) {
                requests.add(subject, found.fact, step, fill);
            }
        }
    }
    requests.list()
}

/// What to take right after step `index`.
pub(super) fn after(check: &Check, index: usize, fill: Fill<'_>) -> Vec<Request> {
    let mut requests = Requests::default();
    let Some(step) = check.scenario.get(index) else {
        return Vec::new();
    };
    let subject = walk::subject(step);
    for fact in walk::facts(&step.expect) {
        requests.add(subject.clone(), fact, step, fill);
    }
    if step
        .expect
        .values
        .get(&FactName::Root)
        .is_some_and(|root| root.is.is_some() || root.is_not.is_some())
    {
        // What a pivoted root is called by: see "The root's path" in `relation`.
        requests.add(subject.clone(), FactName::Born, step, fill);
        requests.add(Subject::Host, FactName::Root, step, fill);
    }
    for (slot, reference) in walk::references(&step.expect, &subject) {
        if let Ok(Some(found)) = target(reference, slot)
            && let When::Now(subject) = found.when
        {
            requests.add(subject, found.fact, step, fill);
        }
    }
    if let (Some(name), Some(subject)) = (&step.name, named(step)) {
        for later in check.scenario.iter().skip(index + 1) {
            let of_later = walk::subject(later);
            for (slot, reference) in walk::references(&later.expect, &of_later) {
                if let Ok(Some(found)) = target(reference, slot)
                    && found.when == When::Named(name.clone())
                {
                    requests.add(subject.clone(), found.fact, later, fill);
                }
            }
        }
    }
    requests.list()
}

/// The facts about containers that are taken after some step.
pub(super) fn of_containers(check: &Check) -> BTreeSet<FactName> {
    let steps = 0..check.scenario.len();
    let requests = steps.flat_map(|index| after(check, index, &|_| None));
    requests
        .filter(|request| matches!(request.subject, Subject::Container | Subject::Session(_)))
        .map(|request| request.fact)
        .collect()
}

/// Whether a check looks at the network it is played in, or could be led astray by what another has left there.
pub(super) fn looks_at_network(check: &Check) -> bool {
    let every = |subject: &Subject, fact| match fact {
        FactName::Links => true,
        FactName::Namespaces => *subject != Subject::Image,
        _ => false,
    };
    let steps = 0..check.scenario.len();
    let requests = steps.flat_map(|index| after(check, index, &|_| None));
    requests
        .chain(before(check, &|_| None))
        .any(|request| every(&request.subject, request.fact))
}

/// Whom the name given to a step by `as` stands for.
pub(super) fn named(step: &Step) -> Option<Subject> {
    match (&step.action, &step.name) {
        (Action::Start(_), Some(name)) => Some(Subject::Session(name.clone())),
        (Action::Observe(_), Some(_)) => Some(walk::subject(step)),
        _ => None,
    }
}
