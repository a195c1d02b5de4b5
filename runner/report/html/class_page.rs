//! The class's page: figures, distributions, and the heat map.

use super::Run;
use super::class::{Cell, Class, Student};
use super::folder::stem;
use super::student::letter;
use checks::report::Status;
use checks::score::Score;
use minijinja::Value;
use serde::Serialize;
use std::sync::Arc;

/// Lines of the lists of what was failed and needed most.
const LISTED: usize = 8;
/// Ten tenths, and full marks by themselves.
const BARS: usize = 11;

/// What the template is given, rows excepted.
#[derive(Debug, Serialize)]
pub struct ClassView {
    tool: String,
    seed: u64,
    isolation: String,
    students: usize,
    checks: usize,
    not_graded: usize,
    full_marks: usize,
    median: Option<u32>,
    levels: Vec<LevelView>,
    failed: Vec<FailedView>,
    hints: Vec<HintView>,
    columns: usize,
    #[serde(skip)]
    class: Arc<Class>,
}

#[derive(Debug, Serialize)]
struct LevelView {
    id: String,
    short: String,
    title: String,
    max_score: u32,
    graded: usize,
    full_marks: usize,
    median: Option<u32>,
    bars: Vec<Bar>,
    spoken: String,
    checks: Vec<CheckView>,
}

/// A bar of a distribution, in the units of its drawing: 11 columns of 10, 24 high.
#[derive(Debug, Serialize)]
struct Bar {
    x: usize,
    y: usize,
    height: usize,
    full: bool,
}

#[derive(Debug, Serialize)]
struct CheckView {
    name: String,
    id: String,
    title: String,
    number: usize,
    max_points: u32,
}

#[derive(Debug, Serialize)]
struct FailedView {
    name: String,
    title: String,
    students: usize,
    percent: usize,
}

#[derive(Debug, Serialize)]
struct HintView {
    check: String,
    hint: String,
    students: usize,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    page: String,
    name: &'a str,
    id: &'a str,
    submission: &'a str,
    score: Option<u32>,
    max_score: u32,
    levels: Vec<RowLevel>,
}

#[derive(Debug, Serialize)]
struct RowLevel {
    score: Option<u32>,
    cells: Vec<RowCell>,
}

#[derive(Debug, Serialize)]
struct RowCell {
    class: &'static str,
    text: String,
}

/// The view of a class that is complete.
pub fn view(class: Class, run: &Run) -> ClassView {
    let percents = class.students.values().filter_map(|student| {
        let score = Score {
            points: student.score,
            maximum: student.max_score,
        };
        score.percent()
    });
    let percents: Vec<u32> = percents.collect();
    let levels: Vec<LevelView> = class
        .in_order()
        .into_iter()
        .map(|(at, _)| level(&class, at))
        .collect();
    let checks = levels.iter().map(|level| level.checks.len()).sum();
    ClassView {
        tool: class.tool.clone(),
        seed: run.seed,
        isolation: run.isolation.clone(),
        students: class.students.len(),
        checks,
        not_graded: class.students.len() - percents.len(),
        full_marks: percents.iter().filter(|percent| **percent >= 100).count(),
        median: median(percents),
        columns: 2 + levels.len() + checks,
        levels,
        failed: failed(&class),
        hints: hints(&class),
        class: Arc::new(class),
    }
}

impl ClassView {
    /// The rows, each made when it is asked for.
    pub fn rows(&self) -> Value {
        let class = Arc::clone(&self.class);
        Value::make_iterable(move || {
            let class = Arc::clone(&class);
            let indices: Vec<usize> = class.students.keys().copied().collect();
            indices.into_iter().filter_map(move |index| {
                let student = class.students.get(&index)?;
                Some(Value::from_serialize(row(&class, index, student)))
            })
        })
    }
}

fn row<'a>(class: &Class, index: usize, student: &'a Student) -> Row<'a> {
    let levels = class.in_order().into_iter().map(|(at, level)| RowLevel {
        score: student
            .level(at)
            .and_then(|(score, maximum)| (maximum > 0).then_some(score)),
        cells: level
            .checks
            .iter()
            .map(|check| cell(student.cell(check.number)))
            .collect(),
    });
    Row {
        page: format!("students/{}.html", stem(index)),
        name: &student.name,
        id: &student.id,
        submission: &student.submission,
        score: (student.max_score > 0).then_some(student.score),
        max_score: student.max_score,
        levels: levels.collect(),
    }
}

