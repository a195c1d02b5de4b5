//! Steps: which action, which modifiers go with it.

use super::expectations::expect;
use super::read::{Reader, images};
use super::{OptionsEntry, StepEntry};
use crate::duration;
use crate::level::{Action, Step, Subject};
use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

const ACTIONS: &str = "a step does one of: run, start, inside, outside, observe, end";

pub(super) fn step(reader: &mut Reader, mut entry: StepEntry) -> Step {
    let action = action(reader, &mut entry);
    modifiers(reader, &entry, &action);
    Step {
        session: entry.r#in,
        options: options(entry.options),
        images: images(entry.images),
        within_ms: entry
            .within
            .and_then(|text| reader.at("within", |reader| deadline(reader, &text))),
        points: entry.points,
        hint: entry.hint,
        // Names of this very step are not known to its own expectations: what it saw is what is judged.
        expect: entry
            .expect
            .map(|it| reader.at("expect", |reader| expect(reader, it)))
            .unwrap_or_default(),
        line: 0,
        name: entry.r#as.inspect(|name| {
            reader.names.insert(name.clone());
            if matches!(action, Action::Start(_)) {
                reader.sessions.insert(name.clone());
            }
        }),
        action,
    }
}

fn action(reader: &mut Reader, entry: &mut StepEntry) -> Action {
    let mut actions: Vec<(&str, Action)> = Vec::new();
    if let Some(command) = entry.run.take() {
        actions.push(("run", Action::Run(words(reader, "run", command))));
    }
    if let Some(command) = entry.start.take() {
        actions.push(("start", Action::Start(words(reader, "start", command))));
    }
    actions.extend(
        entry
            .inside
            .take()
            .map(|typed| ("inside", Action::Inside(typed))),
    );
    actions.extend(
        entry
            .outside
            .take()
            .map(|typed| ("outside", Action::Outside(typed))),
    );
    if let Some(subject) = entry.observe.take() {
        let subject = reader.at("observe", |reader| subject_of(reader, &subject));
        actions.push(("observe", Action::Observe(subject)));
    }
    actions.extend(entry.end.take().map(|status| ("end", Action::End(status))));
    if let [(first, _), (second, _), ..] = &actions[..] {
        let message = format!("this step does two things: `{first}` and `{second}`");
        let second = second.to_string();
        reader.at(&second, |reader| {
            reader.problem(message, "make it two steps")
        });
    }
    match actions.into_iter().next() {
        Some((_, action)) => action,
        None => {
            reader.problem("this step does nothing", ACTIONS);
            Action::Observe(Subject::Container)
        }
    }
}

fn words(reader: &mut Reader, key: &str, command: Vec<String>) -> Vec<String> {
    if command.is_empty() {
        reader.at(key, |reader| {
            reader.problem(
                "the command is empty",
                format!("write it as words: {key}: [/bin/ls, /]"),
            );
        });
    }
    command
}

/// `container`, `submission`, `host`, `image`, or nothing.
pub(super) fn plain_subject(word: &str) -> Option<Subject> {
    match word {
        "container" => Some(Subject::Container),
        "submission" => Some(Subject::Submission),
        "host" => Some(Subject::Host),
        "image" => Some(Subject::Image),
        _ => None,
    }
}

fn subject_of(reader: &mut Reader, word: &str) -> Subject {
    if let Some(subject) = plain_subject(word) {
        return subject;
    }
    if !reader.sessions.contains(word) {
        let mut known = ["container", "submission", "host", "image"].to_vec();
        known.extend(reader.sessions.iter().map(String::as_str));
        let remedy = match super::nearest(word, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        reader.problem(format!("unknown subject `{word}`"), remedy);
    }
    Subject::Session(word.into())
}

fn modifiers(reader: &mut Reader, entry: &StepEntry, action: &Action) {
    let starts = matches!(action, Action::Run(_) | Action::Start(_));
    for (key, present) in [
        ("options", entry.options.is_some()),
        ("images", entry.images.is_some()),
    ] {
        if present && !starts {
            reader.at(key, |reader| {
                reader.problem(
                    format!("`{key}` goes with `run` and `start`"),
                    "move it to such a step",
                );
            });
        }
    }
}

fn options(entry: Option<OptionsEntry>) -> BTreeMap<String, String> {
    let entry = entry.unwrap_or_default();
    [
        ("cpu-shares", entry.cpu_shares),
        ("memory", entry.memory),
        ("memory-swap", entry.memory_swap),
        ("user", entry.user),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.into(), value?.to_string())))
    .collect()
}

/// Milliseconds of `20s`, `500ms`, `2m`; at most an hour.
fn deadline(reader: &mut Reader, text: &str) -> Option<u64> {
    const HOUR_MS: u64 = 3_600_000;
    let within = duration::milliseconds(text).filter(|ms| (1..=HOUR_MS).contains(ms));
    if within.is_none() {
        reader.problem(
            format!("`{text}` is no duration"),
            "write 500ms, 20s or 2m; at most 60m",
        );
    }
    within
}
