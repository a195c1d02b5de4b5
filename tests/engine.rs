//! A real engine agrees: crun, behind the workshop's command line, passes every check it can express.
//!
//! What it cannot express is listed with the reason in fixtures/engine/inexpressible.yaml. Where a check refuses what a real
//! engine does rightly, the check is wrong.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::{Graded, rdgrade};

/// The fewest checks that an engine has to express for its agreement to mean something.
const FEWEST: usize = 30;

/// Levels whose every check an engine has to express: what their namespaces and mounts are is an engine's trade.
const WHOLE: [&str; 6] = [
    "level02", "level03", "level04", "level05", "level06", "level07",
];

fn listed() -> BTreeMap<String, String> {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/engine/inexpressible.yaml");
    serde_yaml::from_str(&std::fs::read_to_string(list).unwrap()).unwrap()
}

fn skip_without_the_runtime() -> bool {
    // Only what lies there is shown to a jail.
    let there = ["/usr/bin/crun", "/usr/sbin/crun", "/usr/local/bin/crun"]
        .iter()
        .any(|path| Path::new(path).exists());
    if !there {
        println!("skipped: crun is not installed (apt-get install crun)");
    }
    !there
}

#[test]
fn what_an_engine_cannot_express_is_listed_with_its_reason() {
    let lines: Vec<String> = listed()
        .into_iter()
        .map(|(check, reason)| format!("{check}: {reason}"))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn an_engine_passes_every_check_it_can_express() {
    if support::skip_unless_root() || skip_without_the_runtime() {
        return;
    }
    let Graded { report, stderr, .. } =
        rdgrade(["grade", "all", "fixtures/engine", "--report", "json"]);
    let mut statuses = BTreeMap::new();
    for level in report["levels"]
        .as_array()
        .unwrap_or_else(|| panic!("no report: {stderr}"))
    {
        for check in level["checks"].as_array().unwrap() {
            let [level, id, status] = [&level["level"], &check["id"], &check["status"]]
                .map(|word| word.as_str().unwrap().to_owned());
            // What this machine cannot show agrees with nobody, and is no fault of the engine's.
            if status == "ungradable" {
                println!("skipped: {level}/{id} is ungradable here");
                continue;
            }
            let failed = (status != "pass").then(|| format!("{status}: {check:#}"));
            statuses.insert(format!("{level}/{id}"), failed);
        }
    }
    let listed: BTreeSet<String> = listed().into_keys().collect();
    for (check, failed) in &statuses {
        match failed {
            Some(why) => assert!(
                listed.contains(check),
                "the engine is refused at {check}: {why}"
            ),
            None => assert!(
                !listed.contains(check),
                "the engine passes {check}: it does not belong on the list"
            ),
        }
    }
    let unknown: Vec<_> = listed
        .iter()
        .filter(|check| !statuses.contains_key(*check))
        .collect();
    assert!(unknown.is_empty(), "there are no such checks: {unknown:?}");
    assert!(
        statuses.len() - listed.len() >= FEWEST,
        "{} of {} are too few",
        listed.len(),
        statuses.len()
    );
    let partly: Vec<_> = listed
        .iter()
        .filter(|check| WHOLE.contains(&check.split('/').next().unwrap_or_default()))
        .collect();
    assert!(partly.is_empty(), "an engine's own trade: {partly:?}");
}