/// A verdict in words, with the points where they say more.
fn cell(cell: Option<Cell>) -> RowCell {
    let Some(cell) = cell else {
        return RowCell {
            class: "x",
            text: "none".to_owned(),
        };
    };
    let word = match cell.status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Blocked => "blocked",
        Status::Ungradable => "ungradable",
        Status::Error => "error",
    };
    let some = cell.status == Status::Fail && cell.points > 0;
    RowCell {
        class: if some { "f h" } else { letter(cell.status) },
        text: if some {
            format!("{word} {}/{}", cell.points, cell.max_points)
        } else {
            word.to_owned()
        },
    }
}

fn level(class: &Class, at: usize) -> LevelView {
    let level = &class.levels[at];
    let scores = class
        .students
        .values()
        .filter_map(|student| student.level(at));
    let percents: Vec<u32> = scores
        .filter_map(|(points, maximum)| Score { points, maximum }.percent())
        .collect();
    let mut bins = [0; BARS];
    for percent in &percents {
        bins[(*percent as usize / 10).min(BARS - 1)] += 1;
    }
    let checks = level.checks.iter().map(|check| CheckView {
        name: format!("{}/{}", level.id, check.id),
        id: check.id.clone(),
        title: check.title.clone(),
        number: check.number,
        max_points: check.max_points,
    });
    LevelView {
        id: level.id.clone(),
        short: level.id.trim_start_matches("level").to_owned(),
        title: level.title.clone(),
        max_score: level.max_score,
        graded: percents.len(),
        full_marks: bins[BARS - 1],
        bars: bars(&bins),
        spoken: spoken(&bins),
        median: median(percents),
        checks: checks.collect(),
    }
}

fn bars(bins: &[usize; BARS]) -> Vec<Bar> {
    const HIGH: usize = 24;
    let most = bins.iter().copied().max().unwrap_or(0).max(1);
    let bar = |(at, count): (usize, &usize)| {
        // One student among thousands is still seen.
        let height = (count * HIGH).div_ceil(most);
        Bar {
            x: at * 10,
            y: HIGH - height,
            height,
            full: at == BARS - 1,
        }
    };
    bins.iter().enumerate().map(bar).collect()
}

/// The distribution for those who do not see it.
fn spoken(bins: &[usize; BARS]) -> String {
    let some = bins.iter().enumerate().filter(|(_, count)| **count > 0);
    let parts: Vec<String> = some
        .map(|(at, count)| match at {
            10 => format!("{count} with full marks"),
            _ => format!("{count} from {} to {} %", at * 10, at * 10 + 9),
        })
        .collect();
    parts.join(", ")
}

fn median(mut percents: Vec<u32>) -> Option<u32> {
    percents.sort_unstable();
    let (middle, even) = (percents.len() / 2, percents.len().is_multiple_of(2));
    match percents.get(middle) {
        Some(upper) if even => Some(u32::midpoint(percents[middle - 1], *upper)),
        found => found.copied(),
    }
}

fn failed(class: &Class) -> Vec<FailedView> {
    let checks = class
        .in_order()
        .into_iter()
        .flat_map(|(_, level)| level.checks.iter().map(move |check| (level, check)));
    let mut failed: Vec<FailedView> = checks
        .map(|(level, check)| {
            let students = class.count(check.number, Status::Fail);
            FailedView {
                name: format!("{}/{}", level.id, check.id),
                title: check.title.clone(),
                students,
                percent: students * 100 / class.students.len().max(1),
            }
        })
        .filter(|failed| failed.students > 0)
        .collect();
    failed.sort_by_key(|one| std::cmp::Reverse(one.students));
    failed.truncate(LISTED);
    failed
}

fn hints(class: &Class) -> Vec<HintView> {
    let most = class.hints.most(LISTED).into_iter();
    most.map(|needed| HintView {
        check: needed.check.to_owned(),
        hint: needed.hint.to_owned(),
        students: needed.students,
    })
    .collect()
}
