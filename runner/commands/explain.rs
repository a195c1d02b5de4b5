//! `rdgrade explain`: what a level or one check asks for, before anything has failed.

use super::{levels, list, page, print};
use crate::cli::{ExplainArgs, Globals};
use crate::exit::{BadInput, Exit};
use crate::page::{Lead, Page, Tone};
use crate::report::human::prompt;
use crate::terminal::one_line;
use checks::level::{Action, Check, Level, Step, Subject};
use checks::played::Side;

/// Columns of the labels.
const LABEL: usize = 10;
/// Columns of the prompts.
const PROMPT: usize = 9;

/// Prints the explanation.
///
/// # Errors
/// A level or check that there is not, a level file's mistakes, standard output's.
pub fn run(args: &ExplainArgs, globals: &Globals) -> anyhow::Result<Exit> {
    let set = levels(globals)?;
    let chosen = set.select(&args.what).map_err(BadInput::new)?;
    let mut page = page(globals);
    for chosen in &chosen {
        page.gap();
        let level = &chosen.loaded.level;
        if args.what.contains('/') {
            chosen.checks().for_each(|one| check(&mut page, level, one));
        } else {
            whole(&mut page, level);
        }
    }
    print(page)?;
    Ok(Exit::Passed)
}

fn whole(page: &mut Page, level: &Level) {
    let name = one_line(&format!("{} {}", level.level, level.title));
    page.entry(Lead::blank(0), &name, Tone::Strong, &list::worth(level));
    page.block(Lead::blank(0), &level.goal, Tone::Plain);
    page.gap();
    for check in &level.checks {
        let points = if check.bonus {
            format!("{} bonus", check.points)
        } else {
            check.points.to_string()
        };
        page.entry(
            Lead::blank(2),
            &one_line(&check.title),
            Tone::Plain,
            &points,
        );
        let id = if check.needs.is_empty() {
            check.id.clone()
        } else {
            format!("{}, after {}", check.id, check.needs.join(" and "))
        };
        page.block(Lead::blank(4), &one_line(&id), Tone::Dim);
    }
    page.gap();
    if let Some(first) = level.checks.first() {
        let more = format!(
            "rdgrade explain {}/{} tells more of one check.",
            level.level, first.id
        );
        page.block(Lead::blank(0), &one_line(&more), Tone::Dim);
    }
}

fn check(page: &mut Page, level: &Level, check: &Check) {
    page.gap();
    let name = one_line(&format!("{}/{}", level.level, check.id));
    let points = format!(
        "{} {}{}",
        check.points,
        plural(check.points),
        if check.bonus { ", bonus" } else { "" }
    );
    page.entry(Lead::blank(0), &name, Tone::Strong, &points);
    page.block(Lead::blank(2), &one_line(&check.title), Tone::Plain);
    page.gap();
    for (index, step) in check.scenario.iter().enumerate() {
        let (side, typed) = typed(step);
        let prompt = prompt(side);
        let label = if index == 0 { "played" } else { "" };
        let points = step.points.map_or(String::new(), |points| {
            format!("{points} {}", plural(points))
        });
        let lead = Lead::label(2, label, LABEL).then(prompt.sign, prompt.tone, PROMPT);
        page.entry(lead, &one_line(&typed), Tone::Plain, &points);
    }
    page.gap();
    if !check.needs.is_empty() {
        page.block(
            Lead::label(2, "needs", LABEL),
            &one_line(&check.needs.join(", ")),
            Tone::Plain,
        );
    }
    page.block(Lead::label(2, "hint", LABEL), &check.hint, Tone::Plain);
    page.unbroken(Lead::label(2, "read", LABEL), &check.link, Tone::Plain);
    page.unbroken(
        Lead::label(2, "try", LABEL),
        &format!("rdgrade {name}"),
        Tone::Strong,
    );
}

fn plural(points: u32) -> &'static str {
    if points == 1 { "point" } else { "points" }
}

/// Where a step takes place, and what is typed there. `rd run` stands for the submission, however it is started.
fn typed(step: &Step) -> (Side, String) {
    let run = |command: &[String]| {
        let options: String = step
            .options
            .iter()
            .map(|(name, value)| format!("--{name} {value} "))
            .collect();
        format!("rd run {options}-i ubuntu {}", command.join(" "))
    };
    match &step.action {
        Action::Run(command) | Action::Start(command) => (Side::Submission, run(command)),
        Action::Inside(command) => (Side::Inside, command.clone()),
        Action::End(status) => (Side::Inside, format!("exit {status}")),
        Action::Outside(command) => (Side::Outside, command.clone()),
        Action::Observe(subject) => (Side::Kernel, asked(who(subject), step)),
    }
}

/// `the container: root, mounts`.
fn asked(who: String, step: &Step) -> String {
    let expect = &step.expect;
    let facts = expect
        .values
        .keys()
        .chain(expect.records.keys())
        .chain(expect.tables.keys());
    let facts: Vec<&str> = facts.map(|fact| fact.name()).collect();
    if facts.is_empty() {
        format!("looks at {who}")
    } else {
        format!("looks at {who}: {}", facts.join(", "))
    }
}

fn who(subject: &Subject) -> String {
    match subject {
        Subject::Container => "the container".to_owned(),
        Subject::Submission => "the submission's processes".to_owned(),
        Subject::Host => "the host".to_owned(),
        Subject::Image => "the image".to_owned(),
        Subject::Session(name) => format!("the container `{name}`"),
    }
}
