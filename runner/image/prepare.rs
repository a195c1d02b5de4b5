//! Makes the two archives of a stack of layers, once.

use super::cache::{Cache, written};
use super::error::ImageError;
use super::layers::merge;
use super::limits::Limits;
use super::source::{Source, stopped};
use super::stamp::Stamp;
use super::survey::survey;
use flate2::{Compression, GzBuilder, write::GzEncoder};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// One image in a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedImage {
    /// blake3 of NAME.tar, in hex.
    pub digest: String,
    /// Names at the top of the image, sorted.
    pub top: Vec<String>,
    /// Bytes of NAME.tar.
    pub size: u64,
    /// Bytes of NAME.tar.gz.
    pub packed_size: u64,
    /// How many members it has.
    pub members: u64,
}

/// What lies beside the archives of a stack, so that nobody has to read them.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    image: PreparedImage,
    /// What it was made of: once one no longer holds, nobody will ask for this stack again.
    stamps: Vec<Stamp>,
}

const ABOUT: &str = "about.json";
const TAR: &str = "image.tar";
const GZ: &str = "image.tar.gz";

fn key(sources: &[Source], limits: Limits) -> String {
    let lines: String = sources
        .iter()
        .map(|source| source.key(limits) + "\n")
        .collect();
    format!("stack-{}", &blake3::hash(lines.as_bytes()).to_hex()[..32])
}

/// Whether [`stack`] would find its entry made.
pub fn is_made(cache: &Cache, sources: &[Source], limits: Limits) -> bool {
    cache.find(&key(sources, limits)).is_some()
}

/// The cache entry with `image.tar` and `image.tar.gz` of these layers, made if need be.
///
/// # Errors
/// Any [`ImageError`].
pub fn stack(
    cache: &Cache,
    sources: &[Source],
    limits: Limits,
) -> Result<(PathBuf, PreparedImage), ImageError> {
    let lines: String = sources
        .iter()
        .map(|source| source.key(limits) + "\n")
        .collect();
    let key = format!("stack-{}", &blake3::hash(lines.as_bytes()).to_hex()[..32]);
    if let Some(path) = cache.find(&key) {
        match kept(&path) {
            Some(about) => return Ok((path, about.image)),
            // A machine that lost power can leave short files behind a finished rename.
            None => fs::remove_dir_all(&path).map_err(ImageError::cache("replace", &path))?,
        }
    }
    let draft = cache.draft()?;
    let names: Vec<PathBuf> = sources.iter().map(Source::file_name).collect();
    let (path, mut file) = draft.create(TAR)?;
    match sources {
        [source] => source.write(file.try_clone().map_err(written(&path))?, &path, limits)?,
        _ => {
            let mut layers = Vec::new();
            for (number, source) in sources.iter().enumerate() {
                let (layer, out) = draft.create(&format!("layer.{number}.tar"))?;
                source.write(out, &layer, limits)?;
                layers.push(layer);
            }
            merge(&layers, BufWriter::with_capacity(1 << 18, &mut file)).map_err(written(&path))?;
            for layer in layers {
                fs::remove_file(&layer).map_err(ImageError::cache("remove", &layer))?;
            }
        }
    }
    let (gz_path, gz) = draft.create(GZ)?;
    let tar = File::open(&path).map_err(ImageError::cache("read", &path))?;
    let size = tar
        .metadata()
        .map_err(ImageError::cache("read", &path))?
        .len();
    let mut seal = Seal::new(gz);
    let name = match names.as_slice() {
        [name] => name.clone(),
        names => names
            .iter()
            .map(|name| name.display().to_string())
            .collect::<Vec<_>>()
            .join("+")
            .into(),
    };
    // Our own archives pass the same inspection as everybody's, which also says what they hold.
    let found =
        survey(tar, size, &mut seal, limits).map_err(|stop| stopped(stop, &name, &gz_path))?;
    let (digest, packed_size) = seal.finish().map_err(written(&gz_path))?;
    let image = PreparedImage {
        digest,
        top: found.top,
        size,
        packed_size,
        members: found.members,
    };
    let about = About {
        image,
        stamps: sources.iter().flat_map(Source::stamps).cloned().collect(),
    };
    let (about_path, mut about_file) = draft.create(ABOUT)?;
    let json = serde_json::to_vec(&about)
        .map_err(io::Error::from)
        .map_err(written(&about_path))?;
    about_file.write_all(&json).map_err(written(&about_path))?;
    Ok((cache.publish(draft, &key)?, about.image))
}

/// What is known of a finished stack, if it is whole.
fn kept(stack: &Path) -> Option<About> {
    let about: About = serde_json::from_slice(&fs::read(stack.join(ABOUT)).ok()?).ok()?;
    let length = |name: &str| {
        fs::metadata(stack.join(name))
            .map(|metadata| metadata.len())
            .ok()
    };
    (length(TAR)? == about.image.size && length(GZ)? == about.image.packed_size).then_some(about)
}

/// Whether nobody can ask for this cache entry any more.
pub fn is_stale(entry: &Path) -> bool {
    let name = entry
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if name.starts_with("stack-") {
        return kept(entry).is_none_or(|about| !about.stamps.iter().all(Stamp::holds));
    }
    if name.starts_with("directory-") {
        // The archives of a directory are links to a stack's; a sole one has outlived it. (Where links are
        // not supported they are copies, and are made again.)
        let mut archives = fs::read_dir(entry).into_iter().flatten().flatten();
        return archives.any(|archive| {
            archive
                .metadata()
                .is_ok_and(|metadata| metadata.nlink() == 1)
        });
    }
    super::cache::is_unfinished(entry)
}

/// Digests and compresses what is written to it.
struct Seal {
    hasher: blake3::Hasher,
    gz: GzEncoder<BufWriter<File>>,
}

impl Seal {
    fn new(file: File) -> Self {
        // Moderate: unpacking it is fast at any level, and making it should not keep a student waiting.
        let gz = GzBuilder::new()
            .mtime(0)
            .write(BufWriter::with_capacity(1 << 18, file), Compression::new(3));
        Self {
            hasher: blake3::Hasher::new(),
            gz,
        }
    }

    /// The digest of what was written, in hex, and the bytes it was compressed to.
    fn finish(self) -> io::Result<(String, u64)> {
        let file = self
            .gz
            .finish()?
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        Ok((
            self.hasher.finalize().to_hex().to_string(),
            file.metadata()?.len(),
        ))
    }
}

impl Write for Seal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.gz.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.gz.flush()
    }
}
