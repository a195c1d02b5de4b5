//! The kernel and the terminals of the host.

use super::{absent, lacks, works};
use crate::grade::ready;
use checks::doctor::{Finding, Gap};
use std::path::Path;

/// Which kernel this is. What it can do is tried, not guessed from this.
pub fn kernel() -> Finding {
    let (id, title) = ("kernel", "kernel");
    match nix::sys::utsname::uname() {
        Ok(names) => {
            let word = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
            let detail = format!(
                "{} {} on {}",
                word(names.sysname()),
                word(names.release()),
                word(names.machine())
            );
            works(id, title, detail)
        }
        Err(errno) => absent(id, title, format!("uname(2) says {}", errno.desc())),
    }
}

/// Pseudo terminals of the host's: a jail brings its own.
pub fn terminal() -> Finding {
    let (id, title) = ("pty", "pseudo terminals");
    let detail = "each jail mounts its own";
    if Path::new("/dev/pts/ptmx").exists() || Path::new("/dev/ptmx").exists() {
        works(id, title, detail)
    } else {
        absent(id, title, format!("the host has none; {detail}"))
    }
}

/// Processes, open files, /proc and /dev/null: what every run needs.
pub fn room(workers: usize) -> Finding {
    let (id, title) = ("room", "processes and files");
    match ready(workers) {
        Ok(()) => works(id, title, format!("enough for {workers} side by side")),
        Err(error) => lacks(
            id,
            title,
            &format!("{error}; {}", error.remedy),
            Gap::Everything,
        ),
    }
}
