//! Process 1 of a jail: finishes its world from inside, starts programs, reaps everything.
//!
//! It is a fork of rdgrade that never executes anything: an executed init could be read and traced from inside, this one
//! cannot (ptrace(2), "dumpable"). It ends with rdgrade: by PDEATHSIG, and by the end of file on its wire.

use super::JailNamespaces;
use super::capability;
use super::cgroup::{self, Doors, Shown};
use super::filter;
use super::ids::IdRange;
use super::mechanism::Mechanism;
use super::posture::{self, Posture, Promise};
use super::rlimits::{self, Rlimit};
use super::spawn;
use super::sys;
use super::window::Window;
use super::wire::{FromInit, ToInit, Wire};
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, open};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::stat::Mode;
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::{Gid, Pid, Uid, chdir, pivot_root, setgroups, sethostname, setresgid, setresuid};
use std::collections::HashMap;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;

/// Where the wire is after every other descriptor has been closed.
const WIRE: i32 = 3;

/// What init has to know, copied by the clone.
pub(super) struct Birth<'a> {
    /// Where the world is attached, in the mount namespace init has a copy of.
    pub root: &'a Path,
    /// The jail's ids.
    pub ids: IdRange,
    /// The ways into its groups.
    pub doors: &'a Doors<'a>,
    /// The hierarchies of groups to show.
    pub groups: &'a [Shown],
    /// What each of its processes may use.
    pub rlimits: Vec<Rlimit>,
    /// Whether it has to try if all is as promised.
    pub posture: Posture,
    /// Directories that are the host's.
    pub locked: Vec<String>,
}

/// Lives init's life; never returns.
pub(super) fn live(birth: &Birth, wire: OwnedFd) -> ! {
    // First of all, so that whatever it uses is counted; the ways in are closed with the rest of rdgrade's descriptors.
    let entered = birth.doors.enter();
    let Some(wire) = keep_only_the_wire(wire) else {
        sys::exit_now(1)
    };
    let wire = Wire::from_descriptor(wire);
    let built = entered
        .during("enter the jail's groups")
        .and_then(|()| build(&wire, birth));
    match built {
        Ok(terminals) => serve(&wire, &terminals),
        Err((doing, errno)) => {
            let _ = wire.send(
                &FromInit::Failed {
                    doing: doing.to_owned(),
                    errno: errno as i32,
                },
                &[],
            );
        }
    }
    sys::exit_now(1)
}

/// Closes whatever rdgrade had open: nothing of it may be found under `/proc/1/fd`.
fn keep_only_the_wire(wire: OwnedFd) -> Option<OwnedFd> {
    use std::os::fd::IntoRawFd;
    let wire = if wire.as_raw_fd() == WIRE {
        wire
    } else {
        let copy = sys::duplicate_onto(wire.as_fd(), WIRE).ok()?;
        // Closed below, by number.
        let _ = wire.into_raw_fd();
        copy
    };
    if Mechanism::ClosedDescriptors.is_on() {
        sys::close_from(WIRE + 1).ok()?;
    }
    no_streams().ok()?;
    Some(wire)
}

/// Standard streams that lead nowhere. Programs get their empty standard input from here: `/dev/null` may be anything by the
/// time they are started.
fn no_streams() -> nix::Result<()> {
    let null = open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty())?;
    (0..3).try_for_each(|stream| sys::replace_stream(null.as_fd(), stream))
}

