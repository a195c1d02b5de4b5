//! A machine may be a container, whose own file system is an overlay.

#[path = "support/graded.rs"]
mod graded;

use graded::{LONGEST, RDGRADE};
use rstest::rstest;
use tempfile::TempDir;

/// A container's own file system is an overlay. One more on top of those that rdgrade itself needs is refused by the kernel, and
/// an answer to level 04 would fail for it.
#[rstest]
#[case::on_the_overlay("$d/merged", false)]
#[case::beside_it("$d/volume", true)]
fn images_on_an_overlay_cost_nobody_a_mark(#[case] cache: &str, #[case] graded: bool) {
    if !nix::unistd::geteuid().is_root() {
        return println!("skipped: needs root, to mount an overlay");
    }
    let folder = TempDir::new().unwrap();
    let script = format!(
        "d=$0; mount -t tmpfs tmpfs \"$d\" && mkdir \"$d/lower\" \"$d/upper\" \"$d/work\" \"$d/merged\" \"$d/volume\" &&
         mount -t overlay -o lowerdir=$d/lower,upperdir=$d/upper,workdir=$d/work overlay \"$d/merged\" || exit 77
         XDG_CACHE_HOME={cache} exec \"$@\""
    );
    let mut command = assert_cmd::Command::new("unshare");
    command
        .args(["--mount", "sh", "-c", &script])
        .arg(folder.path());
    command.args([RDGRADE, "level04/root-is-overlay", "--reference"]);
    let output = command.timeout(LONGEST).output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    if output.status.code() == Some(77) {
        return println!("skipped: no overlay can be mounted here: {said}");
    }
    if graded {
        assert!(said.contains("2 of 2"), "{said}");
    } else {
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains("set XDG_CACHE_HOME"), "{said}");
    }
}
