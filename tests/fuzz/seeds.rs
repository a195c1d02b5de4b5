//! Files of the repository that inputs are made of.

use std::path::{Path, PathBuf};

/// The repository.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files in `directory` of the repository, by name, in order.
pub(crate) fn files(directory: &str) -> Vec<(String, Vec<u8>)> {
    let directory = project().join(directory);
    let Ok(entries) = std::fs::read_dir(&directory) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some((name, std::fs::read(entry.path()).ok()?))
        })
        .collect();
    files.sort();
    files
}

/// Inputs of a target that once did harm or were hard to find, by name.
pub fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    files(&format!("tests/fuzz/inputs/{target}"))
}
