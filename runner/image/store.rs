//! The images there are, prepared as the directory a submission finds them in.

use super::cache::Cache;
use super::error::ImageError;
use super::limits::Limits;
use super::option::{ImageName, ImageOption};
use super::prepare::{self, PreparedImage};
use super::source::Source;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Image name → the layers it is made of, the lowest first: `{"ubuntu": ["ubuntu", "probe"]}`.
pub type Mapping = BTreeMap<String, Vec<String>>;

/// A directory with `NAME.tar` and `NAME.tar.gz`, mode 0444, for each image. It stays as long as the store lives;
/// nobody may write there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageDirectory {
    /// The directory: a lower layer of an overlay, or the source of binds.
    pub path: PathBuf,
    /// Its images, by name.
    pub images: BTreeMap<String, PreparedImage>,
}

/// Whether directories of this store may be in use. They are not swept then, even if the host's files have changed
/// meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UseSoFar {
    None,
    Some,
}

/// All images of this run. Cheap to open; an image is made when it is first asked for.
#[derive(Debug)]
pub struct ImageStore {
    cache: Cache,
    limits: Limits,
    given: BTreeMap<ImageName, PathBuf>,
    ready: Mutex<HashMap<Mapping, ImageDirectory>>,
}

impl ImageStore {
    /// Opens the cache of this user.
    ///
    /// # Errors
    /// [`ImageError::NoCache`], [`ImageError::Cache`], [`ImageError::ForeignCache`].
    pub fn open(options: &[ImageOption]) -> Result<Self, ImageError> {
        let root = Cache::location(|name| std::env::var_os(name).map(PathBuf::from))?;
        Self::open_at(&root, options, Limits::default())
    }

    /// Opens a cache anywhere, with limits of one's own.
    ///
    /// # Errors
    /// As [`ImageStore::open`].
    pub fn open_at(
        root: &Path,
        options: &[ImageOption],
        limits: Limits,
    ) -> Result<Self, ImageError> {
        let given = options
            .iter()
            .map(|option| (option.name.clone(), option.file.clone()))
            .collect();
        Ok(Self {
            cache: Cache::open(root)?,
            limits,
            given,
            ready: Mutex::default(),
        })
    }

    /// Where the cache is.
    pub fn root(&self) -> &Path {
        self.cache.root()
    }

    /// The names of all layers, and what each is made of, for people.
    pub fn layers(&self) -> Vec<(String, String)> {
        let built_in = [
            (
                "skeleton",
                "the directories of an Ubuntu root, nothing in them",
            ),
            (
                "ubuntu",
                "this machine's own programs and libraries in Ubuntu's layout",
            ),
        ];
        let mut layers: BTreeMap<String, String> = built_in
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into();
        layers.extend(
            self.given
                .iter()
                .map(|(name, file)| (name.as_str().to_owned(), file.display().to_string())),
        );
        layers.into_iter().collect()
    }

    /// The directory with these images; an empty mapping means `{"ubuntu": ["ubuntu"]}`.
    ///
    /// # Errors
    /// Any [`ImageError`].
    pub fn directory(&self, mapping: &Mapping) -> Result<ImageDirectory, ImageError> {
        let default = || Mapping::from([("ubuntu".to_owned(), vec!["ubuntu".to_owned()])]);
        let mapping = if mapping.is_empty() {
            default()
        } else {
            mapping.clone()
        };
        // Held while an image is made: a second thread that wants it waits instead of making it again.
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(directory) = ready.get(&mapping) {
            return Ok(directory.clone());
        }
        let use_so_far = if ready.is_empty() {
            UseSoFar::None
        } else {
            UseSoFar::Some
        };
        let directory = self.make(&mapping, use_so_far)?;
        ready.insert(mapping, directory.clone());
        Ok(directory)
    }

    fn make(&self, mapping: &Mapping, use_so_far: UseSoFar) -> Result<ImageDirectory, ImageError> {
        let mut layered = BTreeMap::new();
        for (name, layers) in mapping {
            let sources = layers
                .iter()
                .map(|layer| self.source(layer))
                .collect::<Result<Vec<_>, _>>()?;
            layered.insert(name.parse::<ImageName>()?, sources);
        }
        if use_so_far == UseSoFar::None && !layered.values().all(|sources| self.is_made(sources)) {
            self.cache.sweep(prepare::is_stale);
        }
        let mut stacks = BTreeMap::new();
        for (name, sources) in layered {
            stacks.insert(name, prepare::stack(&self.cache, &sources, self.limits)?);
        }
        let mut key = blake3::Hasher::new();
        for (name, (stack, _)) in &stacks {
            let stack = stack.file_name().unwrap_or_default().to_string_lossy();
            key.update(format!("{}={stack}\n", name.as_str()).as_bytes());
        }
        let key = format!("directory-{}", &key.finalize().to_hex()[..32]);
        let path = match self.cache.find(&key) {
            Some(path) => path,
            None => self.link(
                &key,
                stacks
                    .iter()
                    .map(|(name, (stack, _))| (name, stack.as_path())),
            )?,
        };
        let images = stacks
            .into_iter()
            .map(|(name, (_, image))| (name.as_str().to_owned(), image))
            .collect();
        Ok(ImageDirectory { path, images })
    }

    fn is_made(&self, sources: &[Source]) -> bool {
        prepare::is_made(&self.cache, sources, self.limits)
    }

    /// Hard links (copies where a file system has none): the directory costs no space, and holds real files.
    fn link<'a>(
        &self,
        key: &str,
        stacks: impl Iterator<Item = (&'a ImageName, &'a Path)>,
    ) -> Result<PathBuf, ImageError> {
        let draft = self.cache.draft()?;
        for (name, stack) in stacks {
            for ending in ["tar", "tar.gz"] {
                let to = draft.path().join(format!("{}.{ending}", name.as_str()));
                let from = stack.join(format!("image.{ending}"));
                let linked = fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop));
                linked.map_err(ImageError::cache("create", &to))?;
            }
        }
        self.cache.publish(draft, key)
    }

    fn source(&self, layer: &str) -> Result<Source, ImageError> {
        let name: ImageName = layer.parse()?;
        match (self.given.get(&name), layer) {
            (Some(file), _) => Source::file(file),
            (None, "skeleton") => Ok(Source::skeleton()),
            (None, "ubuntu") => Source::host(&self.cache),
            (None, _) => {
                let known: Vec<String> = self.layers().into_iter().map(|(name, _)| name).collect();
                Err(ImageError::UnknownLayer {
                    layer: layer.to_owned(),
                    known: known.join(", "),
                })
            }
        }
    }
}
