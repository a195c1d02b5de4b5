//! Unpacks an image, with few system calls: the directory of a member is opened once, a file is created with the mode
//! it is to have, and ownership is set only where it differs from ours.

use anyhow::{Context, bail};
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, OpenHow, ResolveFlag, openat, openat2};
use nix::sys::stat::{FchmodatFlags, Mode, fchmod, fchmodat, mkdirat, umask};
use nix::unistd::{Gid, Uid, UnlinkatFlags, fchown, fchownat, linkat, symlinkat, unlinkat};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};
use tar::{Archive, Entry, EntryType};

/// Unpacks `image` into the directory `rootfs`. Device members are left out: devices come with the mounts, and a
/// container has no business making the host's.
pub fn unpack(image: &Path, rootfs: &Path) -> anyhow::Result<()> {
    let tar =
        File::open(image).with_context(|| format!("failed to open image {}", image.display()))?;
    // The modes in the archive are meant as they are.
    let before = umask(Mode::empty());
    let unpacked = Unpacking::into(rootfs).and_then(|mut unpacking| unpacking.all(tar));
    umask(before);
    unpacked.with_context(|| format!("failed to unpack {}", image.display()))
}

struct Unpacking {
    root: OwnedFd,
    /// Who creates the files.
    ours: (Uid, Gid),
    /// Directories below the root, open.
    directories: HashMap<PathBuf, OwnedFd>,
    buffer: Vec<u8>,
}

