//! The process that tries inputs.

use super::MEMORY;
use super::foreign::{self, Calls};
use fuzz::Target;
use fuzz::mutate::Random;
use std::sync::OnceLock;

/// No input, the longest of which is some kilobytes, may make a reader hold more: 64 MiB.
const MOST_MEMORY: usize = 64 << 20;

/// Real inputs of the one target that this process fuzzes.
static SEEDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();

/// Tries one input and watches the memory it takes.
///
/// # Panics
/// When a promise is broken.
pub fn check(target: &Target, input: &[u8]) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    (target.check)(input);
    let taken = MEMORY.peak_usage().saturating_sub(before);
    assert!(
        taken <= MOST_MEMORY,
        "{} bytes of input made {} take {taken} bytes of memory",
        input.len(),
        target.name
    );
}

/// Half the changes keep to the structure of the target's inputs; the others are libFuzzer's own, which knows what was
/// compared with what.
fn mutate(target: &Target, input: &mut Vec<u8>, most: usize, seed: u32) {
    let mut random = Random::new(seed);
    if random.below(2) == 0 {
        // What was made of many changes is mostly nonsense: every now and then from a real input again.
        if random.below(4) == 0 {
            let seeds = SEEDS.get_or_init(|| (target.seeds)());
            *input = random.one_of(seeds).cloned().unwrap_or_default();
        }
        for _ in 0..=random.below(2) {
            (target.mutate)(input, &mut random);
        }
        // What libFuzzer makes of an empty input is a single byte.
        if !input.is_empty() {
            return;
        }
    }
    let size = input.len().min(most);
    input.resize(most, 0);
    let size = libfuzzer_sys::fuzzer_mutate(input, size, most);
    input.truncate(size);
}

/// Runs libFuzzer until it finds something or its time is over.
///
/// # Errors
/// That it ended otherwise.
pub fn fuzz(target: &'static Target, arguments: Vec<String>) -> anyhow::Result<()> {
    // A panic is a find: the process is aborted where it happens, and libFuzzer keeps the input.
    libfuzzer_sys::initialize(std::ptr::null(), std::ptr::null());
    let words = [String::from("fuzz")].into_iter().chain(arguments);
    let calls = Calls {
        target,
        check,
        mutate,
    };
    match foreign::run(words.collect(), calls) {
        0 => Ok(()),
        status => anyhow::bail!("libFuzzer ended with status {status}"),
    }
}
