//! What is kept of a class: a few bytes for each check of each student.

use super::hints::Hints;
use crate::event::SubmissionReport;
use checks::report::{CheckResult, LevelResult, Status};
use std::collections::BTreeMap;

/// The class so far.
#[derive(Debug, Default)]
pub struct Class {
    /// The levels, in the order in which they were first seen.
    pub levels: Vec<Level>,
    /// The students, by the submission's index.
    pub students: BTreeMap<usize, Student>,
    /// Which hints were shown to how many.
    pub hints: Hints,
    /// Who graded: `rdgrade 0.1.0`.
    pub tool: String,
    checks: usize,
}

/// A level as columns.
#[derive(Debug)]
pub struct Level {
    /// `level01`.
    pub id: String,
    /// A few words.
    pub title: String,
    /// The most points anybody could have.
    pub max_score: u32,
    /// Its checks.
    pub checks: Vec<Check>,
}

/// A check as a column.
#[derive(Debug)]
pub struct Check {
    /// Id within the level.
    pub id: String,
    /// What holds when it passes.
    pub title: String,
    /// Where it stands in [`Student::cells`], and its anchor on students' pages.
    pub number: usize,
    /// Points.
    pub max_points: u32,
}

/// A student as a row.
#[derive(Debug)]
pub struct Student {
    /// Their name, or the submission's.
    pub name: String,
    /// The roster's id; empty without a roster.
    pub id: String,
    /// The submission's name, unless it is [`Student::name`].
    pub submission: String,
    /// Points.
    pub score: u32,
    /// Out of; 0 where nothing could be graded.
    pub max_score: u32,
    /// Points of each level and the maximum, in the order of [`Class::levels`].
    pub levels: Vec<Option<(u32, u32)>>,
    /// Results, by [`Check::number`].
    pub cells: Vec<Option<Cell>>,
}

/// A result.
#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// The verdict.
    pub status: Status,
    /// Points earned.
    pub points: u16,
    /// Out of.
    pub max_points: u16,
}

impl Class {
    /// Takes note of a report. Its texts must be tame.
    pub fn take(&mut self, index: usize, report: &SubmissionReport) {
        self.tool.clone_from(&report.tool);
        let (name, id, submission) = match &report.student {
            Some(student) => (
                &student.name,
                student.id.as_str(),
                report.submission.as_str(),
            ),
            None => (&report.submission, "", ""),
        };
        let mut student = Student {
            name: shown(name),
            id: id.to_owned(),
            submission: submission.to_owned(),
            score: report.score,
            max_score: report.max_score,
            levels: Vec::new(),
            cells: Vec::new(),
        };
        for level in &report.levels {
            let at = self.level(level);
            put(&mut student.levels, at, (level.score, level.max_score));
            for check in &level.checks {
                let number = self.check(at, check);
                put(&mut student.cells, number, cell(check));
                if check.status == Status::Fail {
                    self.hints.shown(&level.level, check);
                }
            }
        }
        self.students.insert(index, student);
    }

    /// The number of a check that was seen.
    pub fn number(&self, level: &str, check: &str) -> Option<usize> {
        let level = self.levels.iter().find(|known| known.id == level)?;
        let check = level.checks.iter().find(|known| known.id == check)?;
        Some(check.number)
    }

    /// The levels in the order in which they are taken, with their place in [`Student::levels`].
    pub fn in_order(&self) -> Vec<(usize, &Level)> {
        let mut levels: Vec<(usize, &Level)> = self.levels.iter().enumerate().collect();
        levels.sort_by(|(_, one), (_, other)| one.id.cmp(&other.id));
        levels
    }

    /// How many students' results for this check have this status.
    pub fn count(&self, number: usize, status: Status) -> usize {
        let results = self
            .students
            .values()
            .filter_map(|student| student.cell(number));
        results.filter(|cell| cell.status == status).count()
    }

    fn level(&mut self, result: &LevelResult) -> usize {
        let known = self
            .levels
            .iter()
            .position(|known| known.id == result.level);
        let at = known.unwrap_or_else(|| {
            self.levels.push(Level {
                id: result.level.clone(),
                title: result.title.clone(),
                max_score: 0,
                checks: Vec::new(),
            });
            self.levels.len() - 1
        });
        let level = &mut self.levels[at];
        level.max_score = level.max_score.max(result.max_score);
        at
    }

    fn check(&mut self, level: usize, result: &CheckResult) -> usize {
        let known = &mut self.levels[level].checks;
        if let Some(check) = known.iter().find(|known| known.id == result.id) {
            return check.number;
        }
        known.push(Check {
            id: result.id.clone(),
            title: result.title.clone(),
            number: self.checks,
            max_points: result.max_points,
        });
        self.checks += 1;
        self.checks - 1
    }
}

impl Student {
    /// The result of the check with this number.
    pub fn cell(&self, number: usize) -> Option<Cell> {
        self.cells.get(number).copied().flatten()
    }

    /// Points and maximum of the level at this place.
    pub fn level(&self, at: usize) -> Option<(u32, u32)> {
        self.levels.get(at).copied().flatten()
    }
}

/// A link needs a text.
pub fn shown(name: &str) -> String {
    if name.trim().is_empty() {
        return "(no name)".to_owned();
    }
    name.to_owned()
}

fn put<T: Clone>(places: &mut Vec<Option<T>>, at: usize, value: T) {
    if places.len() <= at {
        places.resize(at + 1, None);
    }
    places[at] = Some(value);
}

fn cell(check: &CheckResult) -> Cell {
    let small = |points| u16::try_from(points).unwrap_or(u16::MAX);
    Cell {
        status: check.status,
        points: small(check.points),
        max_points: small(check.max_points),
    }
}
