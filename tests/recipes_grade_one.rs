//! The programs that Gradescope and classroom50 run for each submission, run as those run them: in a directory of their own, and
//! their results read against the systems' schemas.

mod made;
#[path = "support/readers.rs"]
#[allow(dead_code, reason = "only the schemas are needed")]
mod readers;
#[path = "support/systems/mod.rs"]
mod systems;

use made::CLASSROOM50;
use rstest::rstest;
use std::fs;
use std::path::Path;
use std::process::Output;
use systems::{Ground, init, program, said};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

fn skip() -> bool {
    if nix::unistd::geteuid().is_root() {
        return false;
    }
    println!("skipped: needs root, as the systems have it");
    true
}

/// A program that passes, or one that forgets to change its directory, in `folder`.
fn hand_in(folder: &Path, forgets: &str) {
    fs::create_dir_all(folder).unwrap();
    let solved = fs::read_to_string(Path::new(FIXTURES).join("level01/solved.py")).unwrap();
    assert!(solved.contains(forgets));
    fs::write(folder.join("rd.py"), solved.replace(forgets, "pass")).unwrap();
}

const NOTHING: &str = "\0";

fn hand_in_solved(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    fs::copy(
        Path::new(FIXTURES).join("level01/solved.py"),
        folder.join("rd.py"),
    )
    .unwrap();
}

const LEVEL: [&str; 2] = ["--levels", "level01"];

/// `run_autograder` in a directory laid out as Gradescope's, less what `setup.sh` needs a network for.
fn gradescope(ground: &Ground) -> Output {
    let source = ground.at("source");
    init("gradescope", &source, &LEVEL);
    ground
        .command(
            source.join("run_autograder").to_str().unwrap(),
            Path::new("/"),
        )
        .arg(ground.at("autograder"))
        .output()
        .unwrap()
}

#[rstest]
#[case::right(NOTHING, 20)]
#[case::forgetful("os.chdir(\"/\")", 18)]
fn gradescope_gets_results_that_its_documentation_allows(
    #[case] forgets: &str,
    #[case] points: u64,
) {
    if skip() {
        return;
    }
    let ground = Ground::new();
    let submission = ground.at("autograder/submission");
    match forgets {
        NOTHING => hand_in_solved(&submission),
        forgets => hand_in(&submission, forgets),
    }
    let output = gradescope(&ground);
    // A submission that fails is graded as well.
    assert!(output.status.success(), "{}", said(&output));
    let text = fs::read_to_string(ground.at("autograder/results/results.json")).unwrap();
    let Some(results) = readers::schema("gradescope", &text) else {
        return;
    };
    assert_eq!(results["score"], points);
}

#[test]
fn gradescope_is_given_no_mark_where_nothing_was_graded() {
    if skip() {
        return;
    }
    let ground = Ground::new();
    fs::create_dir_all(ground.at("autograder/submission")).unwrap();
    // A result of another run.
    fs::create_dir_all(ground.at("autograder/results")).unwrap();
    let results = ground.at("autograder/results/results.json");
    fs::write(&results, "{\"score\": 20}").unwrap();
    let output = gradescope(&ground);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let text = fs::read_to_string(&results).unwrap_or_default();
    assert!(
        serde_json::from_str::<serde_json::Value>(&text).is_err(),
        "{text}"
    );

    // Nor where the machine cannot grade at all: the log says why.
    fs::write(&results, "{\"score\": 20}").unwrap();
    ground.program("rdgrade", "echo no user namespaces; exit 3\n");
    let output = gradescope(&ground);
    assert_eq!(output.status.code(), Some(3));
    assert!(said(&output).contains("no user namespaces") && !results.exists());
}

#[test]
fn gradescopes_image_gets_rdgrade_and_what_programs_need() {
    let ground = Ground::new();
    let source = ground.at("source");
    init("gradescope", &source, &LEVEL);
    program(&source.join("rdgrade"), "echo rdgrade of the zip\n");
    let output = ground
        .command(source.join("setup.sh").to_str().unwrap(), Path::new("/"))
        .arg(ground.at("image"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        said(&output).contains("apt-get install") && said(&output).contains("python3-click"),
        "{}",
        said(&output)
    );
    assert!(said(&output).contains("rdgrade of the zip") && ground.at("image/rdgrade").exists());
}

/// `autograder.py` in a student's checkout.
fn classroom50(ground: &Ground, checkout: &Path) -> Output {
    let kept = ground.at("autograder");
    init("classroom50", &kept, &LEVEL);
    ground
        .command("python3", checkout)
        .arg(kept.join("autograder.py"))
        .envs(CLASSROOM50.iter().copied())
        .env("GITHUB_OUTPUT", ground.at("output"))
        .output()
        .unwrap()
}

#[rstest]
#[case::right(NOTHING, 20)]
#[case::forgetful("os.chdir(\"/\")", 18)]
fn classroom50_gets_a_result_of_its_schema(#[case] forgets: &str, #[case] points: u64) {
    if skip() {
        return;
    }
    let ground = Ground::new();
    let checkout = ground.workspace("checkout");
    match forgets {
        NOTHING => hand_in_solved(&checkout),
        forgets => hand_in(&checkout, forgets),
    }
    let output = classroom50(&ground, &checkout);
    assert!(output.status.success(), "{}", said(&output));
    let told = fs::read_to_string(ground.at("output")).unwrap();
    assert!(
        told.contains("status=") && told.contains("summary="),
        "{told}"
    );
    assert!(
        fs::read_to_string(checkout.join("release-body.md"))
            .unwrap()
            .contains("level01")
    );
    let text = fs::read_to_string(checkout.join("result.json")).unwrap();
    let Some(result) = readers::schema("classroom50", &text) else {
        return;
    };
    assert_eq!(
        (&result["score"], &result["max-score"]),
        (&points.into(), &20.into())
    );
}

#[test]
fn classroom50_is_told_that_nothing_was_graded() {
    if skip() {
        return;
    }
    let ground = Ground::new();
    let checkout = ground.workspace("checkout");
    // A student may have put a result of their own there.
    fs::write(
        checkout.join("result.json"),
        "{\"schema\": \"classroom50/result/v1\", \"score\": 20}",
    )
    .unwrap();
    let output = classroom50(&ground, &checkout);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let text = fs::read_to_string(checkout.join("result.json")).unwrap_or_default();
    assert!(
        serde_json::from_str::<serde_json::Value>(&text).is_err(),
        "{text}"
    );
}
