//! What the recipes say is done, on this machine: each part of a class, the merge, the gradebook. The systems themselves are
//! stood in for (tests/support/systems); the commands are those of the files, as they are.

#[path = "support/cohort/mod.rs"]
mod cohort;
#[path = "support/systems/mod.rs"]
mod systems;

use cohort::{Cohort, Definition, members};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use systems::actions::Workflow;
use systems::gitlab::Pipeline;
use systems::kubernetes::Job;
use systems::{Ground, init, program, said};

/// One class at a time: steps have deadlines, and right programs must meet them.
static TURN: Mutex<()> = Mutex::new(());

const PARTS: &str = "3";

/// A class with rdgrade in `ci/rdgrade`, as an instructor may put it there.
fn class() -> Option<(Cohort, MutexGuard<'static, ()>)> {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: not all that the class is graded by can be shown without root");
        return None;
    }
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let levels = ["level07"];
    let everybody = members::all(&Definition::load(), &levels, 200).into_iter();
    // Whoever takes their time (who hangs, who forges a shell) waits for deadlines, and proves nothing more here.
    let mut wanted = BTreeMap::from([
        ("solved", 2),
        ("faulty", 1),
        ("partial", 1),
        ("mischief", 2),
        ("broken", 4),
    ]);
    let chosen = everybody.filter(|member| {
        let kind = member.id.rsplit('-').next().unwrap_or_default();
        let left = wanted.get_mut(kind).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    });
    let folder = tempfile::TempDir::with_prefix("rdgrade-class-").unwrap();
    let cohort = Cohort::of(&levels, folder, chosen.collect());
    fs::create_dir(cohort.at("ci")).unwrap();
    program(
        &cohort.at("ci/rdgrade"),
        &format!("exec {} \"$@\"\n", systems::RDGRADE),
    );
    Some((cohort, turn))
}

/// The recipe of `kind` for this class.
fn written(kind: &str, cohort: &Cohort) {
    let options = ["--levels", &cohort.asked(), "--partitions", PARTS];
    init(kind, cohort.folder.path(), &options);
}

/// What one machine alone makes of the class, which is the same in every test.
fn alone(cohort: &Cohort) -> &'static str {
    static MARKS: OnceLock<String> = OnceLock::new();
    MARKS.get_or_init(|| {
        let mut rdgrade = Command::new(systems::RDGRADE);
        let output = rdgrade
            .args(["grade", &cohort.asked(), "--roster", "class.csv"])
            .args(["-q", "--report", "csv=alone.csv"])
            .current_dir(cohort.folder.path())
            .env_remove("GITHUB_ACTIONS")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", said(&output));
        let marks = fs::read_to_string(cohort.at("alone.csv")).unwrap();
        // A run that went wrong in the same way everywhere would agree with itself.
        assert_eq!(marks, cohort.gradebook());
        marks
    })
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_matrix_of_github_comes_to_the_gradebook_of_one_machine() {
    let Some((cohort, _turn)) = class() else {
        return;
    };
    written("github", &cohort);
    let ground = Ground::new();
    let workflow = Workflow::read(&ground, cohort.folder.path(), "class.yml");
    workflow.run("collect", None).unwrap();
    let parts = workflow.parts("grade");
    assert_eq!(parts, [1, 2, 3]);
    for part in [3, 1] {
        workflow.run("grade", Some(part)).unwrap();
    }
    let gap = workflow.run("gradebook", None).unwrap_err();
    assert!(gap.contains("--partition slice:2/3"), "{gap}");

    workflow.run("grade", Some(2)).unwrap();
    let log = workflow.run("gradebook", None).unwrap();
    let gradebook = ground.at("artifacts/gradebook");
    assert_eq!(read(&gradebook.join("marks.csv")), alone(&cohort));
    assert!(gradebook.join("report/index.html").exists());
    assert!(
        log.contains("::error ") && log.contains("::stop-commands::"),
        "{log}"
    );
    let summary = read(&ground.at("jobs/gradebook.temporary/summary.md"));
    assert!(summary.contains("level07"), "{summary}");
}

