//! What of a submission is copied into the jail, and what is not.

#[path = "support/submissions.rs"]
mod submissions;

use rdgrade::submission::{CopyError, CopyKind, Submission};
use std::os::unix::fs::symlink;
use submissions::tree;

#[test]
fn a_copy_leaves_out_history_and_build_results_and_keeps_links() {
    let directory = tree(&[
        "rd.py",
        "lib/a.sh",
        ".git/config",
        "target/debug/x",
        "node_modules/y",
        "lib/__pycache__/z",
    ]);
    symlink("/etc/shadow", directory.path().join("lib/link")).unwrap();
    let copied = Submission::find(directory.path(), "level01")
        .unwrap()
        .copied()
        .unwrap();
    let shown: Vec<(String, &CopyKind)> = copied
        .iter()
        .map(|entry| (entry.to.display().to_string(), &entry.kind))
        .collect();
    insta::assert_debug_snapshot!(shown);
}

#[test]
fn a_copy_has_a_limit_and_names_the_largest_file() {
    let directory = tree(&["rd.py"]);
    let large = std::fs::File::create(directory.path().join("ubuntu.tar")).unwrap();
    large.set_len(65 << 20).unwrap();
    let error = Submission::find(directory.path(), "level01")
        .unwrap()
        .copied()
        .unwrap_err();
    assert!(
        matches!(&error, CopyError::TooLarge { largest, .. } if largest.ends_with("ubuntu.tar")),
        "{error}"
    );
}

#[test]
fn a_file_that_is_a_link_to_elsewhere_is_not_copied() {
    let elsewhere = tree(&["secret"]);
    let directory = tree(&[]);
    let link = directory.path().join("rd");
    symlink(elsewhere.path().join("secret"), &link).unwrap();
    let error = Submission::find(&link, "level01")
        .unwrap()
        .copied()
        .unwrap_err();
    assert!(matches!(error, CopyError::Outside { .. }), "{error}");
}
