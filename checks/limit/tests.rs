use super::*;
use crate::played::Exit;
use alloc::{format, vec, vec::Vec};
use rstest::rstest;

#[rstest]
#[case(Limit::Memory, "64 MiB", 64 << 20)]
#[case(Limit::Memory, "64MiB", 64 << 20)]
#[case(Limit::Memory, "64m", 64 << 20)]
#[case(Limit::Memory, "67108864", 64 << 20)]
#[case(Limit::TmpfsSize, "2 GiB", 2 << 30)]
#[case(Limit::CoreSize, "0", 0)]
#[case(Limit::CpuTime, "10s", 10_000)]
#[case(Limit::CpuTime, "10 s", 10_000)]
#[case(Limit::WallTime, "2m", 120_000)]
#[case(Limit::WallTime, "500ms", 500)]
#[case(Limit::Processes, "100", 100)]
fn values_carry_their_unit(#[case] limit: Limit, #[case] text: &str, #[case] value: u64) {
    assert_eq!(limit.read(text), Ok(value));
}

#[rstest]
#[case(Limit::Memory, "64 MB", "write 64 MiB")]
#[case(Limit::Memory, "plenty", "write 64 MiB")]
#[case(Limit::Memory, "-1", "write 64 MiB")]
#[case(Limit::Memory, "1 MiB", "the least is 16 MiB")]
#[case(Limit::Memory, "99999999999 GiB", "write 64 MiB")]
#[case(Limit::Memory, "9999999 GiB", "the most is 4 TiB")]
#[case(Limit::CpuTime, "10", "write 500ms, 10s or 2m")]
#[case(Limit::CpuTime, "1ms", "the least is 100 ms")]
#[case(Limit::WallTime, "0s", "the least is 100 ms")]
#[case(Limit::Processes, "64 MiB", "write a whole number")]
#[case(Limit::Processes, "", "write a whole number")]
#[case(Limit::OpenFiles, "1", "the least is 16")]
fn what_means_nothing_is_refused_with_what_would(
    #[case] limit: Limit,
    #[case] text: &str,
    #[case] remedy: &str,
) {
    let refused = limit.read(text).unwrap_err();
    assert!(refused.remedy.starts_with(remedy), "{refused:?}");
}

#[test]
fn what_is_spelled_is_read_again() {
    for limit in Limit::ALL {
        let (least, most) = limit.range();
        let usual = Limits::default().get(limit);
        assert!((least..=most).contains(&usual), "{limit:?}");
        for value in [least, most, usual, usual + 1, least + 7] {
            let spelled = limit.spell(value);
            assert_eq!(limit.read(&spelled), Ok(value), "{limit:?}: {spelled}");
        }
        assert_eq!(Limit::named(limit.name()), Some(limit));
        assert_eq!(
            assignment(&format!("{}={}", limit.name(), limit.spell(usual))),
            Ok((limit, usual))
        );
    }
}

#[rstest]
#[case("memory", "write NAME=VALUE")]
#[case("memroy=64 MiB", "did you mean `memory`?")]
#[case("xyzzy=1", "there are memory, processes")]
#[case("=1", "there are memory, processes")]
fn an_assignment_names_a_limit(#[case] text: &str, #[case] remedy: &str) {
    let refused = assignment(text).unwrap_err();
    assert!(refused.remedy.starts_with(remedy), "{refused:?}");
}

#[test]
fn the_command_line_goes_before_the_check_and_the_check_before_its_level() {
    let of = |value| Overrides::from_iter([(Limit::Memory, value)]);
    let none = Overrides::default();
    let memory = |level: &Overrides, check: &Overrides, line: &Overrides| {
        Limits::of_check(level, check, line, 0).get(Limit::Memory)
    };
    assert_eq!(memory(&of(1), &of(2), &of(3)), 3);
    assert_eq!(memory(&of(1), &of(2), &none), 2);
    assert_eq!(memory(&of(1), &none, &none), 1);
    assert_eq!(
        memory(&none, &none, &none),
        Limits::default().get(Limit::Memory)
    );
}

#[test]
fn a_check_may_take_as_long_as_a_step_of_it_unless_somebody_says_otherwise() {
    let hour = 3_600_000;
    let none = Overrides::default();
    let wall = |given: &Overrides| Limits::of_check(&none, &none, given, hour).get(Limit::WallTime);
    assert!(wall(&none) >= hour);
    assert_eq!(
        wall(&Overrides::from_iter([(Limit::WallTime, 1_000)])),
        1_000
    );
}

fn reading(limit: Limit, used: Used) -> Reading {
    Reading {
        limit,
        used,
        evidence: vec!["the kernel's word".into()],
    }
}

#[test]
fn a_limit_is_exceeded_when_all_of_it_is_used_or_more_was_refused() {
    let limits = Limits::default().with(Limit::CpuTime, 1_000);
    let named = |readings: &[Reading]| exceeded(&limits, readings, None).map(|it| it.limit);
    let spent = |ms| reading(Limit::CpuTime, Used::Amount(ms));
    assert_eq!(named(&[spent(999)]), None);
    assert_eq!(named(&[spent(1_000)]), Some(Limit::CpuTime));
    assert_eq!(named(&[reading(Limit::Memory, Used::Refused(0))]), None);
    assert_eq!(
        named(&[spent(2_000), reading(Limit::Memory, Used::Refused(1))]),
        Some(Limit::Memory)
    );
}

#[rstest]
#[case(Exit::Signal(25), Some(Limit::FileSize))]
#[case(Exit::Code(153), Some(Limit::FileSize))]
#[case(Exit::Signal(24), Some(Limit::CpuTime))]
#[case(Exit::Signal(9), None)]
#[case(Exit::Code(25), None)]
fn a_signal_of_the_kernels_names_its_limit(#[case] exit: Exit, #[case] limit: Option<Limit>) {
    let named = exceeded(&Limits::default(), &[], Some(exit)).map(|it| it.limit);
    assert_eq!(named, limit);
}

#[test]
fn what_was_exceeded_is_named_with_its_value_and_how_to_raise_it() {
    let limits = Limits::default().with(Limit::Memory, 64 << 20);
    let readings: Vec<Reading> = vec![reading(Limit::Memory, Used::Refused(3))];
    let found = exceeded(&limits, &readings, None).unwrap();
    assert!(found.says().contains("memory") && found.says().contains("64 MiB"));
    assert!(found.advice().contains("--limit memory="));
    assert_eq!(found.evidence, ["the kernel's word"]);
}
