//! Reads an archive from end to end and refuses what no root file system holds, before anything unpacks it.

use super::error::ImageError;
use super::limits::Limits;
use super::numbers::Numbers;
use super::paths::{Links, normalised};
pub use super::reason::Reason;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::rc::Rc;
use tar::{Archive, Entry, EntryType};

/// What a good archive holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// Names at the top, sorted.
    pub top: Vec<String>,
    /// How many members.
    pub members: u64,
    /// Bytes of all members together.
    pub unpacked_bytes: u64,
}

/// Where and why reading stopped.
#[derive(Debug)]
pub enum Stop {
    /// The archive is refused: at which member, and why.
    Refused(Option<String>, Reason),
    /// The archive could not be read.
    Reading(io::Error),
    /// What was read could not be written on.
    Writing(io::Error),
}

impl Stop {
    /// As an error about `file`; what was read was not kept.
    pub fn into_error(self, file: &Path) -> ImageError {
        let file = file.to_owned();
        match self {
            Self::Refused(member, reason) => ImageError::Refused {
                file,
                member,
                reason,
            },
            Self::Reading(cause) | Self::Writing(cause) => ImageError::Unreadable { file, cause },
        }
    }
}

/// Reads `packed`, a tar or a gzipped tar of `packed_bytes` bytes, and writes the plain tar to `plain`.
///
/// # Errors
/// [`Stop`].
pub fn survey(
    packed: impl Read,
    packed_bytes: u64,
    plain: impl Write,
    limits: Limits,
) -> Result<Survey, Stop> {
    let mut packed = BufReader::with_capacity(1 << 18, packed);
    let magic = io::BufRead::fill_buf(&mut packed).map_err(Stop::Reading)?;
    let bytes: (&'static str, Box<dyn Read + '_>) = match magic {
        [0x1f, 0x8b, ..] => (
            "gzip",
            Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
        ),
        [b'B', b'Z', b'h', ..] => return Err(Stop::Refused(None, Reason::Compression("bzip2"))),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => {
            return Err(Stop::Refused(None, Reason::Compression("xz")));
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            return Err(Stop::Refused(None, Reason::Compression("zstd")));
        }
        _ => ("", Box::new(packed)),
    };
    let gzipped = bytes.0 == "gzip";
    let mut cap = limits
        .unpacked_bytes
        .saturating_add(limits.members.saturating_mul(2048));
    if gzipped {
        cap = cap.min(
            packed_bytes
                .saturating_mul(limits.gzip_ratio)
                .max(limits.gzip_ratio_from),
        );
    }
    let state = Rc::new(RefCell::new(State::default()));
    let mut meter = Meter {
        bytes: bytes.1,
        plain,
        cap,
        read: 0,
        state: Rc::clone(&state),
    };

    let walked = walk(&mut meter, limits, &state);
    // What follows the end marker is padding; a damaged gzip shows only at its very end.
    let walked = walked.and_then(|survey| match io::copy(&mut meter, &mut io::sink()) {
        Ok(_) => Ok(survey),
        Err(error) => Err(Stop::Refused(None, Reason::Malformed(error.to_string()))),
    });
    let mut state = state.borrow_mut();
    match (walked, state.trouble.take()) {
        (Err(Stop::Refused(member, _)), Some(Trouble::Cap))
            if gzipped && cap < limits.unpacked_bytes =>
        {
            Err(Stop::Refused(member, Reason::Bomb(limits.gzip_ratio)))
        }
        (Err(Stop::Refused(member, _)), Some(Trouble::Cap)) => Err(Stop::Refused(
            member,
            Reason::TooLarge(limits.unpacked_bytes),
        )),
        (Err(Stop::Refused(member, _)), Some(Trouble::Reading(error))) if gzipped => Err(
            Stop::Refused(member, Reason::CorruptGzip(error.to_string())),
        ),
        (Err(_), Some(Trouble::Reading(error))) => Err(Stop::Reading(error)),
        (Err(_), Some(Trouble::Writing(error))) => Err(Stop::Writing(error)),
        (walked, _) => walked,
    }
}

fn walk(meter: &mut impl Read, limits: Limits, state: &RefCell<State>) -> Result<Survey, Stop> {
    let refuse = |reason| Stop::Refused(None, reason);
    let mut archive = Archive::new(meter);
    let mut rules = Rules::new(limits);
    for entry in archive
        .entries()
        .map_err(|error| refuse(broken(&error, state)))?
    {
        let mut entry =
            entry.map_err(|error| Stop::Refused(rules.last.clone(), broken(&error, state)))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        rules.last = Some(name.clone());
        let stop = |reason| Stop::Refused(Some(name.clone()), reason);
        rules.admit(&entry).map_err(stop)?;
        // Read here, not skipped by the iterator, so that a short member is named.
        let read =
            io::copy(&mut entry, &mut io::sink()).map_err(|error| stop(broken(&error, state)))?;
        if read < entry.size() {
            return Err(stop(Reason::Truncated(
                "the data of this member are cut off",
            )));
        }
    }
    if state.borrow().at_end {
        // The iterator takes the end of the file for the end of the archive; tar(5) wants zeroed blocks.
        let reason = if rules.survey.members == 0 {
            Reason::Empty
        } else {
            Reason::Truncated("no end-of-archive marker")
        };
        return Err(Stop::Refused(rules.last, reason));
    }
    rules.finish().map_err(refuse)
}

/// An error of the tar crate, in our words. The meter has noted by then what the reader itself had to say.
fn broken(error: &io::Error, state: &RefCell<State>) -> Reason {
    if state.borrow().at_end {
        Reason::Truncated("in the middle of a member")
    } else {
        Reason::Malformed(error.to_string())
    }
}

