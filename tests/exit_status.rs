//! What a script learns from the exit status alone.

mod made;

use checks::report::CheckResult;
use made::*;
use rdgrade::event::SubmissionReport;
use rdgrade::exit::Exit;
use rstest::rstest;

fn of(checks: Vec<CheckResult>) -> SubmissionReport {
    report(".", vec![level("level01", "chroot", checks)])
}

fn good() -> CheckResult {
    passed("sees-the-image", "ls / lists the image", 2)
}

fn missed_bonus() -> CheckResult {
    ended(
        bonus(),
        checks::report::Status::Fail,
        "root's groups were kept",
    )
}

#[rstest]
#[case::passed(of(vec![good()]), None, Exit::Passed)]
#[case::failed(of(vec![good(), no_chdir()]), None, Exit::Failed)]
#[case::blocked(of(vec![good(), leaked_file()]), None, Exit::Failed)]
#[case::missed_bonus(of(vec![good(), missed_bonus()]), None, Exit::Passed)]
#[case::ungradable_beside(of(vec![good(), ungradable()]), None, Exit::Passed)]
#[case::ungradable_alone(of(vec![ungradable()]), None, Exit::NotGraded)]
#[case::our_fault(of(vec![good(), error()]), None, Exit::NotGraded)]
#[case::our_fault_and_theirs(of(vec![no_chdir(), error()]), None, Exit::NotGraded)]
#[case::not_graded(not_graded("."), None, Exit::NotGraded)]
#[case::enough(of(vec![good(), no_chdir()]), Some(2), Exit::Passed)]
#[case::not_enough(of(vec![good(), no_chdir()]), Some(3), Exit::Failed)]
#[case::enough_whatever_we_broke(of(vec![good(), error()]), Some(2), Exit::Passed)]
#[case::perhaps_enough(of(vec![good(), error()]), Some(3), Exit::NotGraded)]
#[case::nothing_to_reach(not_graded("."), Some(0), Exit::NotGraded)]
fn a_report_comes_to_one_number(
    #[case] report: SubmissionReport,
    #[case] min_score: Option<u32>,
    #[case] exit: Exit,
) {
    assert_eq!(Exit::of_report(&report, min_score), exit);
}