impl Unpacking {
    fn into(rootfs: &Path) -> anyhow::Result<Self> {
        let root = nix::fcntl::open(rootfs, OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?;
        Ok(Self {
            root,
            ours: (nix::unistd::geteuid(), nix::unistd::getegid()),
            directories: HashMap::new(),
            buffer: Vec::new(),
        })
    }

    fn all(&mut self, tar: File) -> anyhow::Result<()> {
        let mut archive = Archive::new(tar);
        for entry in archive.entries()? {
            let mut entry = entry?;
            let path = entry.path()?.into_owned();
            self.member(&mut entry, &path)
                .with_context(|| format!("member {}", path.display()))?;
        }
        Ok(())
    }

    fn member(&mut self, entry: &mut Entry<'_, impl Read>, path: &Path) -> anyhow::Result<()> {
        let path = below_root(path)?;
        let kind = entry.header().entry_type();
        let mode = Mode::from_bits_truncate(entry.header().mode()? & 0o7777);
        let Some(name) = path.file_name().map(OsString::from) else {
            fchmod(&self.root, mode)?;
            return Ok(());
        };
        let parent = path.parent().unwrap_or(Path::new("")).to_owned();
        let owner = Owner::of(entry, self.ours)?;
        match kind {
            EntryType::Directory => {
                let directory = self.directory(&parent)?;
                match mkdirat(directory, name.as_os_str(), mode) {
                    // It was made for a member below it; or it is a link to a directory, and stays one.
                    Err(Errno::EEXIST) => {
                        let _ = fchmodat(
                            directory,
                            name.as_os_str(),
                            mode,
                            FchmodatFlags::NoFollowSymlink,
                        );
                    }
                    made => made?,
                }
                owner.give(directory, &name)?;
            }
            EntryType::Symlink => {
                let target = entry
                    .link_name()?
                    .context("a link without a target")?
                    .into_owned();
                let directory = self.directory(&parent)?;
                replacing(directory, &name, || {
                    symlinkat(&target, directory, name.as_os_str())
                })?;
                owner.give(directory, &name)?;
            }
            EntryType::Link => {
                let target = below_root(&entry.link_name()?.context("a link without a target")?)?;
                let target_name = target
                    .file_name()
                    .context("a hard link to the root")?
                    .to_owned();
                let target_parent = target.parent().unwrap_or(Path::new("")).to_owned();
                self.directory(&target_parent)?;
                self.directory(&parent)?;
                let (from, to) = (self.opened(&target_parent), self.opened(&parent));
                let link = || {
                    linkat(
                        from,
                        target_name.as_os_str(),
                        to,
                        name.as_os_str(),
                        AtFlags::empty(),
                    )
                };
                replacing(to, &name, link)?;
            }
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                self.buffer.clear();
                // One read for the whole file; what a header claims is believed up to here only.
                self.buffer
                    .reserve(usize::try_from(entry.size()).unwrap_or(0).min(16 << 20));
                entry.read_to_end(&mut self.buffer)?;
                let directory = self.directory(&parent)?;
                let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_CLOEXEC;
                let file = replacing(directory, &name, || {
                    openat(directory, name.as_os_str(), flags, mode)
                })?;
                let mut file = File::from(file);
                file.write_all(&self.buffer)?;
                if owner.give_open(&file)? == Given::Anew {
                    // chown(2) takes set-uid bits away.
                    fchmod(&file, mode)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The directory `path` of the new root, made if no member made it. Links on the way are followed as if the
    /// new root were `/` already, so that no archive can lead us out of it.
    fn directory(&mut self, path: &Path) -> anyhow::Result<&OwnedFd> {
        if path.as_os_str().is_empty() {
            return Ok(&self.root);
        }
        if !self.directories.contains_key(path) {
            let open = |path: &Path| {
                let flags = OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
                openat2(
                    &self.root,
                    path,
                    OpenHow::new()
                        .flags(flags)
                        .resolve(ResolveFlag::RESOLVE_IN_ROOT),
                )
            };
            let opened = match open(path) {
                Err(Errno::ENOENT) => {
                    let name = path
                        .file_name()
                        .map(OsString::from)
                        .context("no such directory")?;
                    let above = self.directory(path.parent().unwrap_or(Path::new("")))?;
                    mkdirat(above, name.as_os_str(), Mode::from_bits_truncate(0o755))?;
                    let flags = OFlag::O_DIRECTORY | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
                    openat(above, name.as_os_str(), flags, Mode::empty())?
                }
                opened => opened?,
            };
            self.directories.insert(path.to_owned(), opened);
        }
        Ok(self.opened(path))
    }

    /// One that `directory` has opened before.
    fn opened(&self, path: &Path) -> &OwnedFd {
        self.directories.get(path).unwrap_or(&self.root)
    }
}

/// A member's path relative to the root: `/` and `./` at its beginning mean nothing there.
fn below_root(path: &Path) -> anyhow::Result<PathBuf> {
    let mut below = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => below.push(name),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => {
                bail!("a path with `..` could leave the new root")
            }
        }
    }
    Ok(below)
}

/// Does `make`; if something has the name already, once more after removing that: the later member wins.
fn replacing<T>(
    directory: &OwnedFd,
    name: &OsString,
    make: impl Fn() -> nix::Result<T>,
) -> nix::Result<T> {
    match make() {
        Err(Errno::EEXIST) => {
            let name = name.as_os_str();
            match unlinkat(directory, name, UnlinkatFlags::NoRemoveDir) {
                Err(Errno::EISDIR) => unlinkat(directory, name, UnlinkatFlags::RemoveDir)?,
                removed => removed?,
            }
            make()
        }
        made => made,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    AsItWas,
    Anew,
}

/// Who a member belongs to; `None` where that is who we are.
struct Owner(Option<(Uid, Gid)>);

impl Owner {
    fn of(entry: &Entry<'_, impl Read>, ours: (Uid, Gid)) -> anyhow::Result<Self> {
        let id = |id: u64| u32::try_from(id).context("an owner beyond 32 bits");
        let owner = (
            Uid::from_raw(id(entry.header().uid()?)?),
            Gid::from_raw(id(entry.header().gid()?)?),
        );
        Ok(Self((owner != ours).then_some(owner)))
    }

    fn give(&self, directory: &OwnedFd, name: &OsString) -> nix::Result<()> {
        let Some((uid, gid)) = self.0 else {
            return Ok(());
        };
        tolerated(fchownat(
            directory,
            name.as_os_str(),
            Some(uid),
            Some(gid),
            AtFlags::AT_SYMLINK_NOFOLLOW,
        ))
        .map(drop)
    }

    fn give_open(&self, file: &File) -> nix::Result<Given> {
        let Some((uid, gid)) = self.0 else {
            return Ok(Given::AsItWas);
        };
        tolerated(fchown(file, Some(uid), Some(gid)))
    }
}

/// Without root, or in a user namespace that lacks the id (EINVAL), files stay ours, as with tar(1).
fn tolerated(chown: nix::Result<()>) -> nix::Result<Given> {
    match chown {
        Ok(()) => Ok(Given::Anew),
        Err(Errno::EPERM | Errno::EINVAL) => Ok(Given::AsItWas),
        Err(errno) => Err(errno),
    }
}
