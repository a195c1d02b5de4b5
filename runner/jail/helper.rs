//! Files rdgrade brings along into every jail.

use super::error::{JailError, While};
use super::ground::{READ_ONLY, clone_tree};
use super::plan::GroundPlan;
use super::sys;
use super::tree::{Site, tmpfs};
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

/// Where in a jail rdgrade's own helpers lie.
pub const HELPERS: &str = "rdgrade";

/// A file rdgrade brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helper {
    /// Path below `/rdgrade`.
    pub path: String,
    /// What it holds.
    pub content: HelperContent,
}

/// What a [`Helper`] holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelperContent {
    /// These bytes.
    Text(&'static str),
    /// A file of the host, shown as it is.
    File(PathBuf),
}

/// A helper whose host file, if it is one, has been cloned.
pub(super) struct StagedHelper {
    path: String,
    text: Option<&'static str>,
    file: Option<OwnedFd>,
}

/// Clones them.
pub(super) fn clone_helper_files(plan: &GroundPlan) -> Result<Vec<StagedHelper>, JailError> {
    let mut staged = Vec::new();
    for helper in &plan.helpers {
        let (text, file) = match &helper.content {
            HelperContent::Text(text) => (Some(*text), None),
            HelperContent::File(path) => (None, Some(clone_tree(path)?)),
        };
        staged.push(StagedHelper {
            path: helper.path.clone(),
            text,
            file,
        });
    }
    Ok(staged)
}

pub(super) fn stage_helpers(site: &Site, helpers: Vec<StagedHelper>) -> Result<(), JailError> {
    let mount = tmpfs(site.ids, 1 << 20, 1 << 10, c"0755")?;
    site.directory(HELPERS, 0o755)?;
    site.attach(&mount, HELPERS)?;
    let inner = Site::new(mount.as_fd(), site.ids);
    for helper in helpers {
        if let Some((parent, _)) = helper.path.rsplit_once('/') {
            inner.directories(parent, 0o755)?;
        }
        inner.empty_file(&helper.path)?;
        if let Some(text) = helper.text {
            write(&inner, &helper.path, text.as_bytes())?;
        }
        if let Some(clone) = &helper.file {
            inner.attach(clone, &helper.path)?;
        }
    }
    sys::set_mount_attributes(mount.as_fd(), READ_ONLY, 0)
        .while_trying(|| "make the helpers read-only")
}

fn write(site: &Site, path: &str, bytes: &[u8]) -> Result<(), JailError> {
    let doing = || format!("write {path}");
    let file = nix::fcntl::openat(
        site.at,
        path,
        OFlag::O_WRONLY | OFlag::O_CLOEXEC,
        Mode::empty(),
    );
    let mut file = fs::File::from(file.while_trying(doing)?);
    std::io::Write::write_all(&mut file, bytes).while_trying(doing)
}
