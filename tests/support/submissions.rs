//! Submissions of a few files, and what would be executed of them.
#![allow(dead_code)]

use rdgrade::event::NotGraded;
use rdgrade::submission::{FindError, Invocation, Submission};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A program that does nothing.
pub const SHELL: &str = "#!/bin/sh\nexec true\n";

/// A directory with these files, all of them such a program.
pub fn tree(files: &[&str]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for file in files {
        write(directory.path(), file, SHELL);
    }
    directory
}

/// Writes a file, and makes the directories it lies in.
pub fn write(directory: &Path, file: &str, text: &str) -> PathBuf {
    let path = directory.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

/// What a level types.
pub fn invocation<'a>(
    options: &'a BTreeMap<String, String>,
    command: &'a [String],
) -> Invocation<'a> {
    Invocation {
        image: "ubuntu",
        images: "/workshop/images",
        containers: "/workshop/containers",
        options,
        command,
    }
}

/// The words of a submission that runs a shell.
pub fn bash(submission: &Submission) -> Vec<String> {
    submission.command_line(&invocation(&BTreeMap::new(), &["/bin/bash".into()]))
}

/// The file of the submission that is executed.
pub fn program(path: &Path, level: &str) -> String {
    bash(&Submission::find(path, level).unwrap())
        .into_iter()
        .find(|word| word.contains("/submission/"))
        .unwrap()
}

/// Why a submission cannot be graded.
pub fn not_graded(path: &Path) -> NotGraded {
    match Submission::find(path, "level01") {
        Err(FindError::NotGraded(why)) => why,
        other => panic!("graded: {other:?}"),
    }
}