#[test]
fn parallel_jobs_of_gitlab_come_to_the_gradebook_of_one_machine() {
    let Some((cohort, _turn)) = class() else {
        return;
    };
    written("gitlab", &cohort);
    let ground = Ground::new();
    let pipeline = Pipeline::read(&ground, cohort.folder.path());
    pipeline.run("collect", None).unwrap();
    for index in 1..=pipeline.parallel("grade") {
        pipeline.run("grade", Some(index)).unwrap();
    }
    pipeline.run("gradebook", None).unwrap();
    let kept = pipeline.artifacts("gradebook");
    assert_eq!(read(&kept.join("marks.csv")), alone(&cohort));
    for report in ["junit.xml", "codequality.json", "report/index.html"] {
        assert!(kept.join(report).exists(), "{report}");
    }
}

#[test]
fn an_indexed_job_of_kubernetes_comes_to_the_gradebook_of_one_machine() {
    let Some((cohort, _turn)) = class() else {
        return;
    };
    written("kubernetes", &cohort);
    let ground = Ground::new();
    let volume = cohort.folder.path();
    let grade = Job::read(&ground, &volume.join("kubernetes/grade.yaml"));
    let completions = grade.completions().unwrap();
    for index in 0..completions {
        grade.run(Some(index), volume).unwrap();
    }
    // A pod that is made anew for a part that is graded has nothing left to do, and spoils nothing.
    let part = read(&cohort.at("part-1.jsonl"));
    grade.run(Some(0), volume).unwrap();
    assert_eq!(read(&cohort.at("part-1.jsonl")), part);

    let gradebook = Job::read(&ground, &volume.join("kubernetes/gradebook.yaml"));
    assert_eq!(gradebook.completions(), None);
    gradebook.run(None, volume).unwrap();
    assert_eq!(read(&cohort.at("marks.csv")), alone(&cohort));
}

#[test]
fn a_machine_that_can_grade_nothing_stops_before_it_grades() {
    let Some((cohort, _turn)) = class() else {
        return;
    };
    let ground = Ground::new();
    // What doctor ends with where user namespaces are forbidden (tests/doctor.rs).
    program(
        &cohort.at("ci/rdgrade"),
        "[ \"$1\" = doctor ] || exit 0; echo no user namespaces; exit 3\n",
    );
    ground.program(
        "rdgrade",
        "[ \"$1\" = doctor ] || exit 0; echo no user namespaces; exit 3\n",
    );
    for kind in ["github", "gitlab", "kubernetes"] {
        written(kind, &cohort);
    }
    let workflow = Workflow::read(&ground, cohort.folder.path(), "class.yml");
    workflow.run("collect", None).unwrap();
    let stopped = workflow.run("grade", Some(1)).unwrap_err();
    assert!(stopped.contains("no user namespaces"), "{stopped}");
    let pipeline = Pipeline::read(&ground, cohort.folder.path());
    pipeline.run("collect", None).unwrap();
    assert!(pipeline.run("grade", Some(1)).is_err());
    let job = Job::read(&ground, &cohort.at("kubernetes/grade.yaml"));
    assert!(job.run(Some(0), cohort.folder.path()).is_err());
}

#[test]
fn a_students_own_workflow_annotates_what_failed() {
    let Some((cohort, _turn)) = class() else {
        return;
    };
    let faulty = cohort
        .members
        .iter()
        .find(|member| member.id.ends_with("faulty"))
        .unwrap();
    let repository = cohort.at(&faulty.id);
    init("github", &repository, &["--student", "--levels", "level07"]);
    init("gitlab", &repository, &["--student", "--levels", "level07"]);
    program(
        &repository.join("ci/rdgrade"),
        &format!("exec {} \"$@\"\n", systems::RDGRADE),
    );
    let ground = Ground::new();
    let log = Workflow::read(&ground, &repository, "grade.yml")
        .run("grade", None)
        .unwrap_err();
    let annotation = log
        .lines()
        .find(|line| line.starts_with("::error "))
        .unwrap_or_else(|| panic!("{log}"));
    assert!(annotation.contains("level07/"), "{annotation}");
    let pipeline = Pipeline::read(&ground, &repository);
    pipeline.run("grade", None).unwrap_err();
    assert!(read(&pipeline.artifacts("grade").join("junit.xml")).contains("<failure"));
}
