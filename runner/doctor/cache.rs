//! The image cache: where it is, whether it can be written, and how much room there is.

use super::{lacks, works};
use crate::image::{ImageOption, ImageStore};
use checks::doctor::{Finding, Gap};

/// What an image and the archives made of it take, in bytes.
const NEEDED: u64 = 30 << 20;

/// Opens the cache and writes to it.
pub fn images(images: &[ImageOption]) -> Finding {
    let (id, title) = ("image-cache", "image cache");
    let tried = || -> Result<(String, u64), String> {
        let store = ImageStore::open(images).map_err(|error| error.to_string())?;
        let root = store.root();
        let refused = |error: &dyn std::fmt::Display| {
            format!(
                "cannot write to {}: {error}; set XDG_CACHE_HOME to a directory you can write to",
                root.display()
            )
        };
        tempfile::tempfile_in(root).map_err(|error| refused(&error))?;
        let room = nix::sys::statvfs::statvfs(root).map_err(|error| refused(&error))?;
        let free = room.blocks_available() as u64 * room.fragment_size() as u64;
        Ok((root.display().to_string(), free))
    };
    match tried() {
        Ok((root, free)) if free < NEEDED => lacks(
            id,
            title,
            &format!(
                "{root} has {} MB left, and an image takes about {}; free some space there, or set XDG_CACHE_HOME to a directory on another disk",
                free >> 20,
                NEEDED >> 20
            ),
            Gap::Everything,
        ),
        Ok((root, free)) => works(id, title, format!("{root}, {} MB free", free >> 20)),
        Err(why) => lacks(id, title, &why, Gap::Everything),
    }
}
