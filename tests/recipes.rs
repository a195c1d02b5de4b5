//! `rdgrade init`: what it writes, and what it refuses to.

#[path = "support/systems/mod.rs"]
mod systems;

use rstest::rstest;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};
use systems::{RDGRADE, said};

fn rdgrade(folder: &Path, words: &[&str]) -> Output {
    Command::new(RDGRADE)
        .args(words)
        .current_dir(folder)
        .env_remove("GITHUB_ACTIONS")
        .output()
        .unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let output = Command::new("find")
        .args([".", "-type", "f"])
        .current_dir(folder)
        .output()
        .unwrap();
    let mut names: Vec<String> = said(&output).lines().map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn init_says_what_it_wrote_and_what_comes_next() {
    let folder = tempfile::tempdir().unwrap();
    let output = rdgrade(
        folder.path(),
        &[
            "init",
            "github",
            "--levels",
            "level01",
            "--git",
            "https://example.com/rdgrade.git",
        ],
    );
    assert!(output.status.success(), "{}", said(&output));
    let files = [
        "./.github/workflows/class.yml",
        "./ci/collect",
        "./ci/get-rdgrade",
    ];
    assert_eq!(names(folder.path()), files);
    let said = said(&output);
    for file in files {
        assert!(said.contains(&format!("{}: written", &file[2..])), "{said}");
    }
    assert!(said.contains("\n  gh workflow run class.yml\n"), "{said}");
    let mode = |name: &str| {
        fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode()
    };
    assert_eq!(
        mode("ci/collect") & 0o111,
        (mode("ci/collect") & 0o444) >> 2
    );
    assert_eq!(mode(".github/workflows/class.yml") & 0o111, 0);
    let get = fs::read_to_string(folder.path().join("ci/get-rdgrade")).unwrap();
    assert!(
        get.contains("\ngit=${RDGRADE_GIT:-https://example.com/rdgrade.git}\n"),
        "{get}"
    );
}

#[test]
fn nobodys_file_is_replaced_without_being_asked() {
    let folder = tempfile::tempdir().unwrap();
    let pipeline = folder.path().join(".gitlab-ci.yml");
    fs::write(&pipeline, "mine: {script: [make]}\n").unwrap();
    let refused = rdgrade(folder.path(), &["init", "gitlab"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        said(&refused).contains(".gitlab-ci.yml") && said(&refused).contains("--force"),
        "{}",
        said(&refused)
    );
    assert_eq!(names(folder.path()), ["./.gitlab-ci.yml"], "all or nothing");

    let shown = rdgrade(folder.path(), &["init", "gitlab", "--dry-run"]);
    assert!(
        said(&shown).starts_with("==> .gitlab-ci.yml <==\n# Grades a class"),
        "{}",
        said(&shown)
    );
    assert_eq!(
        fs::read_to_string(&pipeline).unwrap(),
        "mine: {script: [make]}\n"
    );

    let forced = rdgrade(folder.path(), &["init", "gitlab", "--force"]);
    assert!(
        said(&forced).contains(".gitlab-ci.yml: replaced"),
        "{}",
        said(&forced)
    );
    let again = rdgrade(folder.path(), &["init", "gitlab"]);
    assert!(
        again.status.success() && said(&again).contains("ci/collect: as it was"),
        "{}",
        said(&again)
    );
}

#[test]
fn a_link_is_not_followed_out_of_the_directory() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = elsewhere.path().join("target");
    fs::write(&target, "mine").unwrap();
    symlink(&target, folder.path().join("rdgrade.yaml")).unwrap();
    let refused = rdgrade(folder.path(), &["init", "--force"]);
    assert!(
        !refused.status.success() && said(&refused).contains("no regular file"),
        "{}",
        said(&refused)
    );
    assert_eq!(fs::read_to_string(target).unwrap(), "mine");
}

#[rstest]
#[case::kind(&["init", "githab"], "github")]
#[case::levels(&["init", "github", "--levels", "level1"], "did you mean `level01`?")]
#[case::roster(&["init", "github", "--roster", "/srv/class.csv"], "by its path from the directory")]
#[case::word(&["init", "gitlab", "--roster", "my class.csv"], "letters, digits")]
#[case::partitions(&["init", "gitlab", "--partitions", "1000"], "200")]
#[case::none(&["init", "gitlab", "--partitions", "0"], "--partitions")]
#[case::student(&["init", "kubernetes", "--student"], "leave --student out")]
#[case::one(&["init", "gradescope", "--roster", "class.csv"], "leave --roster")]
#[case::manifest(&["init", "--roster", "class.csv"], "a manifest is about one submission")]
#[case::nowhere(&["init", "manifest", "nowhere"], "no directory")]
fn what_makes_no_recipe_is_refused_with_a_remedy(#[case] words: &[&str], #[case] remedy: &str) {
    let folder = tempfile::tempdir().unwrap();
    let refused = rdgrade(folder.path(), words);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(said(&refused).contains(remedy), "{}", said(&refused));
    assert!(names(folder.path()).is_empty());
}

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

/// A manifest that is not changed changes nothing.
#[rstest]
#[case::a_program(&[("level01/solved.py", "rd.py")], "./rd.py")]
#[case::the_workshops_layout(
    &[("level01/solved.py", "levels/01_chroot/rd.py"), ("level05/solved.py", "levels/05_uts/rd.py")],
    "./levels/01_chroot/rd.py"
)]
#[case::a_project(&[("level01/solved.sh", "solved.sh")], "./rd")]
fn a_manifest_says_what_discovery_finds(#[case] files: &[(&str, &str)], #[case] run: &str) {
    if !nix::unistd::geteuid().is_root() {
        return println!("skipped: needs root, for jails with many ids");
    }
    let folder = tempfile::tempdir().unwrap();
    for (fixture, name) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(Path::new(FIXTURES).join(fixture), path).unwrap();
    }
    if run == "./rd" {
        fs::write(
            folder.path().join("Makefile"),
            "rd: solved.sh\n\tcp solved.sh rd && chmod +x rd\n",
        )
        .unwrap();
    }
    let grade = || {
        let output = rdgrade(
            folder.path(),
            &["level01/sees-the-image,level01/isolated-test-file", "-q"],
        );
        let graded = said(&output);
        graded
            .lines()
            .filter(|line| !line.starts_with("seed "))
            .map(String::from)
            .collect::<Vec<_>>()
    };
    let before = grade();
    let written = rdgrade(folder.path(), &["init"]);
    assert!(
        said(&written).contains("rdgrade level01 .\n"),
        "{}",
        said(&written)
    );
    let manifest = fs::read_to_string(folder.path().join("rdgrade.yaml")).unwrap();
    assert!(
        manifest.contains(&format!(
            "run: [{run}, run, \"{{options}}\", -i, \"{{image}}\", \"{{command}}\"]"
        )),
        "{manifest}"
    );
    assert_eq!(manifest.contains("\nbuild: [make]\n"), run == "./rd");
    assert_eq!(grade(), before);
    assert!(before[0].contains("5 of 5"), "{before:?}");
}

#[test]
fn where_nothing_is_found_the_manifest_is_an_example_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let output = rdgrade(folder.path(), &["init"]);
    assert!(
        output.status.success() && said(&output).contains("holds no program that is known"),
        "{}",
        said(&output)
    );
    let manifest = fs::read_to_string(folder.path().join("rdgrade.yaml")).unwrap();
    assert!(manifest.contains("# Nothing was found here"), "{manifest}");
}
