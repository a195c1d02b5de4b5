//! Killed at any moment, rdgrade leaves at most cgroups, and the next run sweeps them.
//!
//! The moments are random: `tests/residue.rs` kills at the borders of phases, which are the moments somebody thought of.

#[path = "../support/apart.rs"]
mod apart;
#[path = "../support/graded.rs"]
mod graded;
mod killed;
mod others;
mod run;
mod steps;
#[path = "../support/traces.rs"]
mod traces;

use std::path::Path;

fn play(scenario: &str) {
    match apart::why_not() {
        Some(why) => eprintln!("skipped: {why}"),
        None => apart::play("inner", scenario, images()),
    }
}

/// A cache in which the images of level 01 have been made, by the program under test itself.
fn images() -> &'static Path {
    static MADE: std::sync::OnceLock<std::path::PathBuf> = std::sync::OnceLock::new();
    MADE.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recovery-cache");
        // Made anew: an old one may hold what some run clears away, and that would look like harm.
        let _ = std::fs::remove_dir_all(&cache);
        let mut command = graded::rdgrade("level01");
        command.arg("--reference").env("XDG_CACHE_HOME", &cache);
        graded::grade(&mut command).assert_all_pass();
        cache.join("rdgrade")
    })
}

#[test]
fn killed_at_any_moment_it_leaves_what_the_next_run_sweeps() {
    play("killed");
}

/// As in two containers on one host: neither can see the processes of the other, both see all groups.
#[test]
fn a_neighbour_in_another_pid_namespace_keeps_its_groups() {
    play("neighbour");
}

/// A result is still to be read when nobody is left: the main process learns of it as it gives that worker more to do.
#[test]
fn when_all_its_processes_die_behind_its_back_it_ends() {
    play("bereft");
}

/// A scenario, alone in its namespaces. Not to be asked for by hand.
#[test]
#[ignore = "played by the other tests of this file"]
fn inner() {
    match apart::enter().as_deref() {
        None => eprintln!("skipped: there is no scenario"),
        Some("killed") => killed::killed(),
        Some("neighbour") => others::neighbour(),
        Some("bereft") => others::bereft(),
        Some(other) => panic!("no scenario {other}"),
    }
}
