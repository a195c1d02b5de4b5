//! A shell inside the student's container, spoken to over its pty.
//!
//! One command at a time, each followed by a marker that carries `$?`. Never a sleep, never a guess by prompt: what is waited
//! for is the marker, the submission's end, or the deadline.

use super::awaited::{Awaited, before_marker};
use super::capture;
use super::scene::{Scene, SceneError, Waited};
use crate::jail::{Program, While};
use checks::played::{Exit, Output, Trouble};
use nix::unistd::write;
use std::time::{Duration, Instant};

/// What came of speaking to a program.
pub struct Said {
    /// What was printed.
    pub output: Output,
    /// How the command, or the program, ended.
    pub exit: Option<Exit>,
    /// What went wrong.
    pub trouble: Option<Trouble>,
}

/// How long a step may take, and the token its markers begin with.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The deadline, from now.
    pub limit: Duration,
}

impl Patience {
    fn deadline(self) -> Instant {
        Instant::now() + self.limit
    }

    /// What it means that a wait ended like this.
    fn trouble(self, scene: &Scene, waited: Waited, waiting_for: &str) -> Option<Trouble> {
        let in_vain = || Trouble::Deadline {
            waiting_for: waiting_for.to_owned(),
            after_ms: self.limit.as_millis() as u64,
        };
        match waited {
            Waited::Done => None,
            Waited::Deadline => Some(in_vain()),
            Waited::Limit => Some(scene.exceeded.clone().map_or_else(in_vain, Trouble::Limit)),
        }
    }
}

/// A marker that cannot be known before the run, and that no echo of the typed line contains.
#[derive(Debug)]
pub struct Marker {
    nonce: String,
    count: u32,
}

impl Marker {
    /// Markers made from a nonce of letters and digits.
    pub fn new(nonce: String) -> Self {
        Marker { nonce, count: 0 }
    }

    /// The next marker: the line to type, and the token to look for.
    pub(crate) fn next(&mut self) -> (String, Vec<u8>) {
        self.count += 1;
        let (nonce, count) = (&self.nonce, self.count);
        // In two pieces, so that the line itself, if a terminal echoes it, does not hold the token.
        (
            format!("printf '%s%s%s:\\n' 'rd{nonce}' '-{count}=' \"$?\"\n"),
            format!("rd{nonce}-{count}=").into_bytes(),
        )
    }
}

/// Runs a program to its end.
pub fn run(
    scene: &mut Scene,
    program: Program,
    asked: &[String],
    patience: Patience,
) -> Result<(usize, Said), SceneError> {
    let deadline = patience.deadline();
    let index = scene.spawn(program, asked)?;
    let waited = scene.wait(deadline, |scene| scene.programs[index].exit.is_some())?;
    let trouble = patience.trouble(scene, waited, "the program to end");
    Ok((index, finished(scene, index, trouble)))
}

/// Starts a program and waits until the shell in its container answers.
pub fn start(
    scene: &mut Scene,
    program: Program,
    asked: &[String],
    marker: &mut Marker,
    patience: Patience,
) -> Result<(usize, Said), SceneError> {
    let deadline = patience.deadline();
    let index = scene.spawn(program, asked)?;
    let executed = |scene: &Scene| {
        let program = &scene.programs[index];
        program.exit.is_some()
            || program
                .container
                .as_ref()
                .is_some_and(|container| container.found.is_ok())
    };
    let waited = scene.wait(deadline, executed)?;
    let waiting_for = format!("{} to be executed in the container", asked.join(" "));
    if let Some(trouble) = patience.trouble(scene, waited, &waiting_for) {
        return Ok((index, finished(scene, index, Some(trouble))));
    }
    if scene.programs[index].exit.is_some() {
        return Ok((index, ended(scene, index, "a shell in the container")));
    }
    // Prompts would stand in the output of every command.
    let quiet = "PS1= PS2=; unset PROMPT_COMMAND HISTFILE; ";
    let mut said = ask(
        scene,
        index,
        quiet,
        marker,
        deadline,
        patience,
        "the shell in the container to answer",
    )?;
    if said.trouble.is_none() {
        // The shell's first prompt, printed before it could be told to print none.
        let kept = said.output.text.rfind('\n').map_or(0, |end| end + 1);
        said.output.text.truncate(kept);
    }
    said.exit = None;
    Ok((index, said))
}

