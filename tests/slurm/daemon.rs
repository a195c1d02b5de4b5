//! A daemon in the foreground, and what it says.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// What a daemon takes to begin is far below; what takes longer hangs.
const LONGEST: Duration = Duration::from_secs(30);

/// A daemon and what it has said.
pub struct Daemon {
    name: &'static str,
    pub child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Daemon {
    pub fn start(name: &'static str, command: &mut Command) -> Daemon {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        // It is always read: who logs into a full pipe waits.
        thread::spawn(move || {
            stderr
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        Daemon {
            name,
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// Waits until it says so.
    pub fn says(&mut self, words: &str) {
        let until = Instant::now() + LONGEST;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!(
                    "{} never says: {words}\n{}",
                    self.name,
                    self.said.join("\n")
                );
            };
            let found = line.contains(words);
            self.said.push(line);
            if found {
                return;
            }
        }
    }

    pub fn log(&mut self) -> String {
        self.said.extend(self.lines.try_iter());
        format!("{}:\n{}\n", self.name, self.said.join("\n"))
    }
}
