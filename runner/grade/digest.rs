//! Digests of what a result depends on. Equal digests mean: grading it again would tell nothing new.

use super::task::mapping;
use crate::doctor::missing;
use crate::image::{ImageError, ImageStore};
use crate::jail::Power;
use crate::level::{Chosen, LoadedLevel};
use crate::submission::{CopyEntry, CopyKind};
use std::collections::BTreeSet;
use std::io;
use std::os::unix::ffi::OsStrExt;

/// Digits of a digest that are kept: 128 bits.
const DIGITS: usize = 32;

fn finish(hasher: &blake3::Hasher) -> String {
    hasher.finalize().to_hex()[..DIGITS].to_owned()
}

/// Adds a field so that no two sequences of fields are the same bytes.
fn field(hasher: &mut blake3::Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

/// Of what is copied into the jail: names, modes, contents, link targets.
///
/// # Errors
/// When a file cannot be read; its path is in the message.
fn copied(entries: &[CopyEntry]) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    for entry in entries {
        field(&mut hasher, entry.to.as_os_str().as_bytes());
        match &entry.kind {
            CopyKind::Directory => field(&mut hasher, b"directory"),
            CopyKind::Link(target) => {
                field(&mut hasher, b"link");
                field(&mut hasher, target.as_os_str().as_bytes());
            }
            CopyKind::Text { text, mode } => {
                field(&mut hasher, format!("file {mode:o}").as_bytes());
                field(&mut hasher, text.as_bytes());
            }
            CopyKind::File { mode, .. } => {
                field(&mut hasher, format!("file {mode:o}").as_bytes());
                let mut content = blake3::Hasher::new();
                let read = crate::submission::open(&entry.from)
                    .and_then(|file| content.update_reader(file).map(drop));
                read.map_err(|error| {
                    let told = format!("failed to read {}: {error}", entry.from.display());
                    io::Error::new(error.kind(), told)
                })?;
                field(&mut hasher, content.finalize().as_bytes());
            }
        }
    }
    Ok(finish(&hasher))
}

/// Of the programs of one submission: each with what a person calls it, and what is copied of it.
///
/// # Errors
/// When a file cannot be read; its path is in the message.
pub fn submission<'d>(
    programs: impl Iterator<Item = (&'d str, &'d [CopyEntry])>,
) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    for (display, entries) in programs {
        field(&mut hasher, display.as_bytes());
        field(&mut hasher, copied(entries)?.as_bytes());
    }
    Ok(finish(&hasher))
}

/// Of a level's file.
pub fn level(loaded: &LoadedLevel) -> String {
    finish(blake3::Hasher::new().update(loaded.source.as_bytes()))
}

/// Of what of this host may change a verdict: the kernel, what it cannot do here, and the images the checks want.
///
/// # Errors
/// When an image cannot be had.
pub fn host(chosen: &[Chosen], store: &ImageStore) -> Result<String, ImageError> {
    let mut hasher = blake3::Hasher::new();
    let kernel = nix::sys::utsname::uname();
    for word in kernel
        .iter()
        .flat_map(|name| [name.sysname(), name.release(), name.machine()])
    {
        field(&mut hasher, word.as_bytes());
    }
    let checks = || chosen.iter().flat_map(Chosen::checks);
    for (ability, why) in missing(Power::of_this_process(), checks()) {
        field(&mut hasher, format!("{ability:?} {why}").as_bytes());
    }
    let mappings: BTreeSet<_> = checks().map(mapping).collect();
    for mapping in mappings {
        for (name, image) in store.directory(&mapping)?.images {
            field(&mut hasher, name.as_bytes());
            field(&mut hasher, image.digest.as_bytes());
        }
    }
    Ok(finish(&hasher))
}
