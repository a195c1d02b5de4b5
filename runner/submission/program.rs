//! How one file is executed: by itself, or by the interpreter its first line names.

use super::tool::{self, Launch};
use super::{FindError, python};
use std::io::Read;
use std::path::Path;

/// The launch of `file`, which is at `inside` in the jail.
pub(super) fn launch(file: &Path, inside: &str) -> Result<Launch, FindError> {
    let head = head(file).map_err(|source| FindError::Path {
        path: file.into(),
        source,
    })?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut launch = if head.starts_with(b"\x7fELF") {
        Launch::default()
    } else if let Some(line) = shebang(&head) {
        interpreter(&line, file)?
    } else if name.ends_with(".py") {
        interpreter("/usr/bin/env python3", file)?
    } else if name.ends_with(".sh") {
        interpreter("/bin/sh", file)?
    } else {
        return Err(FindError::not_graded(
            format!(
                "{} is no program: no ELF file, and no #! in its first line",
                file.display()
            ),
            "begin it with the interpreter: #!/usr/bin/env python3, or #!/bin/sh",
        ));
    };
    launch.words.push(inside.into());
    Ok(launch)
}

/// As much as the kernel reads of a program to find out what it is: BINPRM_BUF_SIZE.
fn head(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    std::fs::File::open(file)?
        .take(256)
        .read_to_end(&mut head)?;
    Ok(head)
}

/// What follows `#!`. An editor of another system may have left a carriage return.
fn shebang(head: &[u8]) -> Option<String> {
    let line = head
        .strip_prefix(b"#!")?
        .split(|byte| *byte == b'\n')
        .next()?;
    let line = String::from_utf8_lossy(line).trim().to_owned();
    (!line.is_empty()).then_some(line)
}

/// The interpreter of `line`: `/bin/sh -e`, `/usr/bin/env python3`, `/usr/bin/env -S python3 -u`.
fn interpreter(line: &str, file: &Path) -> Result<Launch, FindError> {
    let mut words = line.split_whitespace().map(String::from).peekable();
    let mut program = words.next().unwrap_or_default();
    let mut environment = Vec::new();
    if program.ends_with("/env") {
        while let Some(word) = words.next_if(|word| word.starts_with('-') || word.contains('=')) {
            environment.extend(
                word.split_once('=')
                    .map(|(name, value)| (name.to_owned(), value.to_owned())),
            );
        }
        program = words.next().unwrap_or_default();
    }
    let wanted_by = file.display().to_string();
    let found = match Path::new(&program).file_name() {
        Some(name) if name.to_string_lossy().starts_with("python") => {
            let path = if program.starts_with('/') {
                Some((&program).into())
            } else {
                tool::on_path(&program)
            };
            match path.filter(|path| tool::is_executable(path)) {
                Some(path) => python::launch_for(&path, file),
                None => tool::find(&program, &wanted_by),
            }
        }
        _ => tool::find(&program, &wanted_by),
    };
    let mut launch = found?;
    launch.words.extend(words);
    launch.environment.extend(environment);
    Ok(launch)
}
