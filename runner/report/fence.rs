//! Text that a workflow log must not obey.
//!
//! GitHub's runner obeys a line that begins, blanks aside, with `::` and the name of a command, and an older
//! `##[command]` wherever it stands in a line. Between `::stop-commands::TOKEN` and `::TOKEN::` it obeys nothing
//! (GitHub's documentation, "Workflow commands for GitHub Actions").

use super::{Kind, Opening, Output, Reporter};
use crate::event::Event;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// A kind of report whose text is fenced from its first line to its last.
pub struct Fenced {
    output: SharedOutput,
    inner: Box<dyn Reporter>,
    token: Token,
    fence: Fence,
}

#[derive(PartialEq, Eq)]
enum Fence {
    Open,
    Closed,
}

/// What opens and closes a fence. No program that has been started already can know it.
pub struct Token(String);

impl Token {
    /// A new one, of 128 random bits: the standard library seeds its hash maps from the system.
    pub fn fresh() -> Self {
        let half = || RandomState::new().build_hasher().finish();
        Token(format!("{:016x}{:016x}", half(), half()))
    }

    /// From here on nothing is obeyed.
    pub fn open(&self) -> String {
        format!("::stop-commands::{}\n", self.0)
    }

    /// From here on everything is again.
    pub fn close(&self) -> String {
        format!("::{}::\n", self.0)
    }
}

impl Fenced {
    /// A reporter of `kind` behind a fence.
    ///
    /// # Errors
    /// The kind's own.
    pub fn new(kind: &Kind, opening: Opening) -> io::Result<Self> {
        let output = SharedOutput::new(opening.output);
        let inner = (kind.open)(Opening {
            output: Box::new(output.clone()),
            ..opening
        })?;
        Ok(Fenced {
            output,
            inner,
            token: Token::fresh(),
            fence: Fence::Closed,
        })
    }

    fn close(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.fence, Fence::Closed) == Fence::Open {
            self.output.write_all(self.token.close().as_bytes())?;
        }
        self.output.flush()
    }
}

impl Drop for Fenced {
    /// A run that stops early must not silence the rest of the job.
    fn drop(&mut self) {
        let _ = self.close();
    }
}

impl Reporter for Fenced {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        if matches!(event, Event::RunStarted { .. }) {
            self.output.write_all(self.token.open().as_bytes())?;
            self.fence = Fence::Open;
        }
        self.inner.event(event)?;
        match event {
            Event::RunFinished => self.close(),
            _ => Ok(()),
        }
    }
}

/// An output that two write to, in turns.
#[derive(Clone)]
pub struct SharedOutput(Arc<Mutex<Output>>);

impl SharedOutput {
    /// Shares `output`.
    pub fn new(output: Output) -> Self {
        SharedOutput(Arc::new(Mutex::new(output)))
    }
}

impl Write for SharedOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        output.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        output.flush()
    }
}
