//! A marker that is looked for in what a program prints.

/// A marker that is looked for in a program's output as it comes.
pub struct Awaited {
    /// The marker's beginning.
    pub token: Vec<u8>,
    /// The last few bytes, since a marker may arrive in pieces.
    pub recent: Vec<u8>,
    /// The text between token and end, once it was seen.
    pub answer: Option<String>,
}

/// Digits of an exit status, with room to spare.
const LONGEST_ANSWER: usize = 16;

impl Awaited {
    /// Looks for `token`, digits, `:`.
    pub fn new(token: Vec<u8>) -> Self {
        Awaited {
            token,
            recent: Vec::new(),
            answer: None,
        }
    }

    /// Looks at what was just read.
    pub fn look(&mut self, bytes: &[u8]) {
        if self.answer.is_some() {
            return;
        }
        self.recent.extend_from_slice(bytes);
        let found = self
            .recent
            .windows(self.token.len())
            .position(|window| window == self.token);
        if let Some(start) = found {
            let rest = &self.recent[start + self.token.len()..];
            if let Some(end) = rest.iter().position(|byte| *byte == b':') {
                self.answer = Some(String::from_utf8_lossy(&rest[..end]).into_owned());
                return;
            }
            if rest.len() <= LONGEST_ANSWER {
                return;
            }
            // No answer of ours: somebody printed the token to keep us collecting.
        }
        let surplus = self.recent.len().saturating_sub(self.token.len());
        self.recent.drain(..surplus);
    }
}
