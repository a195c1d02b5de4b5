//! The gradebook: one line for each submission, for spreadsheets. Two runs of the same thing have the same bytes.

use super::{Holds, Kind, Output, Reporter};
use crate::event::{Event, SubmissionReport};
use crate::terminal::one_line;
use checks::report::Status;
use std::collections::{BTreeMap, HashMap};
use std::io;

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "csv",
    about: "a gradebook for spreadsheets, one line for each submission",
    holds: Holds::Several,
    open: |opening| Ok(Box::new(Csv::new(opening.output))),
};

/// Columns before the levels.
const FIXED: [&str; 5] = ["id", "name", "status", "score", "max"];

/// Writes RFC 4180 as UTF-8. Columns: [`FIXED`], then for each level its score under the level's id, and the points of each of
/// its checks under LEVEL/CHECK. A cell is empty where nothing was judged: not graded, ungradable, rdgrade's own fault.
pub struct Csv {
    output: Output,
    /// Column names behind the fixed ones, by the order in which levels and checks came.
    levels: Vec<(String, Vec<String>)>,
    /// Points alone, a few hundred bytes a submission: which columns there are is known when all have come.
    rows: BTreeMap<usize, Row>,
}

struct Row {
    fixed: [String; FIXED.len()],
    cells: HashMap<String, String>,
}

impl Csv {
    /// A reporter that writes to `output`.
    pub fn new(output: Output) -> Self {
        Csv {
            output,
            levels: Vec::new(),
            rows: BTreeMap::new(),
        }
    }

    fn take(&mut self, index: usize, report: &SubmissionReport) {
        let mut cells = HashMap::new();
        for result in &report.levels {
            let at = self
                .levels
                .iter()
                .position(|(level, _)| *level == result.level);
            let at = at.unwrap_or_else(|| {
                self.levels.push((result.level.clone(), Vec::new()));
                self.levels.len() - 1
            });
            let columns = &mut self.levels[at].1;
            if result.max_score > 0 {
                cells.insert(result.level.clone(), result.score.to_string());
            }
            for check in &result.checks {
                let column = format!("{}/{}", result.level, check.id);
                if !matches!(check.status, Status::Ungradable | Status::Error) {
                    cells.insert(column.clone(), check.points.to_string());
                }
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
        }
        let student = report.student.as_ref();
        let scored = report.not_graded.is_none() && report.max_score > 0;
        let score = |points: u32| {
            if scored {
                points.to_string()
            } else {
                String::new()
            }
        };
        let fixed = [
            one_line(report.id()),
            one_line(student.map_or("", |student| &student.name)),
            status(report).to_owned(),
            score(report.score),
            score(report.max_score),
        ];
        self.rows.insert(index, Row { fixed, cells });
    }

    fn write(&mut self) -> io::Result<()> {
        let mut levels = std::mem::take(&mut self.levels);
        levels.sort_by(|one, other| one.0.cmp(&other.0));
        let columns: Vec<String> = levels
            .into_iter()
            .flat_map(|(level, checks)| std::iter::once(level).chain(checks))
            .collect();
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(&mut self.output);
        let mut record = |cells: &mut dyn Iterator<Item = &str>| {
            csv.write_record(cells.map(disarmed))
                .map_err(io::Error::from)
        };
        record(&mut FIXED.into_iter().chain(columns.iter().map(String::as_str)))?;
        for Row { fixed, cells } in self.rows.values() {
            let points = columns
                .iter()
                .map(|column| cells.get(column).map_or("", String::as_str));
            record(&mut fixed.iter().map(String::as_str).chain(points))?;
        }
        csv.flush()?;
        drop(csv);
        self.output.flush()
    }
}

impl Reporter for Csv {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::SubmissionFinished { submission, report } => {
                self.take(*submission, report);
                Ok(())
            }
            Event::RunFinished => self.write(),
            Event::RunStarted { .. }
            | Event::SubmissionStarted { .. }
            | Event::CheckTimed { .. }
            | Event::CheckFinished { .. } => Ok(()),
        }
    }
}

fn status(report: &SubmissionReport) -> &'static str {
    let mut checks = report.levels.iter().flat_map(|level| &level.checks);
    if report.not_graded.is_some() || report.max_score == 0 {
        "not graded"
    } else if checks.any(|check| check.status == Status::Error) {
        "error"
    } else {
        "graded"
    }
}

/// What a spreadsheet would take for a formula becomes text (OWASP, "CSV Injection"). Quotes alone do not help.
fn disarmed(cell: &str) -> String {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0")]
    #[case("+1", "'+1")]
    #[case("-1", "'-1")]
    #[case("@SUM(A1)", "'@SUM(A1)")]
    #[case("\t=1", "'\t=1")]
    #[case("\r=1", "'\r=1")]
    #[case("Ada = Lovelace", "Ada = Lovelace")]
    #[case("", "")]
    fn no_cell_is_a_formula(#[case] cell: &str, #[case] written: &str) {
        assert_eq!(disarmed(cell), written);
    }
}
