//! What a worker tells rdgrade's main process: length-prefixed JSON on a pipe.

use crate::play::{Activity, Performance, Timings};
use nix::errno::Errno;
use nix::unistd::read;
use serde::{Deserialize, Serialize};
use std::io::{self, Write};
use std::os::fd::AsFd;

/// Longest frame in bytes; a result with its capped transcript is far below it.
const LONGEST: usize = 64 << 20;

/// A message.
#[derive(Debug, Serialize, Deserialize)]
pub enum Frame {
    /// The ground is prepared; if the submission has a build, it waits to be told to begin.
    Prepared,
    /// The submission is built, and sealed: checks can be played.
    Built,
    /// The submission cannot be graded at all.
    NotGraded {
        /// One sentence.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// The submission's own build failed: every check fails, with this reason.
    BuildFailed(String),
    /// What a unit that is played does from now on: whether its place can be given to another.
    Activity(usize, Activity),
    /// Where the time of a unit went; comes before its result, if it was asked for.
    Timed(usize, Timings),
    /// A unit is done.
    Finished(usize, Box<Performance>),
}

/// Writes a frame whole.
pub fn send(pipe: &mut impl Write, frame: &Frame) -> io::Result<()> {
    // One write for short frames, so that a reader is woken once.
    pipe.write_all(&prefixed(frame)?)
}

/// Something as JSON, behind its length.
pub(super) fn prefixed(body: &impl Serialize) -> io::Result<Vec<u8>> {
    let body = serde_json::to_vec(body)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(body);
    Ok(bytes)
}

/// Collects frames from a pipe that is read as data comes.
#[derive(Debug, Default)]
pub struct Frames {
    buffer: Vec<u8>,
}

impl Frames {
    /// Reads once; returns the frames that are complete, and whether the pipe is at its end.
    pub fn read(&mut self, pipe: impl AsFd) -> io::Result<(Vec<Frame>, bool)> {
        let mut chunk = [0; 64 * 1024];
        let length = match read(pipe, &mut chunk) {
            Ok(length) => length,
            Err(Errno::EINTR) => return Ok((Vec::new(), false)),
            Err(errno) => return Err(errno.into()),
        };
        self.buffer.extend_from_slice(&chunk[..length]);
        let mut frames = Vec::new();
        while let Some((frame, rest)) = self.first()? {
            frames.push(frame);
            self.buffer.drain(..rest);
        }
        Ok((frames, length == 0))
    }

    fn first(&self) -> io::Result<Option<(Frame, usize)>> {
        let Some(prefix) = self.buffer.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_ne_bytes(*prefix) as usize;
        if length > LONGEST {
            return Err(io::Error::other("a worker sent a message that is too long"));
        }
        match self.buffer.get(4..4 + length) {
            Some(body) => Ok(Some((serde_json::from_slice(body)?, 4 + length))),
            None => Ok(None),
        }
    }
}
