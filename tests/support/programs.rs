//! Submissions that work but for one moment, in which they misbehave.
#![allow(dead_code)] // Each test file uses its part of this.

use super::graded::fixture;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

/// The moment in which a program misbehaves; each belongs to exactly one check of level 01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before anything is done, when the image holds no file.
    First,
    /// After the command has ended, when the image holds no file.
    Last,
    /// Before anything is done, when there is a container already.
    Second,
    /// When `/made-inside` is touched in the container, as the command `touch` itself.
    Inside,
}

impl Moment {
    /// The check in which the moment comes.
    pub fn check(self) -> &'static str {
        match self {
            Moment::First | Moment::Last => "missing-binary-without-image",
            Moment::Second => "fresh-root-every-run",
            Moment::Inside => "image-left-alone",
        }
    }

    /// The step of that check which the moment belongs to, as its level file begins it, and which of several.
    pub fn step(self) -> (&'static str, usize) {
        match self {
            Moment::First | Moment::Last => ("- run:", 0),
            Moment::Second => ("- start:", 1),
            Moment::Inside => ("- inside:", 0),
        }
    }

    /// `level01.yaml:LINE` of that step.
    pub fn place(self) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("levels/level01.yaml");
        let text = fs::read_to_string(path).unwrap();
        let heading = format!("- id: {}", self.check());
        let (step, which) = self.step();
        let lines = text
            .lines()
            .enumerate()
            .skip_while(|(_, line)| line.trim() != heading);
        let mut steps = lines.filter(|(_, line)| line.trim_start().starts_with(step));
        format!("level01.yaml:{}", steps.nth(which).unwrap().0 + 1)
    }
}

/// The solved shell program, which does `behaviour` (shell) in that moment.
pub fn misbehaving(moment: Moment, behaviour: &str) -> TempDir {
    let directory = TempDir::new().unwrap();
    let solved = fs::read_to_string(fixture("solved.sh")).unwrap();
    let bare = "[ -z \"$(tar -tf /workshop/images/ubuntu.tar | grep -m 1 'bin/bash$')\" ]";
    let text = match moment {
        Moment::First => solved.replacen("\n", &format!("\nif {bare}; then\n{behaviour}\nfi\n"), 1),
        Moment::Last => format!("{solved}\nif {bare}; then\n{behaviour}\nfi\n"),
        Moment::Second => {
            let there = "[ -n \"$(ls /workshop/containers)\" ]";
            solved.replacen("\n", &format!("\nif {there}; then\n{behaviour}\nfi\n"), 1)
        }
        Moment::Inside => {
            let touch = format!(
                "#!/bin/sh\ncase $1 in /made-inside)\n{behaviour}\nesac\nexec /bin/touch.real \"$@\"\n"
            );
            fs::write(directory.path().join("touch"), touch).unwrap();
            let replaced = "if [ -e \"$root/bin/touch\" ]; then\n\
                mv \"$root/bin/touch\" \"$root/bin/touch.real\" || exit\n\
                cp /submission/touch \"$root/bin/touch\" || exit\n\
                chmod 755 \"$root/bin/touch\"\nfi\n";
            solved.replacen("echo \"Created", &format!("{replaced}echo \"Created"), 1)
        }
    };
    assert_ne!(text, solved, "the solved program has changed its form");
    let program = directory.path().join("rd");
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    directory
}
