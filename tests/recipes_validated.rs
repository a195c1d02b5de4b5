//! The files of every recipe, judged by programs that are not ours: schemas of the systems, linters of the languages.

#[path = "support/systems/mod.rs"]
mod systems;

use rstest::rstest;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use systems::{init, said};

/// Where .ci/run installs tests/validators/requirements.txt.
const VALIDATORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/validators/bin");

/// A validator; `None` where it is not installed, which has been said.
fn validator(name: &str) -> Option<PathBuf> {
    let ours = Path::new(VALIDATORS).join(name);
    let found = if ours.exists() {
        Some(ours)
    } else {
        rdgrade::submission::installed(name)
    };
    if found.is_none() {
        println!("skipped: no {name}; .ci/run tells how to install it");
    }
    found
}

/// Whether `program` accepts `files`, and what it says.
fn judged(program: &Path, words: &[&str], files: &[PathBuf]) -> (bool, String) {
    let output = Command::new(program)
        .args(words)
        .args(files)
        .output()
        .unwrap();
    (output.status.success(), said(&output))
}

/// The files of a recipe, with options that differ from what is there anyway, whose names end so.
fn files(kind: &str, more: &[&str], end: &str) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    init(kind, folder.path(), more);
    let mut found = Vec::new();
    walk(folder.path(), &mut found);
    found.retain(|path| path.to_str().unwrap().ends_with(end));
    assert!(!found.is_empty(), "{kind} has no {end}");
    (folder, found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => walk(&path, found),
            false => found.push(path),
        }
    }
}

/// Changes the first of `files` in a way that its validator has to notice.
fn spoil(files: &[PathBuf], good: &str, bad: &str) {
    let text = fs::read_to_string(&files[0]).unwrap();
    assert!(text.contains(good), "{text}");
    fs::write(&files[0], text.replacen(good, bad, 1)).unwrap();
}

const OPTIONS: [&str; 8] = [
    "--levels",
    "level00..level04",
    "--partitions",
    "7",
    "--roster",
    "lists/autumn.csv",
    "--git",
    "https://example.com/rdgrade.git",
];

#[rstest]
#[case::a_class(&[], "  collect:\n", "  collect: 1\n")]
#[case::a_class_with_options(&OPTIONS, "      matrix:\n", "      matrx:\n")]
#[case::a_student(&["--student"], "runs-on: ubuntu-24.04", "runs_on: ubuntu-24.04")]
fn workflows_of_github_follow_their_schema(
    #[case] options: &[&str],
    #[case] good: &str,
    #[case] bad: &str,
) {
    let Some(check) = validator("check-jsonschema") else {
        return;
    };
    let (_folder, files) = files("github", options, ".yml");
    let schema = ["--builtin-schema", "vendor.github-workflows"];
    let (accepted, why) = judged(&check, &schema, &files);
    assert!(accepted, "{why}");
    spoil(&files, good, bad);
    assert!(!judged(&check, &schema, &files).0, "it accepts anything");
}

#[rstest]
#[case::a_class(&[], "needs.collect.result", "needs.colect.result")]
#[case::a_class_with_options(&OPTIONS, "needs: [collect, grade]", "needs: [collect, grades]")]
#[case::a_student(&["--student"], "runner.os", "runner.so")]
fn a_linter_of_workflows_has_nothing_to_say(
    #[case] options: &[&str],
    #[case] good: &str,
    #[case] bad: &str,
) {
    let (Some(actionlint), Some(shellcheck)) = (validator("actionlint"), validator("shellcheck"))
    else {
        return;
    };
    let (_folder, files) = files("github", options, ".yml");
    let words = ["-shellcheck", shellcheck.to_str().unwrap()];
    let (accepted, why) = judged(&actionlint, &words, &files);
    assert!(accepted, "{why}");
    spoil(&files, good, bad);
    assert!(
        !judged(&actionlint, &words, &files).0,
        "it accepts anything"
    );
}

#[rstest]
#[case::a_class(&[], "parallel: 4", "parallel: four")]
#[case::a_class_with_options(&OPTIONS, "parallel: 7", "parallel: 700")]
#[case::a_student(&["--student"], "reports:", "report:")]
fn pipelines_of_gitlab_follow_their_schema(
    #[case] options: &[&str],
    #[case] good: &str,
    #[case] bad: &str,
) {
    let Some(check) = validator("check-jsonschema") else {
        return;
    };
    let (_folder, files) = files("gitlab", options, ".gitlab-ci.yml");
    let schema = ["--builtin-schema", "vendor.gitlab-ci"];
    let (accepted, why) = judged(&check, &schema, &files);
    assert!(accepted, "{why}");
    spoil(&files, good, bad);
    assert!(!judged(&check, &schema, &files).0, "it accepts anything");
}