/// What members may be.
struct Rules {
    limits: Limits,
    links: Links,
    /// Places of everything that a hard link may lead to.
    files: BTreeSet<String>,
    /// Places of all directories, those without a member of their own included.
    directories: HashSet<String>,
    top: BTreeSet<String>,
    survey: Survey,
    last: Option<String>,
}

impl Rules {
    fn new(limits: Limits) -> Self {
        let survey = Survey {
            top: vec![],
            members: 0,
            unpacked_bytes: 0,
        };
        Self {
            limits,
            links: Links::default(),
            files: BTreeSet::new(),
            directories: HashSet::new(),
            top: BTreeSet::new(),
            survey,
            last: None,
        }
    }

    fn admit(&mut self, entry: &Entry<'_, impl Read>) -> Result<(), Reason> {
        let kind = entry.header().entry_type();
        if kind == EntryType::XGlobalHeader {
            return Ok(());
        }
        self.survey.members += 1;
        self.survey.unpacked_bytes = self.survey.unpacked_bytes.saturating_add(entry.size());
        if self.survey.members > self.limits.members {
            return Err(Reason::TooMany(self.limits.members));
        }
        if self.survey.unpacked_bytes > self.limits.unpacked_bytes {
            return Err(Reason::TooLarge(self.limits.unpacked_bytes));
        }
        Numbers::of(entry.header()).map_err(|error| Reason::Malformed(error.to_string()))?;
        let target = entry.link_name_bytes().unwrap_or_default();
        if entry.path_bytes().contains(&0) || target.contains(&0) {
            return Err(Reason::Nul);
        }
        let path = normalised(&entry.path_bytes())?;
        if path.is_empty() && kind != EntryType::Directory {
            return Err(Reason::RootIsNone);
        }
        let place = self.links.place(&path)?;
        match kind {
            EntryType::Directory => {}
            // symlink(2) makes none.
            EntryType::Symlink if target.is_empty() => return Err(Reason::EmptyLink),
            EntryType::Symlink => {
                self.links
                    .add(place.clone(), String::from_utf8_lossy(&target).into_owned());
                self.files.insert(place.clone());
            }
            EntryType::Link => {
                let named = String::from_utf8_lossy(&target).into_owned();
                let out = |_| Reason::LinkOut(named.clone());
                let to = normalised(&target)
                    .and_then(|to| self.links.place(&to))
                    .map_err(out)?;
                if !self.files.contains(&to) {
                    return Err(Reason::LinkToNothing(named));
                }
                self.files.insert(place.clone());
                // linkat(2) does not follow: a hard link to a symbolic link leads where that one does.
                match self.links.target(&to).map(str::to_owned) {
                    Some(target) => self.links.add(place.clone(), target),
                    None => self.links.remove(&place),
                }
            }
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                self.files.insert(place.clone());
            }
            EntryType::Char | EntryType::Block | EntryType::Fifo => {
                self.files.insert(place.clone());
            }
            other => return Err(Reason::OddType(char::from(other.as_byte()))),
        }
        if !matches!(
            kind,
            EntryType::Symlink | EntryType::Link | EntryType::Directory
        ) {
            self.links.remove(&place);
        }
        self.note_directories(&place, kind)?;
        if let Some(first) = place.split('/').next().filter(|first| !first.is_empty()) {
            self.top.insert(first.to_owned());
        }
        Ok(())
    }

    /// Notes the directories above `place`, and the one that is there. No file may be above, and no link where one is.
    fn note_directories(&mut self, place: &str, kind: EntryType) -> Result<(), Reason> {
        for (slash, _) in place.match_indices('/') {
            let above = &place[..slash];
            if self.files.contains(above) {
                return Err(Reason::BelowFile(above.to_owned()));
            }
            if !self.directories.contains(above) {
                self.directories.insert(above.to_owned());
            }
        }
        let is_link = self.links.target(place).is_some();
        if kind == EntryType::Directory && !is_link {
            self.directories.insert(place.to_owned());
        } else if kind != EntryType::Directory && is_link && self.directories.contains(place) {
            return Err(Reason::LinkForDirectory);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Survey, Reason> {
        if self.survey.members == 0 {
            return Err(Reason::Empty);
        }
        if self.top.contains("manifest.json")
            && !self.top.contains("bin")
            && !self.top.contains("usr")
        {
            return Err(Reason::SavedImage);
        }
        self.survey.top = self.top.into_iter().collect();
        Ok(self.survey)
    }
}

#[derive(Default)]
struct State {
    at_end: bool,
    trouble: Option<Trouble>,
}

enum Trouble {
    Cap,
    Reading(io::Error),
    Writing(io::Error),
}

/// Hands bytes on, counts them, and remembers which side an error came from.
struct Meter<R, W> {
    bytes: R,
    plain: W,
    cap: u64,
    read: u64,
    state: Rc<RefCell<State>>,
}

impl<R: Read, W: Write> Read for Meter<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let fail = |state: &RefCell<State>, trouble| {
            state.borrow_mut().trouble = Some(trouble);
            Err(io::Error::other("reading the archive stopped"))
        };
        let count = match self.bytes.read(buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => return fail(&self.state, Trouble::Reading(error)),
        };
        if count == 0 && !buffer.is_empty() {
            self.state.borrow_mut().at_end = true;
        }
        self.read += count as u64;
        if self.read > self.cap {
            return fail(&self.state, Trouble::Cap);
        }
        match self.plain.write_all(&buffer[..count]) {
            Ok(()) => Ok(count),
            Err(error) => fail(&self.state, Trouble::Writing(error)),
        }
    }
}
