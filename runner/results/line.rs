//! Reading a file of lines by their places, so that no more than one line is in memory.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Where a line is: bytes, without its line feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From the beginning of the file.
    pub offset: u64,
    /// Its length.
    pub bytes: usize,
}

/// Longest line in bytes. A report with every transcript at its cap is below it.
const LONGEST: usize = 256 << 20;

const CHUNK: usize = 256 << 10;

/// Reads complete lines from the beginning of a file. The file's own position is left alone, and no second descriptor is
/// opened: closing that would release the lock (fcntl(2), "Advisory record locking").
pub struct Lines<'a> {
    file: &'a File,
    /// Where `buffer` begins in the file.
    offset: u64,
    buffer: Vec<u8>,
}

impl<'a> Lines<'a> {
    /// From the beginning.
    pub fn new(file: &'a File) -> Self {
        Lines {
            file,
            offset: 0,
            buffer: Vec::new(),
        }
    }

    /// The next line that has a line feed; `None` at the end of the file or at a torn line.
    pub fn next(&mut self) -> io::Result<Option<(Place, Vec<u8>)>> {
        let mut searched = 0;
        loop {
            if let Some(at) = self.buffer[searched..].iter().position(|b| *b == b'\n') {
                let bytes = searched + at;
                let place = Place {
                    offset: self.offset,
                    bytes,
                };
                let mut line: Vec<u8> = self.buffer.drain(..=bytes).collect();
                line.pop();
                self.offset += bytes as u64 + 1;
                return Ok(Some((place, line)));
            }
            searched = self.buffer.len();
            if searched > LONGEST {
                return Err(io::Error::other(
                    "a line is longer than any that rdgrade writes",
                ));
            }
            self.buffer.resize(searched + CHUNK, 0);
            let read = read_at(
                self.file,
                &mut self.buffer[searched..],
                self.offset + searched as u64,
            );
            self.buffer
                .truncate(searched + *read.as_ref().unwrap_or(&0));
            if read? == 0 {
                return Ok(None);
            }
        }
    }

    /// Where the next line begins: behind the last complete one, once there is no next.
    pub fn end(&self) -> u64 {
        self.offset
    }
}

/// The bytes at a place.
pub fn at(file: &File, place: Place) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; place.bytes];
    file.read_exact_at(&mut bytes, place.offset)?;
    Ok(bytes)
}

fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        match file.read_at(buffer, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_torn_line_is_not_read_and_long_ones_are() {
        let mut file = tempfile::tempfile().unwrap();
        let long = "x".repeat(3 * CHUNK);
        write!(file, "one\n{long}\n\nto").unwrap();
        let mut lines = Lines::new(&file);
        let mut lengths = Vec::new();
        while let Some((place, line)) = lines.next().unwrap() {
            assert_eq!(at(&file, place).unwrap(), line);
            lengths.push(line.len());
        }
        assert_eq!(lengths, [3, long.len(), 0]);
        assert_eq!(lines.end(), 4 + long.len() as u64 + 2);
    }
}
