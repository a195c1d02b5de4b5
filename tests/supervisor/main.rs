//! The supervisor, through the eyes of submissions: each case is a Python program that runs in a jail of its own and asserts what
//! it would find on a real machine, or what nobody may get.

use rdgrade::jail::sys::{Fork, exit_now, fork};
use rdgrade::jail::{Ground, GroundPlan, Images, Jail, Power};
use rdgrade::play::{Said, run_alone};
use rstest::rstest;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

const PYTHON: &str = "/usr/bin/python3";

/// A name that a case tries to smuggle out of its jail.
const EVIL: &str = "rdgrade-evil-node";

#[rstest]
fn case(#[files("tests/supervisor/cases/*.py")] path: PathBuf) {
    if Power::of_this_process() == Power::User {
        eprintln!("skipped: device nodes need root");
        return;
    }
    if !Path::new(PYTHON).exists() {
        eprintln!("skipped: there is no {PYTHON}");
        return;
    }
    let script = [
        include_str!("prelude.py"),
        &fs::read_to_string(&path).unwrap(),
        "\nprint('passed')\n",
    ]
    .concat();
    let said = in_jail(&script);
    assert!(said.ends_with("passed\n"), "{}: {said}", path.display());
    for place in ["/", "/tmp", "/dev", "/etc", "/usr", "/mnt"] {
        let there = Path::new(place).join(EVIL);
        assert!(there.symlink_metadata().is_err(), "{}", there.display());
    }
}

/// What a script prints in a jail of its own. In a process of its own too: whoever prepares the ground leaves the host's mount
/// namespace for good.
fn in_jail(script: &str) -> String {
    let images = tempfile::tempdir().unwrap();
    let (reader, writer) = nix::unistd::pipe().unwrap();
    match fork().unwrap() {
        Fork::Child => {
            drop(reader);
            let said = play(images.path(), script).unwrap_or_else(|error| error);
            let _ = File::from(writer).write_all(said.as_bytes());
            exit_now(0)
        }
        Fork::Parent(child) => {
            drop(writer);
            let mut said = String::new();
            File::from(reader).read_to_string(&mut said).unwrap();
            nix::sys::wait::waitpid(child, None).unwrap();
            said
        }
    }
}

fn play(images: &Path, script: &str) -> Result<String, String> {
    let plan = GroundPlan {
        visible: Vec::new(),
        helpers: Vec::new(),
        avoid: Vec::new(),
        submission_bytes: 1 << 20,
    };
    let ground = Ground::prepare(&plan, &[images.to_owned()]).map_err(|error| error.to_string())?;
    let shown = Images {
        index: 0,
        files: &[],
    };
    let jail = Jail::create(&ground, &shown, &checks::limit::Limits::default())
        .map_err(|error| error.to_string())?;
    let (lease, _held) = nix::unistd::pipe().map_err(|errno| errno.to_string())?;
    let argv = [PYTHON, "-c", script].map(str::to_owned);
    let said: Result<Said, _> = run_alone(jail, lease.as_fd(), &argv, &[], Duration::from_secs(60));
    said.map(|said| said.output.text)
        .map_err(|error| error.to_string())
}
