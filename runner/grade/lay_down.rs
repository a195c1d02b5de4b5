//! Laying the submission down where jails will find it: a copy, readable for a root that is nobody outside.

use crate::submission::{CopyEntry, CopyKind};
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, lchown, symlink};
use std::path::Path;

/// Copies `entries` below `home`, all owned by `owner` (uid and gid).
///
/// # Errors
/// The path that could not be copied, and why.
pub fn lay_down(entries: &[CopyEntry], home: &Path, owner: (u32, u32)) -> Result<(), String> {
    for entry in entries {
        let to = home.join(&entry.to);
        let made = make(entry, &to).and_then(|()| lchown(&to, Some(owner.0), Some(owner.1)));
        made.map_err(|error| {
            format!(
                "failed to copy {} into the jail: {error}",
                entry.from.display()
            )
        })?;
    }
    Ok(())
}

fn make(entry: &CopyEntry, to: &Path) -> io::Result<()> {
    match &entry.kind {
        CopyKind::Directory if to.is_dir() => Ok(()),
        CopyKind::Directory => {
            fs::create_dir(to)?;
            fs::set_permissions(to, Permissions::from_mode(0o755))
        }
        CopyKind::Text { text, mode } => {
            fs::write(to, text)?;
            fs::set_permissions(to, Permissions::from_mode(*mode))
        }
        CopyKind::Link(target) => symlink(target, to),
        CopyKind::File { mode, .. } => {
            let mut from = crate::submission::open(&entry.from)?;
            let mut file = File::create(to)?;
            io::copy(&mut from, &mut file)?;
            file.set_permissions(Permissions::from_mode(*mode))
        }
    }
}
