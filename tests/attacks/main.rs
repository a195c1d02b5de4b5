//! Hostile submissions: each comes to what is declared, the host is as it was, and a good submission that is graded next to it
//! gets its points.

#[path = "../support/apart.rs"]
mod apart;
mod class;
mod corpus;
#[path = "../support/graded.rs"]
mod graded;
mod host;
mod image;
mod noticed;
mod place;
mod play;
mod release;
mod seen;
mod side_by_side;
mod table;
#[path = "../support/traces.rs"]
mod traces;

use corpus::Corpus;
use play::Guard;
use std::collections::BTreeSet;

#[test]
fn every_attack_comes_to_what_is_declared_and_harms_nobody() {
    let corpus = Corpus::load();
    assert!(corpus.attacks.len() >= 40);
    side_by_side::play_all(&corpus.attacks, "whole");
}

#[test]
fn every_mechanism_is_needed() {
    let corpus = Corpus::load();
    let succeed: Vec<_> = corpus
        .attacks
        .iter()
        .filter(|attack| attack.without.is_some())
        .cloned()
        .collect();
    side_by_side::play_all(&succeed, "without");
}

#[test]
fn a_class_of_which_every_second_is_hostile_keeps_its_verdicts() {
    class::start(side_by_side::images());
}

#[test]
fn whatever_is_done_to_the_host_is_noticed() {
    match apart::why_not() {
        Some(why) => eprintln!("skipped: {why}"),
        None => apart::play("inner", "noticed by-us", side_by_side::images()),
    }
}

/// One attack, alone in its namespaces. Not to be asked for by hand.
#[test]
#[ignore = "played by the other tests of this file"]
fn inner() {
    let Some(scenario) = apart::enter() else {
        return eprintln!("skipped: there is no scenario");
    };
    let (guard, id) = scenario.split_once(' ').unwrap();
    let guard = match guard {
        "whole" => Guard::Whole,
        "without" => Guard::Without,
        "class" => return class::play(),
        _ => return noticed::play(),
    };
    play::play(Corpus::load().attack(id), guard);
}

#[test]
fn every_program_is_declared_once_and_says_what_it_tries() {
    let corpus = Corpus::load();
    let mut known = BTreeSet::from(["attack.py".into(), "attacks.yaml".into()]);
    for attack in &corpus.attacks {
        let program = attack.program();
        let sources = [
            program.is_some(),
            attack.manifest.is_some(),
            attack.link,
            attack.image.is_some(),
        ];
        let count = sources.into_iter().filter(|given| *given).count();
        assert_eq!(count, 1, "{} has {count} programs", attack.id);
        if let Some(program) = program {
            let text = std::fs::read_to_string(&program).unwrap();
            let header = text.lines().find(|line| !line.starts_with("#!")).unwrap();
            assert!(
                header.starts_with("\"\"\"") || header.starts_with("# "),
                "{} does not say what it tries",
                program.display()
            );
            let name = program.file_name().unwrap().to_owned();
            assert!(known.insert(name), "{} is declared twice", attack.id);
        }
    }
    for file in std::fs::read_dir(corpus::directory()).unwrap() {
        let name = file.unwrap().file_name();
        assert!(known.contains(&name), "{name:?} is not declared");
    }
}

#[test]
fn every_mechanism_has_an_attack_that_needs_it_or_an_exemption() {
    let corpus = Corpus::load();
    let names: BTreeSet<&str> = rdgrade::jail::Mechanism::ALL.map(|one| one.name()).into();
    let needed: BTreeSet<&str> = corpus
        .attacks
        .iter()
        .filter(|attack| attack.without.is_some())
        .map(|attack| attack.first_mechanism())
        .collect();
    let exempt: BTreeSet<&str> = corpus.exemptions.keys().map(String::as_str).collect();
    assert!(exempt.len() <= 10, "too many exemptions: {exempt:?}");
    assert!(needed.is_disjoint(&exempt), "{needed:?} {exempt:?}");
    let covered: BTreeSet<&str> = needed.union(&exempt).copied().collect();
    assert_eq!(covered, names);
    for attack in &corpus.attacks {
        for mechanism in &attack.stopped_by {
            assert!(
                names.contains(mechanism.as_str()),
                "{}: {mechanism}",
                attack.id
            );
        }
        assert!(!attack.stopped_by.is_empty(), "{}", attack.id);
    }
}
