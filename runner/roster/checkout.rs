//! What a git repository holds at a revision, laid out in a directory of its own, without running anything of the repository's.
//!
//! A student's repository is hostile until proven otherwise, and so is its `.git/config`: filters (which `git archive`
//! applies), hooks, and file system monitors are commands. So the repository's own configuration is only ever read by
//! `rev-parse`, which runs none of them; the tree is written by a git that sees the objects alone, through an empty repository
//! with a configuration of ours (git(1), GIT_OBJECT_DIRECTORY). Attributes of the tree then name filters that nobody defines.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Why there is nothing to grade.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// git is not there, or cannot be started.
    #[error("failed to run git, which a roster with revisions needs: {0}")]
    Git(std::io::Error),
    /// git says no.
    #[error("failed to read {revision} of {}: {why}", repository.display())]
    Revision {
        /// The repository.
        repository: PathBuf,
        /// The revision.
        revision: String,
        /// What git says.
        why: String,
    },
    /// The tree cannot be written down.
    #[error("failed to lay {revision} of {} out: {source}", repository.display())]
    Write {
        /// The repository.
        repository: PathBuf,
        /// The revision.
        revision: String,
        /// Why not.
        source: std::io::Error,
    },
}

/// Limits of a tree, well above those of what is graded: bytes and members.
const MAX_BYTES: u64 = 1 << 30;
const MAX_MEMBERS: usize = 100_000;

/// Bytes of git's complaint that are told.
const TOLD: u64 = 2_000;

/// Lays `revision` of the repository at `repository` out. The directory vanishes when it is dropped.
///
/// # Errors
/// See [`CheckoutError`].
pub fn checkout(repository: &Path, revision: &str) -> Result<TempDir, CheckoutError> {
    let no = |why: String| CheckoutError::Revision {
        repository: repository.to_owned(),
        revision: revision.to_owned(),
        why,
    };
    let written = |source| CheckoutError::Write {
        repository: repository.to_owned(),
        revision: revision.to_owned(),
        source,
    };
    // Else git would look for one above, and find ours.
    if !repository.is_dir() {
        return Err(no("there is no such directory".to_owned()));
    }
    let ask = |words: &[&str]| {
        let mut git = git();
        git.arg("-C").arg(repository).args(words);
        if let Some(above) = fs::canonicalize(repository)
            .ok()
            .as_deref()
            .and_then(Path::parent)
        {
            git.env("GIT_CEILING_DIRECTORIES", above);
        }
        said(&mut git).map_err(|error| match error {
            Said::NotStarted(error) => CheckoutError::Git(error),
            Said::No(why) => no(why),
        })
    };
    let tree = ask(&[
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &format!("{revision}^{{tree}}"),
    ])?;
    let format = ask(&["rev-parse", "--show-object-format"])?;
    let objects = ask(&[
        "rev-parse",
        "--path-format=absolute",
        "--git-path",
        "objects",
    ])?;

    let empty = TempDir::with_prefix("rdgrade-git-").map_err(written)?;
    let mut init = git();
    init.args(["init", "--quiet", "--bare", "--template="]);
    init.arg(format!("--object-format={format}"))
        .arg(empty.path());
    said(&mut init).map_err(|error| match error {
        Said::NotStarted(error) => CheckoutError::Git(error),
        Said::No(why) => no(why),
    })?;
    let folder = TempDir::with_prefix("rdgrade-revision-").map_err(written)?;
    let mut archive = git();
    archive
        .env("GIT_DIR", empty.path())
        .env("GIT_OBJECT_DIRECTORY", &objects)
        .args(["archive", "--format=tar", &tree])
        .stdout(Stdio::piped());
    let mut child = archive.spawn().map_err(CheckoutError::Git)?;
    let unpacked = match child.stdout.take() {
        Some(stdout) => unpack(stdout, folder.path()),
        None => Ok(()),
    };
    // After an error of ours git finds its pipe closed, and ends.
    let status = child.wait().map_err(CheckoutError::Git)?;
    unpacked.map_err(written)?;
    if !status.success() {
        return Err(no("git could not read its objects".to_owned()));
    }
    Ok(folder)
}

fn unpack(stream: impl Read, folder: &Path) -> std::io::Result<()> {
    let mut archive = tar::Archive::new(stream.take(MAX_BYTES));
    archive.set_preserve_mtime(false);
    for (index, entry) in archive.entries()?.enumerate() {
        if index >= MAX_MEMBERS {
            return Err(std::io::Error::other(format!(
                "it holds more than {MAX_MEMBERS} files"
            )));
        }
        // Never leaves the directory, not even through a link of its own.
        entry?.unpack_in(folder)?;
    }
    Ok(())
}

/// git with nothing of the user's, the system's or the surroundings' in it.
fn git() -> Command {
    let mut git = Command::new("git");
    git.env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("HOME", "/nonexistent")
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_ATTR_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_NO_LAZY_FETCH", "1")
        .args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
        ])
        // A student's repository belongs to the student.
        .args(["-c", "safe.directory=*"])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    git
}

enum Said {
    NotStarted(std::io::Error),
    No(String),
}

/// The one line that git answers.
fn said(git: &mut Command) -> Result<String, Said> {
    let output = git
        .stderr(Stdio::piped())
        .output()
        .map_err(Said::NotStarted)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout)
            .trim_end_matches('\n')
            .to_owned());
    }
    let told = &output.stderr[..output.stderr.len().min(TOLD as usize)];
    Err(Said::No(match String::from_utf8_lossy(told).trim() {
        "" => "there is no such revision".to_owned(),
        told => told.to_owned(),
    }))
}