type Step<T> = Result<T, (&'static str, Errno)>;

trait During<T> {
    fn during(self, doing: &'static str) -> Step<T>;
}

impl<T> During<T> for nix::Result<T> {
    fn during(self, doing: &'static str) -> Step<T> {
        self.map_err(|errno| (doing, errno))
    }
}

fn build(wire: &Wire, birth: &Birth) -> Step<OwnedFd> {
    match wire.receive::<ToInit>() {
        Ok(Some((ToInit::Go, _))) => {}
        // rdgrade is gone, or gave up.
        _ => sys::exit_now(1),
    }
    let (uid, gid) = (Uid::from_raw(0), Gid::from_raw(0));
    if birth.ids.has_many() {
        // As a login on the workshop's machine has them, so that a submission can be seen to drop them.
        setgroups(&[gid, Gid::from_raw(4), Gid::from_raw(24)]).during("set the jail's groups")?;
    }
    setresgid(gid, gid, gid).during("become group 0 of the jail")?;
    setresuid(uid, uid, uid).during("become user 0 of the jail")?;
    // Changing ids clears it (prctl(2)), so it comes last. It cannot be missed: the wire's end of file says the same.
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).during("ask to die with rdgrade")?;
    // Said both ways: changing ids has made it unreadable already.
    nix::sys::prctl::set_dumpable(!Mechanism::UnreadableInit.is_on())
        .during("become unreadable")?;

    // Now that we are in the jail's groups: they become the root of all that is seen of groups inside.
    if Mechanism::CgroupNamespace.is_on() {
        unshare(CloneFlags::CLONE_NEWCGROUP).during("make a cgroup namespace")?;
    }
    let terminals = enter(birth.root, birth.groups, wire)?;
    // Those of the host's /dev are let go of, like everything of the host's.
    no_streams().during("open the jail's /dev/null")?;
    let _ = sethostname("workshop");
    // Whatever is started from now on inherits them, and has no power to raise them (setrlimit(2)).
    rlimits::set(&birth.rlimits).during("set the limits of processes")?;
    if Mechanism::BoundedCapabilities.is_on() {
        capability::drop_unneeded().during("bound the capabilities")?;
    }
    // Programs inherit what is ignored: nothing is, whatever was ignored where rdgrade was started. Process 1 needs no handlers:
    // it gets no signal that it does not handle (pid_namespaces(7)).
    sys::clear_signal_handling().during("reset the dispositions of signals")?;
    let signals = SigSet::from(Signal::SIGCHLD);
    signals.thread_block().during("block SIGCHLD")?;
    let listener = sys::install_filter(&filter::program()).during("install the seccomp filter")?;
    let path = |path: &str| open(path, OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty());
    let namespace = |name: &str| open(name, OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty());
    let root = path("/").during("open the jail's root")?;
    let containers = path("/workshop/containers").during("open the containers directory")?;
    let mut descriptors = vec![listener, root, containers];
    for name in JailNamespaces::NAMES {
        descriptors.push(
            namespace(&format!("/proc/self/ns/{name}")).during("open the jail's namespaces")?,
        );
    }
    let unmet = match birth.posture {
        Posture::Tested => Vec::new(),
        Posture::Unknown => {
            let known = descriptors.iter().chain([&terminals]);
            let known: Vec<_> = known.map(AsRawFd::as_raw_fd).chain(0..=WIRE).collect();
            posture::unmet(&Promise {
                ids: birth.ids,
                locked: &birth.locked,
                rlimits: &birth.rlimits,
                descriptors: &known,
            })
        }
    };
    let descriptors: Vec<_> = descriptors.iter().map(AsFd::as_fd).collect();
    wire.send(&FromInit::Ready { unmet }, &descriptors)
        .map_err(|_| ("report to rdgrade", Errno::EPIPE))?;
    Ok(terminals)
}

/// Makes the assembled world the root, with proc, sysfs and devpts of the jail's own. Returns the devpts' root.
fn enter(root: &Path, groups: &[Shown], wire: &Wire) -> Step<OwnedFd> {
    let none: Option<&str> = None;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(none, "/", none, private, none).during("make the jail's mounts private")?;
    // The world came into this namespace locked to its parent and could not be pivoted to; a clone of it can.
    let name = std::ffi::CString::new(root.as_os_str().as_encoded_bytes())
        .map_err(|_| ("name the root", Errno::EINVAL))?;
    let world = sys::open_tree(AT_FDCWD, &name, sys::CLONE | sys::RECURSIVE)
        .during("clone the jail's world")?;
    sys::attach(world.as_fd(), AT_FDCWD, &name).during("attach the jail's world")?;
    chdir(root).during("enter the jail's world")?;

    // Before the old root goes: the kernel allows a new proc or sysfs only where one is fully visible
    // (mount_too_revealing in fs/namespace.c).
    let quiet = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let proc = mount(Some("proc"), "proc", Some("proc"), quiet, none);
    or_have_it_mounted(proc, Window::Proc, wire).during("mount a proc of the jail's own")?;
    let sysfs = mount(Some("sysfs"), "sys", Some("sysfs"), quiet, none);
    or_have_it_mounted(sysfs, Window::Sysfs, wire).during("mount a sysfs of the jail's own")?;
    // Whose namespace is the host's may not mount them.
    if Mechanism::CgroupNamespace.is_on() {
        cgroup::mount_all(groups).during("mount the jail's groups")?;
    }
    let terminals = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    mount(
        Some("devpts"),
        "dev/pts",
        Some("devpts"),
        terminals,
        Some("newinstance,ptmxmode=0666,mode=0620"),
    )
    .during("mount a devpts of the jail's own")?;
    let terminals = open(
        "dev/pts",
        OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC,
        Mode::empty(),
    )
    .during("open the jail's devpts")?;

    pivot_root(".", ".").during("pivot into the jail")?;
    if Mechanism::DetachedRoot.is_on() {
        umount2(".", MntFlags::MNT_DETACH).during("let go of the host's root")?;
    }
    chdir("/").during("enter the jail's root")?;
    // As systemd makes it on a real machine: what is mounted in one copy appears in the other.
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_SHARED, none)
        .during("share the jail's mounts")?;
    Ok(terminals)
}

