//! Nothing is left of a jail's groups; what a killed rdgrade left is swept by the next.

use super::ground::{
    ONE_AT_A_TIME, create, host_can, in_a_process, play, prepare, run, start, until, with_jail,
};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid};
use rdgrade::jail::sys::{Fork, exit_now, fork, pidfd_open};
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// Every `rdgrade/PID-…` of the process `pid`, in every hierarchy.
fn groups_of(pid: Pid) -> BTreeSet<PathBuf> {
    let tops = fs::read_dir("/sys/fs/cgroup")
        .unwrap()
        .flatten()
        .map(|entry| entry.path());
    let ours = tops
        .chain([PathBuf::from("/sys/fs/cgroup")])
        .filter_map(|top| fs::read_dir(top.join("rdgrade")).ok());
    let of_pid = |path: &Path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(&format!("{pid}-")))
    };
    ours.flat_map(|ours| ours.flatten().map(|entry| entry.path()))
        .filter(|path| of_pid(path))
        .collect()
}

#[test]
fn a_jail_takes_its_groups_along() {
    if !host_can() {
        return;
    }
    with_jail(|_, jail| {
        let left = || {
            groups_of(getpid())
                .into_iter()
                .flat_map(|run| subgroups(&run))
                .collect::<Vec<_>>()
        };
        assert!(!left().is_empty());
        play(jail, |scene| {
            // Groups within groups, one of them occupied by a daemon, almost as deep as a path can be.
            let said = run(
                scene,
                "cd /sys/fs/cgroup; [ -d memory ] && cd memory; mkdir a; cd a; (echo 0 > cgroup.procs; setsid sleep 1000 >/dev/null 2>&1 &)
                 depth=0; while [ $depth -lt 100 ] && mkdir a-long-name-for-a-group-in-a-group 2>/dev/null; do
                 cd ./a-long-name-for-a-group-in-a-group; depth=$((depth + 1)); done; echo $depth",
            );
            assert!(said.trim().parse::<u32>().unwrap() >= 5, "{said}");
            assert!(left().iter().any(|group| !subgroups(group).is_empty()));
        });
        assert_eq!(left(), Vec::<PathBuf>::new());
    });
    assert_eq!(groups_of(getpid()), BTreeSet::new());
}

fn subgroups(group: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(group).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

/// A process that has prepared ground, with a jail in which something runs.
struct Main {
    pid: Pid,
    init: Pid,
}

fn start_main() -> Main {
    let (reader, writer) = nix::unistd::pipe().unwrap();
    match fork().unwrap() {
        Fork::Child => {
            drop(reader);
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).unwrap();
            let images = tempfile::tempdir().unwrap();
            let ground = prepare(images.path());
            play(create(&ground), |scene| {
                let init = scene.jail.init;
                let index = start(
                    scene,
                    "mkdir -p /sys/fs/cgroup/*/x/y; echo there; sleep 1000",
                    &[],
                );
                until(scene, |scene| scene.programs[index].output.seen() > 0);
                fs::File::from(writer)
                    .write_all(init.to_string().as_bytes())
                    .unwrap();
                fs::remove_dir(images.path()).unwrap();
                until(scene, |_| false);
            });
            exit_now(1)
        }
        Fork::Parent(pid) => {
            drop(writer);
            let mut said = String::new();
            fs::File::from(reader).read_to_string(&mut said).unwrap();
            Main {
                pid,
                init: Pid::from_raw(said.parse().unwrap()),
            }
        }
    }
}

impl Main {
    /// As a user, or the kernel short of memory, ends it: without a word.
    fn end(&self) {
        let init = pidfd_open(self.init).unwrap();
        kill(self.pid, Signal::SIGKILL).unwrap();
        nix::sys::wait::waitpid(self.pid, None).unwrap();
        let mut ended = [PollFd::new(init.as_fd(), PollFlags::POLLIN)];
        assert_eq!(
            poll(&mut ended, PollTimeout::from(20_000u16)),
            Ok(1),
            "the jail outlived rdgrade"
        );
    }
}

#[test]
fn what_a_killed_rdgrade_left_is_swept_and_its_neighbour_is_not() {
    if !host_can() {
        return;
    }
    let _turn = ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    in_a_process(|| {
        let (killed, neighbour) = (start_main(), start_main());
        killed.end();
        assert!(!groups_of(killed.pid).is_empty());
        let kept = groups_of(neighbour.pid);
        assert!(!kept.is_empty());

        let sweeper = start_main();
        assert_eq!(groups_of(killed.pid), BTreeSet::new());
        assert_eq!(groups_of(neighbour.pid), kept);
        assert!(
            kept.iter().all(|run| !subgroups(run).is_empty()),
            "a running jail lost its groups"
        );

        sweeper.end();
        neighbour.end();
        in_a_process(|| drop(prepare(tempfile::tempdir().unwrap().path())));
        assert_eq!(groups_of(neighbour.pid), BTreeSet::new());
    });
}

#[test]
fn without_a_hierarchy_the_jail_works_and_says_why_it_has_no_groups() {
    use nix::mount::{MntFlags, MsFlags, mount, umount2};
    use nix::sched::{CloneFlags, unshare};
    if !host_can() {
        return;
    }
    let _turn = ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    in_a_process(|| {
        unshare(CloneFlags::CLONE_NEWNS).unwrap();
        let none: Option<&str> = None;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).unwrap();
        while umount2("/sys/fs/cgroup", MntFlags::MNT_DETACH).is_ok() {}
        let images = tempfile::tempdir().unwrap();
        let ground = prepare(images.path());
        assert!(
            ground
                .groups
                .as_ref()
                .is_err_and(|why| why.contains("controller is mounted"))
        );
        play(create(&ground), |scene| {
            assert_eq!(run(scene, "ls /sys/fs/cgroup; echo works"), "works\n")
        });
    });
}
