//! Asking a program of the host something, within a time.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::collections::HashMap;
use std::io::Read;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A pyenv shim takes a tenth of a second; a cold disk on a busy machine much longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Answers are a few lines.
const LONGEST_BYTES: usize = 64 * 1024;

/// A question: the program and its arguments.
type Question = (PathBuf, Vec<String>);

/// What `program` prints, or `None` if it cannot be run, takes too long, or prints no text. An answer holds for the rest of the
/// run: of a class of hundreds, each would ask the same interpreter the same.
///
/// It is run in `/`: nothing in a submission's directory may have a say in what runs on the host.
pub(super) fn ask(program: &Path, arguments: &[&str]) -> Option<String> {
    static ANSWERS: Mutex<Option<HashMap<Question, String>>> = Mutex::new(None);
    let words = arguments.iter().map(|word| (*word).to_owned()).collect();
    let question = (program.to_owned(), words);
    let known = || ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(answer) = known().get_or_insert_default().get(&question) {
        return Some(answer.clone());
    }
    let answer = asked(program, arguments)?;
    known()
        .get_or_insert_default()
        .insert(question, answer.clone());
    Some(answer)
}

fn asked(program: &Path, arguments: &[&str]) -> Option<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let answer = child.stdout.take().and_then(heard);
    // It has said what it had to say; its exit status does not matter, and it may not hang about.
    let _ = child.kill();
    let _ = child.wait();
    answer
}

/// What is said until the stream's end, if that comes in time. Without a thread: whoever asks may be about to fork.
fn heard(mut output: ChildStdout) -> Option<String> {
    let until = Instant::now() + PATIENCE;
    let mut said = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let mut ready = [PollFd::new(output.as_fd(), PollFlags::POLLIN)];
        match poll(
            &mut ready,
            PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX),
        ) {
            Err(Errno::EINTR) => continue,
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
        match output.read(&mut chunk).ok()? {
            0 => return String::from_utf8(said).ok(),
            length => said.extend_from_slice(&chunk[..length]),
        }
        if said.len() > LONGEST_BYTES {
            said.truncate(LONGEST_BYTES);
            return String::from_utf8(said).ok();
        }
    }
}