/// Asks rdgrade for what the kernel has refused, as it does where the host's own is masked.
fn or_have_it_mounted(mounted: nix::Result<()>, kind: Window, wire: &Wire) -> nix::Result<()> {
    let Err(Errno::EPERM) = mounted else {
        return mounted;
    };
    let open = |name: &str| {
        open(
            format!("/proc/self/ns/{name}").as_str(),
            OFlag::O_RDONLY | OFlag::O_CLOEXEC,
            Mode::empty(),
        )
    };
    let namespaces = [open("pid")?, open("net")?, open("mnt")?];
    wire.send(
        &FromInit::Masked { kind },
        &namespaces.each_ref().map(AsFd::as_fd),
    )
    .map_err(|_| Errno::EPIPE)?;
    match wire.receive::<ToInit>() {
        Ok(Some((ToInit::Go, _))) => Ok(()),
        _ => Err(Errno::EPERM),
    }
}

fn serve(wire: &Wire, terminals: &OwnedFd) {
    let signals = SigSet::from(Signal::SIGCHLD);
    let Ok(signals) =
        SignalFd::with_flags(&signals, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
    else {
        return;
    };
    let mut started: HashMap<Pid, Option<OwnedFd>> = HashMap::new();
    loop {
        let mut ready = [
            PollFd::new(wire.as_fd(), PollFlags::POLLIN),
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut ready, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return,
        }
        let (message, child) = (ready[0].any() == Some(true), ready[1].any() == Some(true));
        if child {
            while matches!(signals.read_signal(), Ok(Some(_))) {}
            reap(wire, &mut started);
        }
        if message {
            match wire.receive::<ToInit>() {
                Ok(Some((ToInit::Spawn(program), _))) => match spawn::spawn(&program, terminals) {
                    Ok(spawned) => {
                        started.insert(spawned.pid, spawned.terminal);
                        let message = FromInit::Spawned {
                            pid: spawned.pid.as_raw(),
                        };
                        let _ =
                            wire.send(&message, &[spawned.pidfd.as_fd(), spawned.stream.as_fd()]);
                        // It may have ended before it was known to have started.
                        reap(wire, &mut started);
                    }
                    Err((doing, errno)) => {
                        let _ = wire.send(
                            &FromInit::Failed {
                                doing,
                                errno: errno as i32,
                            },
                            &[],
                        );
                    }
                },
                Ok(Some((ToInit::Go, _))) => {}
                Ok(None) | Err(_) => return,
            }
        }
    }
}

/// Collects every dead child: those we started are reported, those we inherited are only buried.
fn reap(wire: &Wire, started: &mut HashMap<Pid, Option<OwnedFd>>) {
    use nix::sys::wait::WaitStatus;
    while let Ok(status) = waitid(Id::All, WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG) {
        let (pid, raw) = match status {
            WaitStatus::Exited(pid, code) => (pid, (code & 0xff) << 8),
            WaitStatus::Signaled(pid, signal, _) => (pid, signal as i32),
            _ => return,
        };
        if started.remove(&pid).is_some() {
            let _ = wire.send(
                &FromInit::Exited {
                    pid: pid.as_raw(),
                    status: raw,
                },
                &[],
            );
        }
    }
}
