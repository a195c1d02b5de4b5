//! The report for people, as they read it.

mod made;

use checks::report::LevelResult;
use made::*;
use rdgrade::page::Paint;
use rdgrade::report::{Again, Detail, Look, again::Program, human};
use rstest::rstest;

fn good() -> Vec<checks::report::CheckResult> {
    vec![
        passed(
            "announces-the-root",
            "The root that is announced is the root that is used",
            1,
        ),
        passed(
            "missing-binary-without-image",
            "Without an image there is nothing to execute",
            2,
        ),
        passed("sees-the-image", "ls / lists the image", 2),
    ]
}

fn shown(look: Look, levels: Vec<LevelResult>) -> String {
    written(&human::KIND, look, vec![(0, report(".", levels))])
}

fn plain(levels: Vec<LevelResult>) -> String {
    shown(look(80, Paint::Plain, Detail::Failures), levels)
}

#[test]
fn everything_passed() {
    insta::assert_snapshot!(plain(vec![level("level01", "chroot", good())]));
}

#[rstest]
#[case::narrow(60)]
#[case::wide(100)]
fn one_failure(#[case] width: usize) {
    let checks = [good(), vec![no_chdir()]].concat();
    let text = shown(
        look(width, Paint::Plain, Detail::Failures),
        vec![level("level01", "chroot", checks)],
    );
    insta::assert_snapshot!(format!("one_failure_{width}"), text);
}

#[test]
fn partial_credit_step_by_step() {
    let checks = [good(), vec![half_the_filesystems()]].concat();
    insta::assert_snapshot!(plain(vec![level("level01", "chroot", checks)]));
}

#[test]
fn a_failure_that_blocks_others() {
    let checks = vec![no_chroot(), leaked_file(), second_hand()];
    insta::assert_snapshot!(plain(vec![level("level01", "chroot", checks)]));
}

#[test]
fn a_blocked_check_alone_is_told_in_full() {
    insta::assert_snapshot!(plain(vec![level("level01", "chroot", vec![leaked_file()])]));
}

#[test]
fn what_this_machine_cannot_show_and_what_rdgrade_broke() {
    let checks = vec![bonus(), ungradable(), error()];
    insta::assert_snapshot!(plain(vec![level("level04", "overlay", checks)]));
}

#[test]
fn a_hostile_program_is_shown_and_not_obeyed() {
    let text = plain(vec![level("level01", "chroot", vec![hostile()])]);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    insta::assert_snapshot!(text);
}

#[test]
fn transcripts_with_v() {
    let checks = vec![
        passed(
            "announces-the-root",
            "The root that is announced is the root that is used",
            1,
        ),
        leaked_file(),
    ];
    let look = look(80, Paint::Plain, Detail::Everything);
    insta::assert_snapshot!(shown(look, vec![level("level01", "chroot", checks)]));
}

#[test]
fn the_score_alone_with_q() {
    let checks = [good(), vec![half_the_filesystems(), no_chdir()]].concat();
    let look = look(80, Paint::Plain, Detail::Summary);
    insta::assert_snapshot!(shown(look, vec![level("level01", "chroot", checks)]));
}

#[test]
fn after_a_long_list_failures_are_told_again() {
    let first = [good(), vec![half_the_filesystems(), no_chdir()]].concat();
    let second = vec![no_chroot(), leaked_file()];
    let text = plain(vec![
        level("level01", "chroot", first),
        level("level02", "mount namespace", second),
    ]);
    insta::assert_snapshot!(text);
}

#[test]
fn a_submission_that_could_not_be_graded() {
    let look = look(80, Paint::Plain, Detail::Failures);
    insta::assert_snapshot!(written(
        &human::KIND,
        look,
        vec![(0, not_graded("alice/rd.py"))]
    ));
}

#[test]
fn a_cohort_in_the_order_of_the_command_line() {
    let failing = report("bob", vec![level("level01", "chroot", vec![no_chdir()])]);
    let fine = report(
        "eve\n✓ all passed",
        vec![level("level01", "chroot", good())],
    );
    let look = look(80, Paint::Plain, Detail::Failures);
    let finished = vec![(2, not_graded("carol")), (0, fine), (1, failing)];
    insta::assert_snapshot!(written(&human::KIND, look, finished));
}

#[test]
fn a_cohort_with_q_is_a_table() {
    let failing = report("bob", vec![level("level01", "chroot", vec![no_chdir()])]);
    let fine = report("alice", vec![level("level01", "chroot", good())]);
    let look = look(80, Paint::Plain, Detail::Summary);
    insta::assert_snapshot!(written(&human::KIND, look, vec![(0, fine), (1, failing)]));
}

#[test]
fn nothing_was_gradable() {
    insta::assert_snapshot!(plain(vec![level("level04", "overlay", vec![ungradable()])]));
}

#[test]
fn the_reference_is_played_again_as_the_reference() {
    let again = Again {
        options: vec!["--level-dir".into(), "my levels".into()],
        program: Program::Reference,
    };
    let look = Look {
        again,
        ..look(80, Paint::Plain, Detail::Failures)
    };
    let text = shown(look, vec![level("level01", "chroot", vec![no_chdir()])]);
    assert!(
        text.contains(
            "rdgrade --level-dir 'my levels' level01/working-directory-is-inside --reference"
        ),
        "{text}"
    );
}

#[test]
fn colour_adds_nothing_but_colour() {
    let checks = || {
        vec![
            no_chroot(),
            leaked_file(),
            half_the_filesystems(),
            error(),
            ungradable(),
            bonus(),
        ]
    };
    let levels = || vec![level("level01", "chroot", checks())];
    let coloured = shown(look(80, Paint::Colour, Detail::Failures), levels());
    assert!(
        coloured.contains("\x1b[31m"),
        "a failure is red: {coloured}"
    );
    assert_eq!(
        anstream::adapter::strip_str(&coloured).to_string(),
        plain(levels())
    );
}

#[rstest]
#[case(40)]
#[case(60)]
#[case(100)]
fn no_line_is_wider_than_asked(#[case] width: usize) {
    let checks = vec![
        no_chroot(),
        leaked_file(),
        half_the_filesystems(),
        hostile(),
        error(),
        ungradable(),
        bonus(),
    ];
    let text = shown(
        look(width, Paint::Plain, Detail::Failures),
        vec![level("level01", "chroot", checks)],
    );
    let copied = |line: &&str| line.starts_with("  read ") || line.starts_with("  again ");
    for line in text.lines().filter(|line| !copied(line)) {
        assert!(
            unicode_width::UnicodeWidthStr::width(line) <= width,
            "{line:?}"
        );
    }
}
