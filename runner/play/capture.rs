//! What a program printed, capped: head and tail are kept, the cut is counted.

use crate::jail::Mechanism;
use checks::played::Output;

/// Bytes kept from the beginning, and as many from the end. A transcript of a level is a few kilobytes.
const KEPT: usize = 64 * 1024;

/// A growing, bounded record of output.
#[derive(Debug, Default)]
pub struct Capture {
    head: Vec<u8>,
    tail: Vec<u8>,
    cut: u64,
}

impl Capture {
    /// Appends what was read.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = KEPT - self.head.len();
        let (first, rest) = bytes.split_at(bytes.len().min(room));
        self.head.extend_from_slice(first);
        self.tail.extend_from_slice(rest);
        if self.tail.len() > 2 * KEPT && Mechanism::OutputCap.is_on() {
            let surplus = self.tail.len() - KEPT;
            self.tail.drain(..surplus);
            self.cut += surplus as u64;
        }
    }

    /// Bytes seen so far.
    pub fn seen(&self) -> u64 {
        self.head.len() as u64 + self.cut + self.tail.len() as u64
    }

    /// What is kept, up to now, and how many bytes were left out of it; the record starts anew.
    pub fn take(&mut self) -> (Vec<u8>, u64) {
        let mut all = std::mem::take(&mut self.head);
        let cut = std::mem::take(&mut self.cut);
        if cut > 0 {
            all.extend_from_slice(format!("\n[{cut} bytes left out]\n").as_bytes());
        }
        all.append(&mut self.tail);
        (all, cut)
    }

    /// Like [`Capture::take`], as text.
    pub fn take_output(&mut self) -> Output {
        let (bytes, cut) = self.take();
        Output {
            text: text(&bytes),
            cut,
        }
    }
}

/// Bytes of a terminal as text: invalid UTF-8 replaced, line ends as in a file.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_keeps_its_head_and_its_tail() {
        let mut capture = Capture::default();
        capture.push(b"first");
        for _ in 0..1_000 {
            capture.push(&[b'x'; 4_096]);
        }
        capture.push(b"last");
        assert_eq!(capture.seen(), 5 + 4_096_000 + 4);
        let output = capture.take_output();
        assert!(output.text.starts_with("first") && output.text.ends_with("last"));
        assert!(output.text.len() < 5 * KEPT);
        assert!(output.text.contains("bytes left out") && output.cut > 0);
    }
}
