//! A scenario in namespaces of its own, where whatever is left behind is rdgrade's.
//!
//! A test starts its own test binary again as process 1 of new mount, pid and cgroup namespaces, with fresh tmpfs where
//! temporary things go, and asks it for one ignored test, which finds its scenario in the environment. Orphans become
//! children of that process, nobody else's processes are visible, and everything ends with it.

use assert_cmd::Command;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the scenario is said.
const SCENARIO: &str = "RDGRADE_TEST_SCENARIO";

/// Where an image cache lies that may be copied.
const IMAGES: &str = "RDGRADE_TEST_IMAGES";

/// What hangs is ended then, with everything it started.
const LONGEST: Duration = Duration::from_secs(300);

/// Directories that are empty at the beginning.
pub const EMPTY: [&str; 4] = ["/tmp", "/var/tmp", "/dev/shm", "/run"];

/// The cgroup hierarchies of this host: mount point, file system type, and option (controllers or name).
fn hierarchies() -> Vec<(PathBuf, String, String)> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let of_line = |line: &str| {
        let mut words = line.split(' ').skip(1);
        let (target, kind, options) = (words.next()?, words.next()?, words.next()?);
        let known = |option: &&str| {
            !matches!(
                *option,
                "rw" | "ro" | "relatime" | "nosuid" | "nodev" | "noexec"
            )
        };
        let option = options
            .split(',')
            .filter(known)
            .collect::<Vec<_>>()
            .join(",");
        matches!(kind, "cgroup" | "cgroup2").then(|| (target.into(), kind.to_owned(), option))
    };
    mounts.lines().filter_map(of_line).collect()
}

/// Groups of the scenario's own, one in each hierarchy that allows it; removed when dropped.
struct Groups(Vec<PathBuf>);

impl Groups {
    fn make(name: &str) -> Self {
        let mut made = Vec::new();
        for (top, _, option) in hierarchies() {
            remove_left(&top);
            let group = top.join(format!("rdgrade-test-{}-{name}", std::process::id()));
            if fs::create_dir(&group).is_err() {
                continue;
            }
            if option == "cpuset" {
                // Without processors and memory a cpuset takes no process (cpuset(7)).
                for file in ["cpuset.cpus", "cpuset.mems"] {
                    fs::write(group.join(file), fs::read(top.join(file)).unwrap()).unwrap();
                }
            }
            made.push(group);
        }
        Groups(made)
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for group in &self.0 {
            remove_tree(group);
        }
    }
}

/// Takes away what tests left that were killed: the groups of processes that are gone.
fn remove_left(top: &Path) {
    for group in fs::read_dir(top).into_iter().flatten().flatten() {
        let name = group.file_name();
        let of = name
            .to_str()
            .and_then(|name| name.strip_prefix("rdgrade-test-"));
        let process = of.and_then(|of| of.split('-').next()?.parse::<u32>().ok());
        if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
            remove_tree(&group.path());
        }
    }
}

/// Groups are directories that only rmdir(2) removes, the deepest first.
fn remove_tree(group: &Path) {
    for inner in fs::read_dir(group).into_iter().flatten().flatten() {
        if inner.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_tree(&inner.path());
        }
    }
    let _ = fs::remove_dir(group);
}

/// Why scenarios cannot be played here.
pub fn why_not() -> Option<&'static str> {
    if !nix::unistd::geteuid().is_root() {
        return Some("namespaces of its own need root");
    }
    None
}

/// What has to stay visible although it lies where the scenario wants an empty directory: the repository, and the directory
/// its binaries were built in.
fn kept() -> Vec<(PathBuf, File)> {
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let built = Path::new(env!("CARGO_BIN_EXE_rdgrade")).parent().unwrap();
    let hidden = |path: &PathBuf| EMPTY.iter().any(|place| path.starts_with(place));
    let mut kept = vec![repository.clone()];
    if !built.starts_with(&repository) {
        kept.push(built.to_owned());
    }
    kept.retain(hidden);
    let open = |path: PathBuf| (path.clone(), File::open(path).unwrap());
    kept.into_iter().map(open).collect()
}

/// Plays `scenario` in the ignored test `inner` of this test binary; `images` is an image cache to copy.
///
/// # Panics
/// When the inner test fails.
pub fn play(inner: &str, scenario: &str, images: &Path) {
    let name: String = scenario
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let groups = Groups::make(&name);
    let enter = "for group; do echo 0 >\"$group/cgroup.procs\" || exit; done; \
        exec unshare --mount --pid --cgroup --net --uts --ipc --fork --kill-child --mount-proc --propagation private \
        \"$EXE\" \"$INNER\" --exact --ignored --nocapture --test-threads=1";
    let mut command = Command::new("/bin/sh");
    command.args(["-c", enter, "sh"]).args(&groups.0);
    command
        .env("EXE", std::env::current_exe().unwrap())
        .env("INNER", inner);
    command.env(SCENARIO, scenario).env(IMAGES, images);
    let output = command.timeout(LONGEST).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{scenario}: {}\n{said}",
        output.status
    );
    assert!(
        said.contains("1 passed"),
        "{scenario}: the inner test {inner} was not played\n{said}"
    );
}

/// In the inner test: the scenario, if this is one. Mounts what is to be its own, and makes `$XDG_RUNTIME_DIR` and the image
/// cache there: their paths are `/run/user` and `/tmp/cache`.
pub fn enter() -> Option<String> {
    let scenario = std::env::var(SCENARIO).ok()?;
    let none: Option<&str> = None;
    let kept = kept();
    for place in EMPTY {
        mount(Some("tmpfs"), place, Some("tmpfs"), MsFlags::empty(), none).unwrap();
    }
    for (path, directory) in kept {
        let covered = format!("/proc/self/fd/{}", directory.as_raw_fd());
        fs::create_dir_all(&path).unwrap();
        mount(Some(covered.as_str()), &path, none, MsFlags::MS_BIND, none).unwrap();
    }
    for (target, kind, option) in hierarchies() {
        // Seen from the new cgroup namespace: its top is the scenario's own group (cgroup_namespaces(7)).
        let option = if kind == "cgroup2" {
            None
        } else {
            Some(option.as_str())
        };
        // The kernel refuses the same file system twice in one place.
        umount2(&target, MntFlags::MNT_DETACH).unwrap();
        mount(
            Some("cgroup"),
            &target,
            Some(kind.as_str()),
            MsFlags::empty(),
            option,
        )
        .unwrap();
    }
    fs::create_dir("/run/user").unwrap();
    let cache = Path::new("/tmp/cache/rdgrade");
    copy(Path::new(&std::env::var_os(IMAGES).unwrap()), cache);
    Some(scenario)
}

/// Entries of an image cache share files: links stay links, or rdgrade would mend them.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let mut copy = std::process::Command::new("cp");
    copy.arg("-a").arg(from.join(".")).arg(to);
    assert!(copy.status().unwrap().success(), "{copy:?}");
}
