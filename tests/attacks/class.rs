//! A class in which every second submission is hostile, graded in one run, two at a time.

use crate::apart;
use crate::corpus::{Attack, Corpus};
use crate::graded::RDGRADE;
use crate::place::Place;
use crate::play::{DEADLINE, compose_at, own_surroundings};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The check that most attacks are graded at.
const AT: &str = "level00/runs-the-command";

const CLASS: &str = "/tmp/class";

/// Plays it here, in namespaces of the test's own.
pub fn play() {
    let place = Place::lay_out();
    let corpus = Corpus::load();
    // Those that use up their time would only take long.
    let fits = |attack: &&Attack| {
        attack.at == AT && attack.program().is_some() && attack.timeout.is_none()
    };
    let hostile: Vec<_> = corpus.attacks.iter().filter(fits).collect();
    fs::create_dir(CLASS).unwrap();
    let good = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/level00/solved.py");
    let mut class = Vec::new();
    for attack in &hostile {
        let directory = format!("{CLASS}/{}", attack.id);
        compose_at(Path::new(&directory), attack, &place);
        class.push(directory);
        let directory = format!("{CLASS}/beside-{}", attack.id);
        fs::create_dir(&directory).unwrap();
        fs::copy(&good, format!("{directory}/rd.py")).unwrap();
        class.push(directory);
    }
    let before = place.state();
    let mut command = Command::new(RDGRADE);
    command.arg(AT).args(&class);
    command.args(["--jobs", "2", "--timeout", DEADLINE, "--report", "json"]);
    own_surroundings(&mut command);
    let output = command.env("CANARY", &place.secret).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let reports: Vec<Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(reports.len(), class.len(), "{said}");
    let status = |path: &str| {
        let found = reports.iter().find(|report| report["submission"] == path);
        let found = found.unwrap_or_else(|| panic!("{path} has no report: {said}"));
        let checks = &found["levels"][0]["checks"];
        (checks[0]["status"].as_str().unwrap_or("none"), found)
    };
    for attack in &hostile {
        let (beside, report) = status(&format!("{CLASS}/beside-{}", attack.id));
        assert_eq!(beside, "pass", "beside {}: {report:#}", attack.id);
        // With the usual limits it need not come to what it comes to with small ones.
        let (own, report) = status(&format!("{CLASS}/{}", attack.id));
        assert!(["pass", "fail"].contains(&own), "{}: {report:#}", attack.id);
    }
    let all = String::from_utf8_lossy(&output.stdout);
    assert!(!all.contains(&place.secret), "the secret got out");
    assert_eq!(place.state().differences(&before), Vec::<String>::new());
    let services = place.end();
    assert_eq!(services["contacts"], 0);
    assert_eq!(services["touched"], false);
    println!("{} hostile, and as many good ones", hostile.len());
}

/// Starts it from the outer test.
pub fn start(images: &Path) {
    match apart::why_not() {
        Some(why) => eprintln!("skipped: {why}"),
        None => apart::play("inner", "class of-many", images),
    }
}