/// Types a command and waits for its end.
pub fn inside(
    scene: &mut Scene,
    index: usize,
    command: &str,
    marker: &mut Marker,
    patience: Patience,
) -> Result<Said, SceneError> {
    let typed = format!("{command}\n");
    ask(
        scene,
        index,
        &typed,
        marker,
        patience.deadline(),
        patience,
        "the command to end",
    )
}

/// Ends the session with `exit STATUS` and waits for the submission to end.
pub fn end(
    scene: &mut Scene,
    index: usize,
    status: u8,
    patience: Patience,
) -> Result<Said, SceneError> {
    let deadline = patience.deadline();
    type_line(scene, index, &format!("exit {status}\n"))?;
    let waited = scene.wait(deadline, |scene| scene.programs[index].exit.is_some())?;
    let trouble = patience.trouble(scene, waited, "the submission to end after its shell");
    Ok(finished(scene, index, trouble))
}

fn ask(
    scene: &mut Scene,
    index: usize,
    text: &str,
    marker: &mut Marker,
    deadline: Instant,
    patience: Patience,
    waiting_for: &str,
) -> Result<Said, SceneError> {
    let (line, token) = marker.next();
    scene.programs[index].awaited = Some(Awaited::new(token.clone()));
    type_line(scene, index, &format!("{text}{line}"))?;
    let answered = |scene: &Scene| {
        let program = &scene.programs[index];
        program.exit.is_some()
            || program
                .awaited
                .as_ref()
                .is_some_and(|awaited| awaited.answer.is_some())
    };
    let waited = scene.wait(deadline, answered)?;
    let answer = scene.programs[index]
        .awaited
        .take()
        .and_then(|awaited| awaited.answer);
    if let Some(answer) = answer {
        let (bytes, cut) = scene.programs[index].output.take();
        let output = Output {
            text: capture::text(before_marker(&bytes, &token, &answer)),
            cut,
        };
        let exit = answer.parse().ok().map(Exit::Code);
        return Ok(Said {
            output,
            exit,
            trouble: None,
        });
    }
    if let Some(trouble) = patience.trouble(scene, waited, waiting_for) {
        return Ok(finished(scene, index, Some(trouble)));
    }
    Ok(ended(scene, index, waiting_for))
}

fn ended(scene: &mut Scene, index: usize, waiting_for: &str) -> Said {
    let exit = scene.programs[index].exit.unwrap_or(Exit::Code(0));
    finished(
        scene,
        index,
        Some(Trouble::Ended {
            waiting_for: waiting_for.to_owned(),
            exit,
        }),
    )
}

fn finished(scene: &mut Scene, index: usize, trouble: Option<Trouble>) -> Said {
    scene.drain(index);
    let program = &mut scene.programs[index];
    Said {
        output: program.output.take_output(),
        exit: program.exit,
        trouble,
    }
}

fn type_line(scene: &mut Scene, index: usize, text: &str) -> Result<(), SceneError> {
    let program = &mut scene.programs[index];
    program.spoken_to = true;
    let Some(stream) = &program.stream else {
        return Ok(());
    };
    match write(stream, text.as_bytes()) {
        // A terminal nobody reads, or that is gone: the deadline or the program's end will tell.
        Ok(_) | Err(nix::errno::Errno::EIO | nix::errno::Errno::EAGAIN) => Ok(()),
        Err(errno) => Err(errno)
            .while_trying(|| "type into the jail's terminal")
            .map_err(Into::into),
    }
}