#[rstest]
#[case::as_it_is(&[])]
#[case::with_options(&OPTIONS)]
fn objects_of_kubernetes_are_valid(#[case] options: &[&str]) {
    let Some(validate) = validator("kubernetes-validate") else {
        return;
    };
    let (_folder, files) = files("kubernetes", options, ".yaml");
    assert_eq!(files.len(), 3);
    // A field that does not exist is refused, and so is what the oldest supported version does not know.
    for version in ["1.37.0", "1.33.0"] {
        let (accepted, why) = judged(&validate, &["--strict", "-k", version], &files);
        assert!(accepted, "{why}");
    }
    let job: Vec<PathBuf> = files
        .into_iter()
        .filter(|path| path.ends_with("grade.yaml"))
        .collect();
    spoil(&job, "completionMode", "completionsMode");
    assert!(
        !judged(&validate, &["--strict"], &job).0,
        "it accepts anything"
    );
}

#[rstest]
#[case("github", "get-rdgrade")]
#[case("gradescope", "get-rdgrade")]
#[case("gradescope", "setup.sh")]
#[case("gradescope", "run_autograder")]
#[case("slurm", "submit")]
#[case("slurm", "grade.sbatch")]
#[case("slurm", "gradebook.sbatch")]
fn a_linter_of_shell_scripts_has_nothing_to_say(#[case] kind: &str, #[case] script: &str) {
    let Some(shellcheck) = validator("shellcheck") else {
        return;
    };
    for options in [&[][..], &["--git", "https://example.com/rdgrade.git"]] {
        let (_folder, files) = files(kind, options, script);
        let (accepted, why) = judged(
            &shellcheck,
            &["--enable=all", "--exclude=SC2310,SC2312,SC2250"],
            &files,
        );
        assert!(accepted, "{why}");
    }
}

/// What GitLab and Kubernetes are given has no linter of its own that knows shells.
#[rstest]
#[case("gitlab", ".gitlab-ci.yml", "bash")]
#[case("kubernetes", "grade.yaml", "sh")]
#[case("kubernetes", "gradebook.yaml", "sh")]
fn shell_scripts_within_other_files_are_linted_too(
    #[case] kind: &str,
    #[case] file: &str,
    #[case] shell: &str,
) {
    let Some(shellcheck) = validator("shellcheck") else {
        return;
    };
    let (folder, files) = files(kind, &[], file);
    let text: serde_yaml::Value =
        serde_yaml::from_str(&fs::read_to_string(&files[0]).unwrap()).unwrap();
    let mut scripts = Vec::new();
    if kind == "gitlab" {
        for job in ["collect", "grade", "gradebook"] {
            let lines = text[job]["script"].as_sequence().unwrap().iter();
            scripts.push(
                lines
                    .map(|line| line.as_str().unwrap())
                    .collect::<Vec<_>>()
                    .join("\n"),
            );
        }
    } else {
        let command = &text["spec"]["template"]["spec"]["containers"][0]["command"];
        scripts.push(command[2].as_str().unwrap().to_owned());
    }
    for script in scripts {
        let path = folder.path().join("script.sh");
        fs::write(&path, format!("set -e\n{script}")).unwrap();
        // Variables are set outside (2153, 2154), and PACKAGES is several words (2086).
        let words = ["--shell", shell, "--exclude=SC2153,SC2154,SC2086"];
        let (accepted, why) = judged(&shellcheck, &words, &[path]);
        assert!(accepted, "{why}");
    }
}

#[rstest]
#[case("classroom50", "autograder.py")]
#[case("github", "collect")]
fn python_can_read_the_programs(#[case] kind: &str, #[case] program: &str) {
    let Some(python) = validator("python3") else {
        return;
    };
    let (_folder, files) = files(kind, &[], program);
    let (accepted, why) = judged(&python, &["-W", "error", "-m", "py_compile"], &files);
    assert!(accepted, "{why}");
}

/// Whoever adds a kind is told here that nobody judges it.
#[test]
fn every_kind_has_a_validator() {
    let judged = "github gitlab gradescope classroom50 slurm kubernetes";
    for recipe in rdgrade::recipe::RECIPES {
        let name = recipe.name;
        assert!(
            judged.split(' ').any(|kind| kind == name),
            "{name} is judged by nobody here"
        );
    }
}
