//! Everything that can go wrong with an image, in words that say what to do.

use super::survey::Reason;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no image. Each message is complete: the error of the system is in it, not behind it.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// An `--image` archive was refused.
    #[error("image {} was refused: {}{reason}; {}", .file.display(), in_member(.member.as_deref()), .reason.remedy())]
    Refused {
        /// The archive, as it was named.
        file: PathBuf,
        /// The member at which reading stopped, if it was one.
        member: Option<String>,
        /// What is wrong with it.
        reason: Reason,
    },
    /// An `--image` archive could not be read at all.
    #[error("cannot read image {}: {cause}; give --image NAME=FILE a readable tar or tar.gz", .file.display())]
    Unreadable {
        /// The archive, as it was named.
        file: PathBuf,
        /// The error.
        cause: io::Error,
    },
    /// Programs without which the harvested image is of no use.
    #[error(
        "the image is made of this machine's own programs, and {} {} not in /usr/bin, /bin, /usr/sbin or /sbin; \
         install them (Debian: apt-get install bash coreutils) or give --image ubuntu=FILE.tar",
        .0.join(", "), if .0.len() == 1 { "is" } else { "are" }
    )]
    MissingPrograms(Vec<String>),
    /// A shared library or loader that a program asks for.
    #[error(
        "{} needs {library}, which is in no directory its loader searches; \
         reinstall the package that holds it or give --image ubuntu=FILE.tar", .needed_by.display()
    )]
    MissingLibrary {
        /// As it is written in the program.
        library: String,
        /// The program or library that asks for it.
        needed_by: PathBuf,
    },
    /// A file of the host that could not be read while the image was made.
    #[error("cannot read {} for the image: {cause}", .path.display())]
    Host {
        /// The file.
        path: PathBuf,
        /// The error.
        cause: io::Error,
    },
    /// A name no image has.
    #[error("there is no image `{layer}`; there are {known}, and --image {layer}=FILE.tar adds it")]
    UnknownLayer {
        /// The name that was asked for.
        layer: String,
        /// The names there are, for people.
        known: String,
    },
    /// A name that cannot be an image's.
    #[error(
        "`{0}` cannot name an image: use letters, digits, `.`, `_` and `-`, beginning with a letter or digit"
    )]
    Name(String),
    /// `--image` without `NAME=FILE`.
    #[error("`{0}` is not of the form NAME=FILE, as in ubuntu=export.tar.gz")]
    Option(String),
    /// The cache refused.
    #[error("cannot {action} {} in the image cache: {cause}; {}", .path.display(), cache_remedy(.cause))]
    Cache {
        /// What was tried: `create`, `write` …
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The error.
        cause: io::Error,
    },
    /// The cache lies in someone else's directory.
    #[error(
        "the image cache {} belongs to user {owner}, who could change what is graded; \
         set XDG_CACHE_HOME to a directory of your own", .path.display()
    )]
    ForeignCache {
        /// The cache directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// The cache is on an overlay. Images are shown to a jail through one, and level 04 asks for another on top: that is one more
    /// than the kernel stacks (FILESYSTEM_MAX_STACK_DEPTH), and would look like a mistake of the submission's.
    #[error(
        "the image cache {} lies on an overlay, as everything in a container does that is no volume, and the kernel stacks two \
         overlays at most; set XDG_CACHE_HOME to a directory of a volume or a tmpfs, such as /dev/shm", .0.display()
    )]
    Stacked(PathBuf),
    /// Neither `XDG_CACHE_HOME` nor `HOME` says where the cache may be.
    #[error(
        "no directory for the image cache: set XDG_CACHE_HOME (or HOME) to a writable absolute path"
    )]
    NoCache,
}

impl ImageError {
    /// For `map_err`: the cache refused `action` at `path`.
    pub(super) fn cache(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Cache {
            action,
            path,
            cause,
        }
    }

    /// For `map_err`: a file of the host could not be read.
    pub(super) fn host(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Host { path, cause }
    }
}

fn in_member(member: Option<&str>) -> String {
    member.map_or_else(String::new, |member| {
        format!("member `{}`: ", member.escape_default())
    })
}

fn cache_remedy(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space there (an image takes about 30 MB) or set XDG_CACHE_HOME to a directory on another disk"
        }
        _ => "set XDG_CACHE_HOME to a directory you can write to",
    }
}
