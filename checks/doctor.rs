//! What a host can do, and what its gaps cost: the judging half of `rdgrade doctor`.
//!
//! The runner tries things and says what it found; which checks a gap costs follows from what the levels require.

use crate::level::{Ability, Check, Level};
use alloc::{string::String, vec::Vec};
use serde::Serialize;

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It works.
    Works,
    /// It does not, and something needs it.
    Lacking,
    /// It is not there, and grading does not suffer.
    Absent,
}

/// What a gap takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// No check: a kind of submission, or a convenience.
    Nothing,
    /// Every check that requires one of these.
    Abilities(Vec<Ability>),
    /// All of them: no jail can be built.
    Everything,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// For programs: `fresh-proc`.
    pub id: &'static str,
    /// For people, a few words: `fresh proc mounts`.
    pub title: &'static str,
    /// How it was found.
    pub state: State,
    /// What was seen, or why it does not work.
    pub detail: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// What is lost where it does not work.
    pub gap: Gap,
}

/// Checks of one level that cannot be graded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// The level.
    pub level: String,
    /// The ids of the checks, in the level's order.
    pub checks: Vec<String>,
    /// Whether these are all it has.
    pub whole: Extent,
}

/// How much of a level is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Extent {
    /// All its checks.
    Whole,
    /// Some of them.
    Part,
}

/// A finding and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// As [`Finding::id`].
    pub id: &'static str,
    /// As [`Finding::title`].
    pub title: &'static str,
    /// As [`Finding::state`].
    pub state: State,
    /// As [`Finding::detail`].
    pub detail: String,
    /// As [`Finding::remedy`].
    pub remedy: Option<String>,
    /// The checks that cannot be graded for it; empty where it works.
    pub costs: Vec<Cost>,
}

/// How much can be graded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outlook {
    /// Every check.
    Everything,
    /// Some checks.
    Something,
    /// No check.
    Nothing,
}

/// All findings, weighed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// How much can be graded.
    pub outlook: Outlook,
    /// How many checks can be graded.
    pub gradable: usize,
    /// How many there are.
    pub checks: usize,
    /// The findings, in the order in which they were made.
    pub findings: Vec<Row>,
}

impl Gap {
    fn takes(&self, check: &Check) -> bool {
        match self {
            Gap::Nothing => false,
            Gap::Abilities(all) => all.iter().any(|ability| check.requires.contains(ability)),
            Gap::Everything => true,
        }
    }
}

/// Weighs findings against levels.
pub fn diagnose(findings: Vec<Finding>, levels: &[&Level]) -> Diagnosis {
    let all = || levels.iter().flat_map(|level| &level.checks);
    let lost = |check: &Check| {
        let lacking = |finding: &&Finding| finding.state == State::Lacking;
        findings
            .iter()
            .filter(lacking)
            .any(|finding| finding.gap.takes(check))
    };
    let checks = all().count();
    let gradable = all().filter(|check| !lost(check)).count();
    let outlook = match gradable {
        0 => Outlook::Nothing,
        some if some < checks => Outlook::Something,
        _ => Outlook::Everything,
    };
    let findings = findings.into_iter().map(|finding| Row {
        costs: match finding.state {
            State::Lacking => costs(&finding.gap, levels),
            State::Works | State::Absent => Vec::new(),
        },
        id: finding.id,
        title: finding.title,
        state: finding.state,
        detail: finding.detail,
        remedy: finding.remedy,
    });
    Diagnosis {
        outlook,
        gradable,
        checks,
        findings: findings.collect(),
    }
}

fn costs(gap: &Gap, levels: &[&Level]) -> Vec<Cost> {
    let of_level = |level: &&Level| {
        let taken = level.checks.iter().filter(|check| gap.takes(check));
        let checks: Vec<String> = taken.map(|check| check.id.clone()).collect();
        let whole = if checks.len() == level.checks.len() {
            Extent::Whole
        } else {
            Extent::Part
        };
        (!checks.is_empty()).then(|| Cost {
            level: level.level.clone(),
            checks,
            whole,
        })
    };
    levels.iter().filter_map(of_level).collect()
}

#[cfg(test)]
mod tests;
