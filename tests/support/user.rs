//! An ordinary user, made up for a test.
#![allow(dead_code)] // Each test file uses its part of this.

use super::graded::{LONGEST, RDGRADE, fixture};
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A user nobody has: above those of distributions and containers, below the ids of jails (systemd's UIDS-GIDS). It has no entry in
/// /etc/passwd, no file, and no process that would count against its limits.
pub const NOBODY: u32 = 1_800_000_042;

/// What such a user has on PATH.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A place an ordinary user can reach, with the program under test in it, and a home of that user.
pub struct Place {
    pub directory: TempDir,
    pub rdgrade: PathBuf,
}

impl Place {
    /// `None`, said, where there is no other user to be.
    pub fn make() -> Option<Place> {
        if !nix::unistd::geteuid().is_root() {
            eprintln!("skipped: this user cannot become another; run as root to compare");
            return None;
        }
        let directory = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir()
            .unwrap();
        let rdgrade = directory.path().join("rdgrade");
        fs::copy(RDGRADE, &rdgrade).unwrap();
        fs::set_permissions(&rdgrade, fs::Permissions::from_mode(0o755)).unwrap();
        let home = directory.path().join("home");
        fs::create_dir(&home).unwrap();
        chown(&home, Some(NOBODY), Some(NOBODY)).unwrap();
        for name in ["solved.sh", "solved.py"] {
            fs::copy(fixture(name), directory.path().join(name)).unwrap();
        }
        Some(Place { directory, rdgrade })
    }

    /// A command as that user, in the home directory, with nothing of this environment.
    pub fn command(&self, program: &Path, path: &str) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::new("/usr/bin/setpriv");
        let user = format!("--reuid={NOBODY}");
        command
            .args([
                user.as_str(),
                &format!("--regid={NOBODY}"),
                "--clear-groups",
            ])
            .arg(program);
        command
            .env_clear()
            .env("HOME", self.directory.path().join("home"))
            .env("PATH", path);
        command
            .current_dir(self.directory.path().join("home"))
            .timeout(LONGEST);
        command
    }
}
