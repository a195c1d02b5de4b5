//! Submissions: the programs being graded, how they are found, built and run.

mod ask;
mod copy;
mod discover;
pub(crate) mod manifest;
mod program;
mod project;
mod python;
mod spell;
pub(crate) mod template;
mod tool;

pub use copy::{CopyEntry, CopyError, CopyKind, open};
pub use manifest::{ManifestFile, Overrides};
pub use python::{Python, python3};
pub use spell::{Spelled, spelled};
pub use tool::on_path as installed;

use crate::document::Diagnostics;
use crate::event::NotGraded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use template::Template;

/// Where the submission's copy is in the jail, and its working directory.
pub const HOME: &str = "/submission";
/// Where rdgrade's Python modules are in the jail.
pub const PYTHON: &str = "/rdgrade/python";

/// A program to be graded. Paths are the host's unless said otherwise.
///
/// It is told to a process that has graded another one; what of the host both see is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// As given on the command line.
    pub name: String,
    /// What is copied to [`HOME`]; see [`Submission::copied`].
    pub source: Source,
    /// Run once in [`HOME`], in a jail of its own, before anything is graded.
    pub build: Option<Vec<String>>,
    /// How it is run: a template, see [`Submission::command_line`].
    pub run: Vec<String>,
    /// How options are spelled, by their names in level files; `--NAME VALUE` where there is no entry.
    pub options: BTreeMap<String, String>,
    /// Variables to add to the jail's clean environment. `PATH`, where present, replaces the jail's.
    pub environment: Vec<(String, String)>,
    /// Files and directories outside /usr, /etc, /lib*, /bin, /sbin and /opt that must be visible read-only at the
    /// same path: the prefix of an interpreter or of a toolchain, even when it is under /root.
    #[serde(skip)]
    pub visible: Vec<PathBuf>,
    /// Files rdgrade adds, read-only.
    #[serde(skip)]
    pub inject: Vec<Injected>,
    /// What a person calls it: `rd.py`.
    pub display: String,
    /// As `run`, the way a person types it.
    typed: Vec<String>,
}

/// What of the host goes into the jail as [`HOME`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// This file alone, under its own name.
    File(PathBuf),
    /// What is in this directory, less version control, build results and caches.
    Directory(PathBuf),
    /// Nothing: the program is injected.
    Nothing,
}

/// A file rdgrade adds to the jail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injected {
    /// Absolute path in the jail.
    pub inside: String,
    /// What is in it.
    pub content: Content,
}

/// Content of an injected file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A file of the host; executable.
    HostFile(PathBuf),
    /// A text in this binary.
    Text(&'static str),
}

/// One use of the submission's `run`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation<'a> {
    /// The image's name: `ubuntu`.
    pub image: &'a str,
    /// The image directory, in the jail.
    pub images: &'a str,
    /// The container directory, in the jail.
    pub containers: &'a str,
    /// By their names in level files: `memory` → `64m`.
    pub options: &'a BTreeMap<String, String>,
    /// The command and its arguments.
    pub command: &'a [String],
}

/// Why there is no submission to grade.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The path given cannot be read: a mistake on the command line.
    #[error("failed to read {}: {source}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// `rdgrade.yaml` has mistakes.
    #[error("{0}")]
    Manifest(Diagnostics),
    /// There is nothing to run, or something to run it with is missing.
    #[error("{}; {}", .0.reason, .0.remedy)]
    NotGraded(NotGraded),
}

impl FindError {
    fn not_graded(reason: impl Into<String>, remedy: impl Into<String>) -> FindError {
        FindError::NotGraded(NotGraded {
            reason: reason.into(),
            remedy: remedy.into(),
        })
    }
}

impl Submission {
    /// The program at `path`, a file or a directory, as it is run for `level` (`level01`).
    ///
    /// In a directory: `rdgrade.yaml`; else the workshop's layout, where a level without a directory of its own is
    /// graded with the next higher one's program, which passes all below it, else with the highest one's; else
    /// `rd.py`, `rd`, or a Cargo, Go or Make project.
    ///
    /// # Errors
    /// See [`FindError`].
    pub fn find(path: &Path, level: &str) -> Result<Submission, FindError> {
        discover::find(path, level)
    }

    /// The reference container: this very binary.
    ///
    /// # Errors
    /// What the system says when asked for this binary's path.
    pub fn reference(level: &str) -> std::io::Result<Submission> {
        let bin = "/rdgrade/bin/rd";
        Ok(Submission {
            name: "--reference".into(),
            source: Source::Nothing,
            build: None,
            run: template::with_defaults(&[bin, "rd", level], level),
            options: BTreeMap::new(),
            environment: Vec::new(),
            visible: Vec::new(),
            inject: vec![Injected {
                inside: bin.into(),
                content: Content::HostFile(std::env::current_exe()?),
            }],
            display: "rdgrade".into(),
            typed: template::with_defaults(&["rdgrade", "rd", level], level),
        })
    }

    /// The words to execute in [`HOME`]: `run` with `{images} {containers} {image} {options} {command}` filled in;
    /// the last two stand for any number of words.
    pub fn command_line(&self, invocation: &Invocation<'_>) -> Vec<String> {
        Template(&self.run).expand(invocation, &self.options)
    }

    /// The same as a person would type it: `rd.py run -i ubuntu /bin/bash`.
    pub fn typed(&self, invocation: &Invocation<'_>) -> String {
        let words = Template(&self.typed).expand(invocation, &self.options);
        let quoted = words.iter().map(|word| {
            // No shell can be given a NUL; then the word is only shown.
            shlex::try_quote(word)
                .map_or_else(|_| format!("{word:?}"), |quoted| quoted.into_owned())
        });
        quoted.collect::<Vec<_>>().join(" ")
    }

    /// What to copy to [`HOME`], directories before what is in them.
    ///
    /// # Errors
    /// Files that cannot be read, more than the limits.
    pub fn copied(&self) -> Result<Vec<CopyEntry>, CopyError> {
        copy::entries(&self.source)
    }
}
