use super::*;
use crate::samples;
use alloc::{string::ToString, vec};

fn levels() -> [Level; 2] {
    let check = |id: &str, requires: &[Ability]| Check {
        requires: requires.to_vec(),
        ..samples::check(id, vec![])
    };
    let level = |name: &str, checks| Level {
        level: name.to_string(),
        ..samples::level(checks)
    };
    [
        level(
            "level04",
            vec![check("plain", &[]), check("layers", &[Ability::Overlay])],
        ),
        level(
            "level09",
            vec![check(
                "limit",
                &[Ability::MemoryCgroup, Ability::SwapAccounting],
            )],
        ),
    ]
}

fn finding(state: State, gap: Gap) -> Finding {
    Finding {
        id: "it",
        title: "it",
        state,
        detail: "seen".to_string(),
        remedy: None,
        gap,
    }
}

fn diagnosed(findings: Vec<Finding>) -> Diagnosis {
    let [one, other] = levels();
    diagnose(findings, &[&one, &other])
}

#[test]
fn where_everything_works_everything_can_be_graded() {
    let diagnosis = diagnosed(vec![
        finding(State::Works, Gap::Everything),
        finding(State::Absent, Gap::Nothing),
    ]);
    assert_eq!(
        (diagnosis.outlook, diagnosis.gradable, diagnosis.checks),
        (Outlook::Everything, 3, 3)
    );
    assert!(diagnosis.findings.iter().all(|row| row.costs.is_empty()));
}

#[test]
fn a_gap_costs_the_checks_that_require_what_is_lacking_and_no_other() {
    let diagnosis = diagnosed(vec![finding(
        State::Lacking,
        Gap::Abilities(vec![Ability::Overlay]),
    )]);
    assert_eq!(
        (diagnosis.outlook, diagnosis.gradable),
        (Outlook::Something, 2)
    );
    let [cost] = diagnosis.findings[0].costs.as_slice() else {
        panic!("{diagnosis:?}")
    };
    assert_eq!(
        (cost.level.as_str(), cost.checks.as_slice(), cost.whole),
        ("level04", &["layers".to_string()][..], Extent::Part)
    );
}

#[test]
fn a_check_that_two_gaps_cost_is_counted_once() {
    let lacking = |ability| finding(State::Lacking, Gap::Abilities(vec![ability]));
    let diagnosis = diagnosed(vec![
        lacking(Ability::MemoryCgroup),
        lacking(Ability::SwapAccounting),
    ]);
    assert_eq!(diagnosis.gradable, 2);
    assert!(
        diagnosis
            .findings
            .iter()
            .all(|row| row.costs[0].whole == Extent::Whole)
    );
}

#[test]
fn without_a_jail_nothing_can_be_graded() {
    let diagnosis = diagnosed(vec![finding(State::Lacking, Gap::Everything)]);
    assert_eq!(
        (diagnosis.outlook, diagnosis.gradable),
        (Outlook::Nothing, 0)
    );
}

#[test]
fn what_costs_no_check_does_not_change_the_outlook() {
    assert_eq!(
        diagnosed(vec![finding(State::Lacking, Gap::Nothing)]).outlook,
        Outlook::Everything
    );
}
