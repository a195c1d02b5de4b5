//! The report as web pages: what a real browser makes of it (tests/browser/report.mjs).

mod made;

use made::cohort::cohort;
use made::pages::*;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const TOP: &str = env!("CARGO_MANIFEST_DIR");

/// Longest time for everything the browser is asked to do, on a machine that is busy with other tests.
const BROWSER: Duration = Duration::from_secs(400);

fn missing() -> Option<String> {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let modules = Path::new(TOP).join("tests/browser/node_modules/puppeteer-core");
    if !has("chromium") {
        return Some("chromium is not installed".to_owned());
    }
    if !has("node") {
        return Some("node is not installed".to_owned());
    }
    (!modules.exists()).then(|| "run npm ci in tests/browser".to_owned())
}

/// What the browser found; a line `ok NAME` for each promise.
fn browse(script: &str, arguments: &[&Path]) -> Vec<String> {
    let node = Command::new("timeout")
        .arg(format!("{}s", BROWSER.as_secs()))
        .args(["node", script])
        .args(arguments)
        .current_dir(Path::new(TOP).join("tests/browser"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&node.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&node.stderr);
    assert!(node.status.success(), "{told}\n{wrong}");
    told.lines().map(str::to_owned).collect()
}

#[test]
fn a_browser_can_do_all_that_the_pages_promise() {
    if let Some(why) = missing() {
        println!("skipped: {why}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (class, hostile) = (folder.path().join("class"), folder.path().join("hostile"));
    write_recorded(&class, in_order(cohort(200)));
    write(&hostile, in_order(hostile_class()));
    let promises = browse("report.mjs", &[&class, &hostile, folder.path()]);
    for promise in &promises {
        println!("{promise}");
    }
    let kept = promises
        .iter()
        .filter(|line| line.starts_with("ok "))
        .count();
    assert!(kept >= 12, "{promises:?}");
}
