//! The walls of a jail, one by one.

use super::{absent, lacks, works};
use crate::jail::{self, JailError, Power, While, Window, done_in_child, in_child, sys};
use checks::doctor::{Finding, Gap};
use checks::level::Ability;
use nix::fcntl::AT_FDCWD;
use nix::mount::{MsFlags, mount};
use nix::sched::CloneFlags;
use nix::sys::stat::Mode;
use nix::unistd::{chdir, mkdir};
use serde::{Serialize, de::DeserializeOwned};
use std::os::fd::AsFd;

/// A user namespace, in which this process is root.
pub fn user_namespace() -> Finding {
    let (id, title) = ("user-namespace", "user namespaces");
    match tried(|| jail::become_root_of(CloneFlags::CLONE_NEWNS)) {
        Ok(()) => works(id, title, "can be made, with root inside"),
        Err(why) => lacks(id, title, &why, Gap::Everything),
    }
}

/// A proc or sysfs of one's own.
pub fn fresh(window: Window, power: Power) -> Finding {
    let (id, title) = match window {
        Window::Proc => ("fresh-proc", "fresh proc mounts"),
        Window::Sysfs => ("fresh-sysfs", "fresh sysfs mounts"),
    };
    let remedy = "run rdgrade as root, or where /proc and /sys are neither masked nor read-only";
    let mounted = tried(|| {
        let shown = CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNET;
        jail::become_root_of(CloneFlags::CLONE_NEWNS | shown)?;
        // Only children are in the new pid namespace.
        done_in_child(|| sys::make_mount(window.kind(), &[], 0).map(drop))
            .while_trying(|| {
                format!(
                    "mount a {} in a user namespace",
                    window.kind().to_string_lossy()
                )
            })
            .map_err(|error| with_remedy(error, remedy))
    });
    match (mounted, power) {
        (Ok(()), _) => works(id, title, "can be mounted in a user namespace"),
        (Err(_), Power::Root) => works(
            id,
            title,
            "are refused to a user namespace, as where the host's own are masked; rdgrade mounts them as root",
        ),
        (Err(why), Power::User) => lacks(id, title, &why, Gap::Everything),
    }
}

/// The hinge: held system calls.
pub fn notification() -> Finding {
    let (id, title) = ("seccomp-notify", "seccomp notification");
    let remedy = "use Linux 5.12 or newer with CONFIG_SECCOMP_FILTER, outside of a container that filters seccomp(2)";
    let held = tried(|| {
        nix::sys::prctl::set_no_new_privs().while_trying(|| "give up new privileges")?;
        sys::install_filter(&jail::filter_program())
            .map(drop)
            .while_trying(|| "install a filter with a listener (seccomp(2))")
            .map_err(|error| with_remedy(error, remedy))
    });
    match held {
        Ok(()) => works(id, title, "a filter with a listener can be installed"),
        Err(why) => lacks(id, title, &why, Gap::Everything),
    }
}

/// Landlock, for what it adds on top.
pub fn landlock() -> Finding {
    let (id, title) = ("landlock", "Landlock");
    match sys::landlock_abi() {
        Ok(version) => works(id, title, format!("ABI {version}")),
        Err(errno) => absent(
            id,
            title,
            format!("not there ({errno:?}); namespaces and seccomp hold without it"),
        ),
    }
}

/// Overlays in a user namespace.
pub fn overlay() -> Finding {
    let (id, title) = ("overlay", "overlay mounts");
    match super::ability::overlay() {
        None => works(id, title, "can be mounted in a user namespace (userxattr)"),
        Some(why) => lacks(id, title, &why, Gap::Abilities(vec![Ability::Overlay])),
    }
}

/// Mounts one as a jail's would be: on tmpfs, with `userxattr`, by the root of a user namespace.
///
/// # Errors
/// Why not, and after a semicolon what to do.
pub(super) fn try_overlay() -> Result<(), String> {
    let remedy = "use Linux 5.11 or newer, and load the module: modprobe overlay";
    tried(|| {
        jail::become_root_of(CloneFlags::CLONE_NEWNS)?;
        overlay_on_tmpfs()
            .while_trying(|| "mount an overlay in a user namespace")
            .map_err(|error| with_remedy(error, remedy))
    })
}

fn overlay_on_tmpfs() -> nix::Result<()> {
    let layers = sys::make_mount(c"tmpfs", &[(c"size", Some(c"64k"))], 0)?;
    // Whatever is there is covered in this child's own namespace only.
    sys::attach(layers.as_fd(), AT_FDCWD, c"/proc")?;
    chdir("/proc")?;
    for name in ["lower", "upper", "work", "merged"] {
        mkdir(name, Mode::from_bits_truncate(0o755))?;
    }
    let data = "lowerdir=lower,upperdir=upper,workdir=work,userxattr";
    mount(
        Some("overlay"),
        "merged",
        Some("overlay"),
        MsFlags::empty(),
        Some(data),
    )?;
    // What the workshop's fourth level does first.
    mkdir("merged/made", Mode::from_bits_truncate(0o755))
}

/// Tries something in a child.
///
/// # Errors
/// Why it does not work, and after a semicolon what to do.
pub(super) fn tried<T: Serialize + DeserializeOwned>(
    act: impl FnOnce() -> Result<T, JailError>,
) -> Result<T, String> {
    let told_with = |error: JailError| format!("{error}; {}", error.remedy);
    let told = in_child(|| serde_json::to_vec(&act().map_err(told_with)).unwrap_or_default());
    let told = told.map_err(|errno| told_with(JailError::new("fork", errno)))?;
    // Of a child that was killed there is nothing.
    let killed = || "the process that tried was killed; see the kernel's log: dmesg".to_owned();
    serde_json::from_slice(&told).unwrap_or_else(|_| Err(killed()))
}

fn with_remedy(error: JailError, remedy: &str) -> JailError {
    JailError {
        remedy: remedy.to_owned(),
        ..error
    }
}
