//! SIGKILL at random steps of a run, then another run.

use crate::apart;
use crate::run::green;
use crate::steps::{Victim, walk};
use crate::traces::Traces;
use std::collections::BTreeMap;
use std::fs;

/// How often rdgrade is killed.
const KILLS: usize = 50;

/// Of these, how often while it makes its images as well.
const COLD: usize = 10;

/// How many kills there are between two runs that nobody kills.
const ROUND: usize = 10;

/// Workers share their work as it comes: a run may have fewer steps than the one that was counted. More of them than kills, and
/// the count is none.
const FEWER: usize = KILLS;

/// How many steps there are to be killed at.
type Steps = BTreeMap<(&'static str, Victim), u64>;

const WARM_CACHE: &str = "/tmp/cache";
const COLD_CACHE: &str = "/tmp/cold";

/// 50 kills, each of somebody who lived.
pub fn killed() {
    let seed = std::env::var("RDGRADE_TEST_SEED").ok();
    let seed = seed.map_or_else(
        || u64::from(std::process::id()) ^ now(),
        |seed| seed.parse().unwrap(),
    );
    println!("steps of seed {seed}; RDGRADE_TEST_SEED={seed} draws them again");
    let mut random = Random(seed);
    let before = Traces::now(&apart::EMPTY);
    let mut steps = count();
    println!("{steps:?}");
    let mut fewer = 0;
    let mut kills = 0;
    while kills < KILLS {
        let cache = if kills < COLD { COLD_CACHE } else { WARM_CACHE };
        let victim = Victim::ALL[random.below(3) as usize];
        let known = steps.get_mut(&(cache, victim)).unwrap();
        let at = 1 + random.below(*known);
        let when =
            format!("seed {seed}, kill {kills}: {victim:?} at step {at} of {known}, {cache}");
        let walked = in_cache(cache, || {
            let walked = walk(cache, victim, Some(at));
            if walked.struck.is_some() && cache == COLD_CACHE {
                // Half an image is no image: the next run makes it whole, and nothing of the half stays.
                green(cache);
                let left: Vec<_> = names("/tmp/cold/rdgrade")
                    .into_iter()
                    .filter(|name| name.starts_with("tmp."))
                    .collect();
                assert!(left.is_empty(), "{when}: {left:?}");
            }
            walked
        });
        if walked.struck.is_none() {
            assert_eq!(walked.code, Some(0), "{when}: {}", walked.said);
            fewer += 1;
            assert!(fewer <= FEWER, "{when}: {fewer} runs were over before");
            *known = walked.steps;
            continue;
        }
        kills += 1;
        if victim == Victim::Main {
            assert_eq!(walked.code, None, "{when}: it outlived SIGKILL");
        } else {
            // Graded to its end all the same, or told that it could not be; never a failure of the program's.
            assert!(
                matches!(walked.code, Some(0 | 3)),
                "{when}: {:?}\n{}",
                walked.code,
                walked.said
            );
        }
        Traces::now(&apart::EMPTY)
            .without_empty_groups()
            .assert_same_as(&before.clone().without_empty_groups(), &when);
        if kills % ROUND == 0 {
            green(WARM_CACHE);
            Traces::now(&apart::EMPTY)
                .assert_same_as(&before, &format!("{when}, and a run after it"));
        }
    }
    println!("{kills} kills; {fewer} runs were over before their step");
}

/// Counts the steps of runs that nobody kills.
fn count() -> Steps {
    let mut steps = Steps::new();
    for cache in [WARM_CACHE, COLD_CACHE] {
        for victim in Victim::ALL {
            let walked = in_cache(cache, || walk(cache, victim, None));
            assert_eq!(walked.code, Some(0), "{victim:?}: {}", walked.said);
            assert!(
                walked.steps > 0,
                "{victim:?} makes no step: {}",
                walked.said
            );
            steps.insert((cache, victim), walked.steps);
        }
    }
    steps
}

/// The cold cache is there only as long as it is used, and then it is empty at first.
fn in_cache<T>(cache: &str, act: impl FnOnce() -> T) -> T {
    if cache != COLD_CACHE {
        return act();
    }
    fs::create_dir(cache).unwrap();
    let came = act();
    fs::remove_dir_all(cache).unwrap();
    came
}

fn names(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn now() -> u64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    since.as_nanos() as u64
}

/// SplitMix64 (Steele, Lea, Flood 2014): enough to draw moments with.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }
}
