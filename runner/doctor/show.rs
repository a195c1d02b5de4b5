//! The table for people.

use crate::page::{Lead, Page, Tone};
use checks::doctor::{Cost, Diagnosis, Extent, Outlook, Row, State};

/// Columns of the titles.
const TITLE: usize = 24;

/// The machine-readable form: what the JSON document is made of.
#[derive(Debug, serde::Serialize)]
pub struct Machine<'a> {
    /// The form's name and version.
    pub schema: &'static str,
    /// Who says so.
    pub tool: &'static str,
    /// What was found.
    #[serde(flatten)]
    pub diagnosis: &'a Diagnosis,
}

impl<'a> Machine<'a> {
    /// Of a diagnosis.
    pub fn of(diagnosis: &'a Diagnosis) -> Self {
        Machine {
            schema: "rdgrade/doctor/v1",
            tool: concat!("rdgrade ", env!("CARGO_PKG_VERSION")),
            diagnosis,
        }
    }
}

/// Lays a diagnosis out.
pub fn show(page: &mut Page, diagnosis: &Diagnosis) {
    for row in &diagnosis.findings {
        finding(page, row, diagnosis.checks);
    }
    page.gap();
    let Diagnosis {
        gradable, checks, ..
    } = diagnosis;
    let (text, tone) = match diagnosis.outlook {
        Outlook::Everything => (
            format!("All {checks} checks can be graded here."),
            Tone::Good,
        ),
        Outlook::Something => (
            format!(
                "{gradable} of {checks} checks can be graded here; the others are reported as ungradable and cost nobody."
            ),
            Tone::Warn,
        ),
        Outlook::Nothing => ("Nothing can be graded here.".to_owned(), Tone::Bad),
    };
    page.block(Lead::blank(0), &text, tone);
}

fn finding(page: &mut Page, row: &Row, checks: usize) {
    let (sign, tone) = match row.state {
        State::Works => ("✓", Tone::Good),
        State::Lacking => ("✗", Tone::Bad),
        State::Absent => ("–", Tone::Dim),
    };
    let lead = Lead::sign(0, sign, tone).then(row.title, Tone::Plain, TITLE);
    page.block(lead, &row.detail, Tone::Plain);
    if let Some(remedy) = &row.remedy {
        page.block(Lead::label(2, "do", 8), remedy, Tone::Strong);
    }
    if !row.costs.is_empty() {
        page.block(
            Lead::label(2, "costs", 8),
            &costs(&row.costs, checks),
            Tone::Plain,
        );
    }
}

fn costs(all: &[Cost], checks: usize) -> String {
    if all.iter().map(|cost| cost.checks.len()).sum::<usize>() == checks {
        return "every check".to_owned();
    }
    let one = |cost: &Cost| match cost.whole {
        Extent::Whole => format!("all of {}", cost.level),
        Extent::Part => format!("{}: {}", cost.level, cost.checks.join(", ")),
    };
    all.iter().map(one).collect::<Vec<_>>().join("\n")
}
