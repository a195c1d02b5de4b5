//! `rdgrade list`: the levels and what they are worth.

use super::{levels, page, print};
use crate::cli::Globals;
use crate::exit::Exit;
use crate::page::{Lead, Page, Tone};
use crate::terminal::one_line;
use checks::level::Level;

/// Columns of the ids.
const ID: usize = 10;

/// Prints the list.
///
/// # Errors
/// A level file's mistakes, or standard output's.
pub fn run(globals: &Globals) -> anyhow::Result<Exit> {
    let set = levels(globals)?;
    let mut page = page(globals);
    for loaded in set.iter() {
        level(&mut page, &loaded.level);
    }
    page.gap();
    let next = "rdgrade explain LEVEL tells what a level asks for; rdgrade LEVEL grades it.";
    page.block(Lead::blank(0), next, Tone::Dim);
    print(page)?;
    Ok(Exit::Passed)
}

fn level(page: &mut Page, level: &Level) {
    let id = one_line(&level.level);
    let lead = Lead::label(0, &id, ID).toned(Tone::Strong);
    page.entry(lead, &one_line(&level.title), Tone::Plain, &worth(level));
    page.block(Lead::blank(ID), &level.goal, Tone::Dim);
}

/// `10 checks, 20 points`, and the bonus, which is outside them.
pub(super) fn worth(level: &Level) -> String {
    let points = |bonus: bool| -> u32 {
        let counted = level.checks.iter().filter(|check| check.bonus == bonus);
        counted
            .map(|check| check.points)
            .fold(0, u32::saturating_add)
    };
    let some =
        |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let base = format!(
        "{}, {}",
        some(level.checks.len(), "check"),
        some(points(false) as usize, "point")
    );
    match points(true) {
        0 => base,
        bonus => format!("{base}, {bonus} more as a bonus"),
    }
}
