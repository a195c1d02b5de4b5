//! From entries to the types of [`crate::level`]; every mistake becomes a [`Problem`], and reading goes on.

use super::actions::step;
use super::limits::limits;
use super::{AbilityEntry, CheckEntry, ImagesEntry, LayersEntry, LevelFile};
use crate::level::{Ability, Check, Level};
use crate::lint::{PathPart, Problem};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec::Vec,
};

/// Turns entries into a level. What is missing is reported and left empty, so the level is only fit for use when
/// there are no problems.
pub fn read(file: LevelFile) -> (Level, Vec<Problem>) {
    let mut reader = Reader::default();
    let level = Level {
        level: reader.required("level", file.level, "name it: level: level01"),
        title: reader.required("title", file.title, "say it in a few words"),
        goal: reader.required(
            "goal",
            file.goal,
            "say in one sentence what the student is after",
        ),
        limits: limits(&mut reader, file.limits),
        checks: {
            let checks = reader.required("checks", file.checks, "list what is to be checked");
            reader.each("checks", checks, check)
        },
    };
    (level, reader.problems)
}

/// Where the reader is, what it found wrong, and the names the check has given so far.
#[derive(Default)]
pub(super) struct Reader {
    path: Vec<PathPart>,
    problems: Vec<Problem>,
    /// Names given with `as`, sessions and observations alike.
    pub(super) names: BTreeSet<String>,
    /// Those of them that are sessions.
    pub(super) sessions: BTreeSet<String>,
}

impl Reader {
    /// Notes a mistake at the current place.
    pub(super) fn problem(&mut self, message: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(Problem {
            path: self.path.clone(),
            column: None,
            message: message.into(),
            remedy: remedy.into(),
        });
    }

    /// Reads below `key`.
    pub(super) fn at<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(PathPart::Key(key.into()));
        let value = read(self);
        self.path.pop();
        value
    }

    /// Reads each entry of the list below `key`.
    pub(super) fn each<E, T>(
        &mut self,
        key: &str,
        entries: Vec<E>,
        mut read: impl FnMut(&mut Self, E) -> T,
    ) -> Vec<T> {
        self.at(key, |reader| {
            let entries = entries.into_iter().enumerate();
            entries
                .map(|(index, entry)| {
                    reader.path.push(PathPart::Index(index));
                    let value = read(reader, entry);
                    reader.path.pop();
                    value
                })
                .collect()
        })
    }

    fn required<T: Default>(&mut self, key: &str, value: Option<T>, remedy: &str) -> T {
        if value.is_none() {
            self.at(key, |reader| {
                reader.problem(format!("missing key `{key}`"), remedy)
            });
        }
        value.unwrap_or_default()
    }
}

fn check(reader: &mut Reader, entry: CheckEntry) -> Check {
    reader.names.clear();
    reader.sessions.clear();
    Check {
        id: reader.required(
            "id",
            entry.id,
            "give the check an id of its own: id: sees-the-image",
        ),
        title: reader.required("title", entry.title, "say what holds when the check passes"),
        points: reader.required("points", entry.points, "say what the check is worth"),
        needs: entry.needs.unwrap_or_default(),
        requires: entry
            .requires
            .unwrap_or_default()
            .into_iter()
            .map(ability)
            .collect(),
        bonus: entry.bonus.unwrap_or_default(),
        images: images(entry.images),
        limits: limits(reader, entry.limits),
        scenario: {
            let remedy = "list what is done: start: [/bin/bash], observe: container, …";
            let steps = reader.required("scenario", entry.scenario, remedy);
            reader.each("scenario", steps, step)
        },
        hint: reader.required(
            "hint",
            entry.hint,
            "teach: what did the kernel do, and where to look?",
        ),
        link: reader.required("link", entry.link, "say what to read: an https address"),
    }
}

fn ability(entry: AbilityEntry) -> Ability {
    match entry {
        AbilityEntry::Overlay => Ability::Overlay,
        AbilityEntry::CpuCgroup => Ability::CpuCgroup,
        AbilityEntry::MemoryCgroup => Ability::MemoryCgroup,
        AbilityEntry::SwapAccounting => Ability::SwapAccounting,
        AbilityEntry::ManyIds => Ability::ManyIds,
        AbilityEntry::DeviceNodes => Ability::DeviceNodes,
    }
}

pub(super) fn images(entry: Option<ImagesEntry>) -> BTreeMap<String, Vec<String>> {
    let layers = |layers| match layers {
        LayersEntry::One(name) => [name].into(),
        LayersEntry::Several(names) => names,
    };
    let images = entry.unwrap_or_default().into_iter();
    images.map(|(name, entry)| (name, layers(entry))).collect()
}
