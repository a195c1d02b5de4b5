//! Stand-ins for the systems that recipes are for: they read the files as those do, and run their commands on this machine.
#![allow(dead_code, reason = "each user takes its part")]

pub mod actions;
pub mod gitlab;
pub mod kubernetes;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const RDGRADE: &str = env!("CARGO_BIN_EXE_rdgrade");

/// Where jobs run: directories, and programs that no test may really run.
pub struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    pub fn new() -> Ground {
        let folder = tempfile::TempDir::with_prefix("rdgrade-ground-").unwrap();
        let ground = Ground { folder };
        for folder in ["bin", "cache"] {
            fs::create_dir(ground.at(folder)).unwrap();
        }
        // Neither this machine's settings nor its packages are a test's.
        let only_said = "case $1 in sysctl | apt-get) echo \"$@\" >&2; exit 0 ;; esac\n";
        ground.program(
            "sudo",
            &format!("[ \"$1\" = -E ] && shift\n{only_said}exec \"$@\"\n"),
        );
        ground.program("apt-get", "echo apt-get \"$@\" >&2\n");
        ground.program("rdgrade", &format!("exec {RDGRADE} \"$@\"\n"));
        ground
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program in front of the PATH.
    pub fn program(&self, name: &str, script: &str) {
        program(&self.at("bin").join(name), script);
    }

    /// An empty directory for a job.
    pub fn workspace(&self, job: &str) -> PathBuf {
        let path = self.at("jobs").join(job);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// A command that finds the programs above.
    pub fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        let path = format!(
            "{}:{}",
            self.at("bin").display(),
            std::env::var("PATH").unwrap()
        );
        command
            .current_dir(folder)
            .env("PATH", path)
            // Not this user's, nor what all users share.
            .env("XDG_CACHE_HOME", self.at("cache"))
            .env_remove("GITHUB_ACTIONS")
            .env_remove("RDGRADE_STOP_AT")
            .env_remove("RDGRADE_GIT");
        command
    }
}

/// An executable script of a shell.
pub fn program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Copies what is in `from`, links and modes as they are.
pub fn copy_into(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let status = Command::new("cp")
        .arg("-a")
        .arg(from.join("."))
        .arg(to)
        .status()
        .unwrap();
    assert!(status.success());
}

/// What a shell expands `pattern` to, in `folder`; a pattern without a match is an error.
pub fn matching(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let script =
        format!("for file in {pattern}; do [ -e \"$file\" ] || exit 1; echo \"$file\"; done");
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "nothing is called {pattern}");
    let names = String::from_utf8(output.stdout).unwrap();
    names.lines().map(|name| folder.join(name)).collect()
}

/// Everything that was said.
pub fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes))
        .concat()
}

/// Runs `rdgrade init` for `kind` in `folder`.
pub fn init(kind: &str, folder: &Path, more: &[&str]) {
    let output = Command::new(RDGRADE)
        .args(["init", kind])
        .arg(folder)
        .args(more)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
}
