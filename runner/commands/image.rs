//! `rdgrade image`: what images there are, where they lie, and whether an archive would be taken.

use crate::image::{ImageOption, ImageStore, Limits, Mapping, survey};
use anyhow::Context;
use clap::{Args, Subcommand};
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

/// Arguments of `rdgrade image`.
#[derive(Debug, Args)]
pub struct ImageArgs {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What `rdgrade image` can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the images there are
    List,
    /// Make images now, instead of when a check first needs them
    Build {
        /// Layers, the lowest first; `ubuntu` if none is named
        layers: Vec<String>,
    },
    /// Print the directory that holds NAME.tar and NAME.tar.gz
    Path {
        /// Layers, the lowest first; `ubuntu` if none is named
        layers: Vec<String>,
    },
    /// Inspect an archive as `--image` would, and change nothing
    Verify {
        /// A tar or a gzipped tar
        file: PathBuf,
    },
}

/// Runs it and prints to stdout; `images` are the archives of `--image`.
///
/// # Errors
/// An [`crate::image::ImageError`], or stdout's.
pub fn run(args: ImageArgs, images: &[ImageOption]) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match args.verb {
        Verb::List => {
            for (name, made_of) in ImageStore::open(images)?.layers() {
                writeln!(out, "{name:<12} {made_of}")?;
            }
        }
        Verb::Build { layers } => {
            let directory = ImageStore::open(images)?.directory(&mapping(layers))?;
            for (name, image) in directory.images {
                writeln!(
                    out,
                    "{name}.tar: {} members, {} bytes, blake3 {}",
                    image.members, image.size, image.digest
                )?;
                writeln!(out, "{name}.tar.gz: {} bytes", image.packed_size)?;
            }
        }
        Verb::Path { layers } => {
            let directory = ImageStore::open(images)?.directory(&mapping(layers))?;
            writeln!(out, "{}", directory.path.display())?;
        }
        Verb::Verify { file } => {
            let archive =
                File::open(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let bytes = archive.metadata()?.len();
            let found = survey(archive, bytes, io::sink(), Limits::default())
                .map_err(|stop| stop.into_error(&file))?;
            writeln!(
                out,
                "{}: good, {} members, {} bytes",
                file.display(),
                found.members,
                found.unpacked_bytes
            )?;
            writeln!(out, "{}", found.top.join(" "))?;
        }
    }
    Ok(())
}

/// An image is called as its lowest layer: what a submission asks for with `-i`.
fn mapping(layers: Vec<String>) -> Mapping {
    layers
        .first()
        .cloned()
        .map(|name| (name, layers))
        .into_iter()
        .collect()
}
