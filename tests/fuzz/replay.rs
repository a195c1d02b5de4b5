//! Every seed, and every input that once did harm, is read without harm.

use fuzz::{Target, inputs};

/// Tries what is recorded for a target, and some changes of each.
fn replay(name: &str) {
    let target = Target::named(name).expect("a target of that name");
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{name} has nothing to begin with");
    let recorded = inputs(name).into_iter();
    let seeds = seeds
        .into_iter()
        .enumerate()
        .map(|(number, seed)| (format!("seed {number}"), seed));
    for (input_name, input) in seeds.chain(recorded) {
        println!("{name}: {input_name}");
        (target.check)(&input);
    }
}

macro_rules! replayed {
    ($($name:ident)*) => {
        $(#[test] fn $name() { replay(stringify!($name)); })*

        #[test]
        fn every_target_is_replayed() {
            let here = [$(stringify!($name)),*];
            let all: Vec<&str> = fuzz::all().iter().map(|target| target.name).collect();
            assert_eq!(all, here);
        }
    };
}

replayed! { level manifest pattern archive procfs session }
