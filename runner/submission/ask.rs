//! Asking a program of the host something, within a time.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A pyenv shim takes a tenth of a second; a cold disk on a busy machine much longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Answers are a few lines.
const LONGEST_BYTES: u64 = 64 * 1024;

/// What `program` prints, or `None` if it cannot be run, takes too long, or prints no text.
///
/// It is run in `/`: nothing in a submission's directory may have a say in what runs on the host.
pub(super) fn ask(program: &Path, arguments: &[&str]) -> Option<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let output = child.stdout.take()?;
    let (answer, answered) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = output.take(LONGEST_BYTES).read_to_string(&mut text);
        // Nobody listens any more when it took too long.
        let _ = answer.send(read.is_ok().then_some(text));
    });
    let text = answered.recv_timeout(PATIENCE).ok().flatten();
    // It has said what it had to say; its exit status does not matter, and it may not hang about.
    let _ = child.kill();
    let _ = child.wait();
    text
}
