//! Why an archive is refused, and what its owner can do.

/// What is wrong with an archive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A member's path has `..` in it.
    #[error("its path climbs with `..`")]
    Climbs,
    /// A member lies behind a symbolic link that leaves the root.
    #[error("it lies behind the link `{link}` → `{target}`, which leaves the root")]
    ThroughLink {
        /// The link, a member itself.
        link: String,
        /// Where it leads.
        target: String,
    },
    /// A hard link to something outside.
    #[error("it is a hard link to `{0}`, which leaves the root")]
    LinkOut(String),
    /// A hard link to what is not (yet) there.
    #[error("it is a hard link to `{0}`, which is no earlier file of the archive")]
    LinkToNothing(String),
    /// No name on Linux has a NUL; extended headers can spell one.
    #[error("its path or its target holds a NUL")]
    Nul,
    /// The root itself, as something else than a directory.
    #[error("it is the root, and no directory")]
    RootIsNone,
    /// A symbolic link without a target.
    #[error("it is a symbolic link that leads nowhere")]
    EmptyLink,
    /// A member of a type unpackers disagree about.
    #[error("its type `{0}` is none a root file system has")]
    OddType(char),
    /// The sizes sum up beyond the cap.
    #[error("the archive unpacks to more than {0} bytes")]
    TooLarge(u64),
    /// More members than the cap.
    #[error("the archive has more than {0} members")]
    TooMany(u64),
    /// The archive is compressed beyond what real data are.
    #[error("the archive grows to more than {0} times its size, as no root file system does")]
    Bomb(u64),
    /// The data of a member, or the marker at the end, are missing.
    #[error("the archive ends early: {0}")]
    Truncated(&'static str),
    /// The compressed stream is damaged.
    #[error("the gzip stream is damaged ({0})")]
    CorruptGzip(String),
    /// The headers are not a tar's.
    #[error("not a readable tar ({0})")]
    Malformed(String),
    /// Another compression.
    #[error("it is compressed with {0}")]
    Compression(&'static str),
    /// What `docker save` writes.
    #[error("it holds an image's layers, not a root file system")]
    SavedImage,
    /// Nothing in it.
    #[error("it has no members")]
    Empty,
}

impl Reason {
    /// What to do, as the end of a sentence.
    pub fn remedy(&self) -> String {
        match self {
            Self::Compression(program) => {
                format!("unpack it with `{program} -d` first, or compress it with gzip")
            }
            Self::SavedImage => "make it with `docker export`, not `docker save`".to_owned(),
            Self::Truncated(_) | Self::CorruptGzip(_) => "copy or export it again".to_owned(),
            _ => "make it with `docker export CONTAINER` or `tar -C ROOT -c .`".to_owned(),
        }
    }
}
