//! An overlay in a user namespace cannot remove or rename what lies in its lower layer unless it is told to keep its notes in
//! `user.*` attributes (kernel doc `filesystems/overlayfs`, "userxattr"). A student on a real machine need not know.

use super::caller::Caller;
use super::mount::Wanted;
use crate::jail::{self, done_in_child};
use crate::play::scene::Scene;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, setns};

/// Mounts an overlay as asked, and that.
pub fn mounts(scene: &Scene, caller: &Caller, wanted: &Wanted) -> nix::Result<()> {
    let data = with_userxattr(&wanted.data);
    let source = if wanted.source.is_empty() {
        None
    } else {
        Some(wanted.source.as_slice())
    };
    let flags = MsFlags::from_bits_truncate(wanted.flags);
    done_in_child(|| {
        become_the_jails_root(scene, caller)?;
        mount(
            source,
            wanted.target.as_c_str(),
            Some(c"overlay"),
            flags,
            Some(data.as_slice()),
        )
    })
}

/// Stands where the caller stands, with no more power than it has: the overlay is the jail's own. Only for a forked child.
pub fn become_the_jails_root(scene: &Scene, caller: &Caller) -> nix::Result<()> {
    setns(&caller.namespace, CloneFlags::CLONE_NEWNS)?;
    caller.stand_there()?;
    setns(&scene.jail.namespaces.user, CloneFlags::CLONE_NEWUSER)?;
    jail::become_root_inside()
}

fn with_userxattr(data: &[u8]) -> Vec<u8> {
    let mut data = data.to_vec();
    if !data
        .split(|byte| *byte == b',')
        .any(|option| option == b"userxattr")
    {
        if !data.is_empty() {
            data.push(b',');
        }
        data.extend_from_slice(b"userxattr");
    }
    data
}

#[cfg(test)]
mod tests {
    use super::with_userxattr;

    #[test]
    fn userxattr_is_there_once() {
        assert_eq!(with_userxattr(b""), b"userxattr");
        assert_eq!(with_userxattr(b"lowerdir=/a"), b"lowerdir=/a,userxattr");
        assert_eq!(
            with_userxattr(b"userxattr,lowerdir=/a"),
            b"userxattr,lowerdir=/a"
        );
    }
}
