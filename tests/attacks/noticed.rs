//! The comparison of the host before and after an attack is worth something: whatever is done to it here, it notices.

use crate::place::{OTHER, Place};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::utimes;
use nix::sys::time::{TimeVal, TimeValLike};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

/// Does harm of each kind, one after the other, and undoes what can be undone.
pub fn play() {
    let place = Place::lay_out();
    let directory = place.known()["directory"].as_str().unwrap().to_owned();

    noticed(&place, "a process", || {
        let mut sleeper = Command::new("sleep").arg("1000").spawn().unwrap();
        move || {
            sleeper.kill().unwrap();
            sleeper.wait().unwrap();
        }
    });
    noticed(&place, "a mount", || {
        let none: Option<&str> = None;
        mount(Some("harm"), "/mnt", Some("tmpfs"), MsFlags::empty(), none).unwrap();
        || umount2("/mnt", MntFlags::MNT_DETACH).unwrap()
    });
    noticed(&place, "a namespace", || {
        let mut holder = Command::new("unshare")
            .args(["--uts", "sleep", "1000"])
            .spawn()
            .unwrap();
        move || {
            holder.kill().unwrap();
            holder.wait().unwrap();
        }
    });
    let tops = fs::read_dir("/sys/fs/cgroup").into_iter().flatten();
    let group = tops
        .flatten()
        .map(|top| top.path().join("harm"))
        .chain([Path::new("/sys/fs/cgroup/harm").to_owned()])
        .find(|path| fs::create_dir(path).is_ok() && fs::remove_dir(path).is_ok());
    if let Some(group) = group {
        noticed(&place, "a control group", || {
            fs::create_dir(&group).unwrap();
            || fs::remove_dir(&group).unwrap()
        });
    }
    noticed(&place, "the host's name", || {
        nix::unistd::sethostname("harmed").unwrap();
        || nix::unistd::sethostname(&place.secret).unwrap()
    });
    // One that each UTS namespace has for itself, hence no other's.
    let setting = "/proc/sys/kernel/domainname";
    noticed(&place, "a setting", || {
        let was = fs::read_to_string(setting).unwrap();
        fs::write(setting, "harmed").unwrap();
        move || fs::write(setting, was).unwrap()
    });
    noticed(&place, "a new file", || {
        let file = format!("{directory}/harm");
        fs::write(&file, "").unwrap();
        move || fs::remove_file(file).unwrap()
    });
    noticed(&place, "a file of the same size and age", || {
        let file = format!("{OTHER}/readable");
        let (was, meta) = (fs::read(&file).unwrap(), fs::metadata(&file).unwrap());
        let mut harmed = was.clone();
        harmed[0] ^= 1;
        write_unseen(&file, &harmed, &meta);
        move || write_unseen(&file, &was, &meta)
    });
    // The time of its change cannot be undone.
    let before = place.state();
    fs::set_permissions(
        format!("{directory}/closed"),
        fs::Permissions::from_mode(0o600),
    )
    .unwrap();
    let found = place.state().differences(&before);
    assert!(
        found.iter().any(|change| change.contains("/closed")),
        "{found:?}"
    );
    place.end();
}

/// Writes to a file and sets its times back.
fn write_unseen(file: &str, bytes: &[u8], meta: &fs::Metadata) {
    fs::write(file, bytes).unwrap();
    let time = TimeVal::microseconds(meta.mtime() * 1_000_000 + meta.mtime_nsec() / 1000);
    utimes(file, &time, &time).unwrap();
}

#[track_caller]
fn noticed<U: FnOnce()>(place: &Place, what: &str, harm: impl FnOnce() -> U) {
    let before = place.state();
    let undo = harm();
    let found = place.state().differences(&before);
    undo();
    assert!(!found.is_empty(), "{what} is not noticed");
}
