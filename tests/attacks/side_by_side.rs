//! A list of attacks, played as many at a time as there are processors.

use crate::corpus::Attack;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

/// Chooses one attack by hand: `RDGRADE_ATTACK=fork-bomb cargo test --test attacks`.
const ONLY: &str = "RDGRADE_ATTACK";

/// A cache in which the images have been made, by the program under test itself.
pub fn images() -> &'static Path {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("attacks-cache");
        // Made anew: an old one may hold what some run clears away, and that would look like harm.
        let _ = std::fs::remove_dir_all(&cache);
        let made = crate::graded::rdgrade("level01")
            .arg("--reference")
            .env("XDG_CACHE_HOME", &cache)
            .output()
            .unwrap();
        assert_eq!(made.status.code(), Some(0), "{made:?}");
        cache.join("rdgrade")
    })
}

/// Plays `attacks`, each in namespaces of its own, in the inner test with `word` before its id.
///
/// # Panics
/// When one of them does not come to what is declared; after all have been played.
pub fn play_all(attacks: &[Attack], word: &str) {
    if let Some(why) = crate::apart::why_not() {
        return eprintln!("skipped: {why}");
    }
    let only = std::env::var(ONLY).ok();
    let chosen = attacks
        .iter()
        .filter(|attack| only.as_ref().is_none_or(|only| *only == attack.id));
    let waiting = Mutex::new(chosen.rev().collect::<Vec<_>>());
    let failed = Mutex::new(Vec::new());
    images();
    let next = || waiting.lock().unwrap().pop();
    let work = || {
        while let Some(attack) = next() {
            let began = std::time::Instant::now();
            let scenario = format!("{word} {}", attack.id);
            let without = attack.without.iter().filter(|_| word == "without");
            let mut needs = attack.needs.iter().chain(without.flat_map(|it| &it.needs));
            if let Some(why) = needs.find_map(|need| need.why_not()) {
                println!("skipped: {why}");
                continue;
            }
            let played = catch_unwind(AssertUnwindSafe(|| {
                crate::apart::play("inner", &scenario, images());
            }));
            println!("{scenario}: {:.1} s", began.elapsed().as_secs_f64());
            if played.is_err() {
                failed.lock().unwrap().push(attack.id.clone());
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "not as declared: {failed:?}");
}
