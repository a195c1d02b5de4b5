//! How full the file systems of a jail are (statfs(2)), and how long its longest file is.

use crate::jail::{Jail, Power};
use crate::play::observe::{files::open_in, mounts::unescape};
use crate::play::procfs;
use crate::play::scene::Scene;
use checks::limit::{Limit, Reading, Used};
use nix::dir::{Dir, Type};
use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat, major, minor};
use nix::sys::statfs::{Statfs, fstatfs};
use nix::unistd::Pid;
use std::collections::{BTreeSet, VecDeque};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Most mounts of one namespace that are looked at.
const MOUNTS: usize = 512;

/// Most directories that are searched for a file as long as a file may be.
const DIRECTORIES: usize = 2_000;

/// Bytes that the file systems every jail has hold.
pub fn used(jail: &Jail) -> u64 {
    own(jail).iter().map(|(_, fs)| held(fs)).sum()
}

/// Bytes that a file system holds.
fn held(fs: &Statfs) -> u64 {
    let blocks = fs.blocks().saturating_sub(fs.blocks_free());
    blocks.saturating_mul(fs.block_size() as u64)
}

/// The root, and that of `/workshop`, where `/dev` and what is written beside the images lie too.
fn own(jail: &Jail) -> Vec<(String, Statfs)> {
    let places = [
        ("/", fstatfs(&jail.root)),
        ("/workshop", fstatfs(&jail.containers)),
    ];
    places
        .into_iter()
        .filter_map(|(path, fs)| Some((path.to_owned(), fs.ok()?)))
        .collect()
}

/// What is exhausted of the file systems that every jail has, and a file that is as long as one may be.
pub fn own_readings(jail: &Jail) -> Vec<Reading> {
    let own = own(jail);
    let mut readings: Vec<Reading> = own
        .iter()
        .flat_map(|(path, fs)| of(path, fs, jail))
        .collect();
    if own.iter().map(|(_, fs)| held(fs)).sum::<u64>() >= jail.limits.get(Limit::FileSize) {
        readings.extend(longest(jail));
    }
    readings
}

/// The same of those that a submission has mounted. One that it made smaller than it need be is its own affair.
pub fn mounted_readings(scene: &Scene) -> Vec<Reading> {
    let jail = &scene.jail;
    let mut readings = Vec::new();
    let running = scene
        .programs
        .iter()
        .filter(|program| program.exit.is_none());
    let contained = running.flat_map(|program| {
        let container = program.container.as_ref().map(|container| container.pid);
        container.into_iter().chain([program.pid])
    });
    // Without host root nobody looks at init's own.
    let init = (jail.power == Power::Root).then_some(jail.init);
    let (mut namespaces, mut devices) = (BTreeSet::new(), own_devices(jail));
    for pid in contained.chain(init) {
        let namespace = std::fs::read_link(format!("/proc/{pid}/ns/mnt"));
        if namespace.is_ok_and(|namespace| namespaces.insert(namespace)) {
            readings.extend(mounted(pid, jail, &mut devices));
        }
    }
    readings
}

/// The devices of the jail's root and of `/workshop`, as mount tables spell them.
fn own_devices(jail: &Jail) -> BTreeSet<String> {
    let device = |stat: FileStat| format!("{}:{}", major(stat.st_dev), minor(stat.st_dev));
    let stats = [fstat(&jail.root), fstat(&jail.containers)];
    stats.into_iter().flatten().map(device).collect()
}

/// The tmpfs that a process sees, those on `devices` excepted, which have been looked at; the others are added.
fn mounted(pid: Pid, jail: &Jail, devices: &mut BTreeSet<String>) -> Vec<Reading> {
    let Ok(table) = procfs::read(pid, "mountinfo") else {
        return Vec::new();
    };
    let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let Ok(root) = open(format!("/proc/{pid}/root").as_str(), flags, Mode::empty()) else {
        return Vec::new();
    };
    let tmpfs = table.lines().filter(|line| line.contains(" - tmpfs "));
    tmpfs
        .take(MOUNTS)
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(2);
            let (device, path) = (fields.next()?, fields.nth(1)?);
            devices.insert(device.to_owned()).then(|| unescape(path))
        })
        .flat_map(|path| {
            let fs = open_in(root.as_fd(), &path, OFlag::O_PATH).and_then(fstatfs);
            fs.map(|fs| of(&path, &fs, jail)).unwrap_or_default()
        })
        .collect()
}

/// What is exhausted of a file system that is as large as it may be.
fn of(path: &str, fs: &Statfs, jail: &Jail) -> Vec<Reading> {
    let size = fs.blocks().saturating_mul(fs.block_size() as u64);
    let mut readings = Vec::new();
    let mut note = |limit, total: u64, left: u64, what: &str| {
        if left == 0 {
            readings.push(Reading {
                limit,
                used: Used::Refused(1),
                evidence: vec![format!("statfs({path:?}): 0 of {total} {what} free")],
            });
        }
    };
    // The kernel rounds up to whole pages.
    if size >= jail.limits.get(Limit::TmpfsSize) {
        note(Limit::TmpfsSize, fs.blocks(), fs.blocks_free(), "blocks");
    }
    if fs.files() >= jail.limits.get(Limit::TmpfsInodes) {
        note(Limit::TmpfsInodes, fs.files(), fs.files_free(), "inodes");
    }
    readings
}

/// A file that is exactly as long as a file may be: whoever ignores SIGXFSZ is told EFBIG instead, by nothing that lasts but the
/// file itself.
fn longest(jail: &Jail) -> Option<Reading> {
    let most = jail.limits.get(Limit::FileSize);
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
    let start = |at: &OwnedFd| openat(at, ".", flags, Mode::empty());
    let mut todo: VecDeque<(OwnedFd, String)> =
        [(&jail.containers, "/workshop/containers"), (&jail.root, "")]
            .into_iter()
            .filter_map(|(at, path)| Some((start(at).ok()?, path.to_owned())))
            .collect();
    for _ in 0..DIRECTORIES {
        let (directory, path) = todo.pop_front()?;
        let device = fstat(&directory).ok()?.st_dev;
        for name in names(directory.as_fd()) {
            let Ok(stat) = fstatat(&directory, name.as_c_str(), AtFlags::AT_SYMLINK_NOFOLLOW)
            else {
                continue;
            };
            let path = format!("{path}/{}", name.to_string_lossy());
            match SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT {
                SFlag::S_IFREG if stat.st_size as u64 == most => {
                    return Some(Reading {
                        limit: Limit::FileSize,
                        used: Used::Amount(most),
                        evidence: vec![format!("stat({path:?}): {most} bytes")],
                    });
                }
                // What is mounted there is the host's, or looked at by itself.
                SFlag::S_IFDIR if stat.st_dev == device && todo.len() < DIRECTORIES => {
                    if let Ok(below) = openat(&directory, name.as_c_str(), flags, Mode::empty()) {
                        todo.push_back((below, path));
                    }
                }
                _ => {}
            }
        }
    }
    None
}

fn names(directory: BorrowedFd) -> Vec<std::ffi::CString> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let Ok(mut listing) = openat(directory, ".", flags, Mode::empty()).and_then(Dir::from_fd)
    else {
        return Vec::new();
    };
    let entries = listing.iter().take(DIRECTORIES).flatten();
    let entries = entries.filter(|entry| {
        matches!(entry.file_type(), None | Some(Type::File | Type::Directory))
            && !matches!(entry.file_name().to_bytes(), b"." | b"..")
    });
    entries.map(|entry| entry.file_name().to_owned()).collect()
}
