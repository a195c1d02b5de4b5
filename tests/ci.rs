//! docs/ci.md takes an instructor from nothing to a graded class: its commands are run as they stand there, and the files it
//! shows are those that the other tests of recipes validate and run.

mod support;
#[path = "support/systems/mod.rs"]
mod systems;
#[path = "support/tried.rs"]
mod tried;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use systems::{Ground, init, said};
use tried::tried;

const TOP: &str = env!("CARGO_MANIFEST_DIR");

fn page() -> String {
    fs::read_to_string(Path::new(TOP).join("docs/ci.md")).unwrap()
}

#[test]
fn an_instructor_ends_with_a_gradebook() {
    if support::skip_unless_root() {
        return;
    }
    let ground = Ground::new();
    let folder = ground.workspace("instructor");
    symlink(Path::new(TOP).join("fixtures"), folder.join("fixtures")).unwrap();
    let blocks = tried(&page());
    // One shell, as a person has one: where a block changes the directory, the next one is there.
    const BETWEEN: &str = "\u{1e}";
    let scripts: Vec<&str> = blocks.iter().map(|block| block.script.as_str()).collect();
    let script = scripts.join(&format!("\nprintf '{BETWEEN}'\n"));
    let output = ground
        .command("sh", &folder)
        .args(["-euc", &script])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let printed = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<&str> = printed.split(BETWEEN).collect();
    assert_eq!(answers.len(), blocks.len(), "{printed}");
    for (block, answer) in blocks.iter().zip(answers) {
        let missing = block.missing(answer);
        assert!(
            missing.is_none(),
            "{missing:?} is not in the answer, or not there:\n{}\n--\n{answer}",
            block.script
        );
    }
    // Whatever the page says: there is a gradebook, and it is right.
    let marks = fs::read_to_string(folder.join("class/merged.csv")).unwrap();
    assert_eq!(marks.matches(",graded,20,20,").count(), 3, "{marks}");
    assert!(folder.join("class/report/index.html").exists());
    for said in [
        "--roster",
        "--partition",
        "rdgrade merge",
        "rdgrade diff",
        "init github",
        "init gitlab",
    ] {
        assert!(
            blocks.iter().any(|block| block.script.contains(said)),
            "`{said}` is not shown"
        );
    }
}

/// `RDGRADE_UPDATE_DOCS=1 cargo test --test ci` shows them anew.
#[test]
fn the_files_that_are_shown_are_those_that_init_writes() {
    const MARK: &str = "<!-- written by: rdgrade init ";
    let page = page();
    let mut kinds = Vec::new();
    let mut parts = page.split(MARK);
    let mut new = parts.next().unwrap().to_owned();
    for shown in parts {
        let (mark, rest) = shown.split_once(" -->\n").unwrap();
        let (words, file) = mark.split_once(" -> ").unwrap();
        let (fence, rest) = rest.split_once('\n').unwrap();
        let (_, rest) = rest.split_once("```\n").unwrap();
        let words: Vec<&str> = words.split(' ').collect();
        let folder = tempfile::tempdir().unwrap();
        init(words[0], folder.path(), &words[1..]);
        let written = fs::read_to_string(folder.path().join(file)).unwrap();
        new.push_str(&format!("{MARK}{mark} -->\n{fence}\n{written}```\n{rest}"));
        kinds.push(words.join(" "));
    }
    if std::env::var_os("RDGRADE_UPDATE_DOCS").is_some() {
        fs::write(Path::new(TOP).join("docs/ci.md"), &new).unwrap();
    } else {
        assert_eq!(
            page, new,
            "a template has changed: RDGRADE_UPDATE_DOCS=1 cargo test --test ci"
        );
    }
    assert_eq!(
        kinds,
        [
            "github",
            "github --student",
            "gitlab",
            "slurm",
            "kubernetes"
        ]
    );
}

#[test]
fn every_kind_of_recipe_has_its_place_on_the_page() {
    for recipe in rdgrade::recipe::RECIPES {
        let typed = format!("rdgrade init {}", recipe.name);
        assert!(page().contains(&typed), "{typed}");
    }
}

#[test]
fn every_link_of_the_page_leads_to_a_file() {
    for link in page()
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        assert!(Path::new(TOP).join("docs").join(link).exists(), "{link}");
    }
}
