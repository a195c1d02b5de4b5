//! The reporters of a run, several side by side.

use super::destination::collisions;
use super::each::Each;
use super::fence::Fenced;
use super::file::ReportFile;
use super::{
    Destination, Environment, Holds, Kind, Look, OpenError, Opening, Output, Reporter, environment,
    human,
};
use crate::event::Event;
use crate::page::Paint;
use std::io::{self, BufWriter};
use std::path::PathBuf;

/// A report that could not be written to its end.
#[derive(Debug, thiserror::Error)]
#[error("failed to write the {kind} report{}", path.as_ref().map_or(String::new(), |path| format!(" to {}", path.display())))]
pub struct WriteError {
    kind: &'static str,
    path: Option<PathBuf>,
    source: io::Error,
}

/// All reporters of a run.
pub struct Reporters {
    open: Vec<Open>,
}

struct Open {
    kind: &'static str,
    path: Option<PathBuf>,
    reporter: Box<dyn Reporter>,
    file: Option<ReportFile>,
    holds: Holds,
}

impl Reporters {
    /// Opens what was asked for; `human` on standard output if nothing else is printed there. Files get
    /// colour only where `files` says so.
    ///
    /// # Errors
    /// When two reports collide, or a file cannot be created.
    pub fn open(asked: &[Destination], look: &Look, files: Paint) -> Result<Self, OpenError> {
        collisions(asked)?;
        let mut asked = asked.to_vec();
        if !asked.iter().any(|destination| destination.file.is_none()) {
            asked.insert(
                0,
                Destination {
                    kind: &super::human::KIND,
                    file: None,
                },
            );
        }
        let open = asked
            .into_iter()
            .map(|destination| Open::new(destination, look, files))
            .collect::<Result<_, _>>()?;
        Ok(Reporters { open })
    }

    /// Adds a reporter that hears every event before those there are.
    pub fn push_front(&mut self, reporter: Box<dyn Reporter>) {
        self.open.insert(
            0,
            Open {
                kind: "progress",
                path: None,
                reporter,
                file: None,
                holds: Holds::Several,
            },
        );
    }

    /// Adds what writes recordings to a directory.
    pub fn push_recorder(&mut self, folder: PathBuf, recorder: Box<dyn Reporter>) {
        self.open.push(Open {
            kind: "recording",
            path: Some(folder),
            reporter: recorder,
            file: None,
            holds: Holds::Folder,
        });
    }

    /// Whether `submissions` can be reported: to be asked before they are graded.
    ///
    /// # Errors
    /// [`OpenError::HoldsOne`].
    pub fn room_for(&self, submissions: usize) -> Result<(), OpenError> {
        self.open
            .iter()
            .try_for_each(|open| open.room_for(submissions))
    }

    /// Hands `event` to every reporter; at the end of the run, files get their names. A reader that has gone
    /// away (`rdgrade … | head`) is no error: that reporter falls silent, the others go on.
    ///
    /// # Errors
    /// The first reporter's that could not write; every other one has had the event.
    pub fn event(&mut self, event: &Event) -> Result<(), WriteError> {
        let mut first = None;
        let heard = std::mem::take(&mut self.open);
        for mut open in heard {
            let done = open.hear(event);
            match done.and_then(|()| open.end(event)) {
                Ok(()) => self.open.push(open),
                Err(gone) if gone.kind() == io::ErrorKind::BrokenPipe => {}
                Err(source) => {
                    first.get_or_insert(WriteError {
                        kind: open.kind,
                        path: open.path,
                        source,
                    });
                }
            }
        }
        first.map_or(Ok(()), Err)
    }
}

impl Open {
    fn new(destination: Destination, look: &Look, files: Paint) -> Result<Self, OpenError> {
        let Destination { kind, file: path } = destination;
        let refused = |source| OpenError::Refused {
            kind: kind.name,
            source,
        };
        let environment = Environment::of_process();
        let Some(path) = path else {
            let stdout: Output = Box::new(BufWriter::new(io::stdout()));
            let opening = Opening {
                output: stdout,
                file: None,
                look: look.clone(),
                environment,
            };
            return Ok(Open {
                kind: kind.name,
                path: None,
                reporter: on_stdout(kind, opening).map_err(refused)?,
                file: None,
                holds: kind.holds,
            });
        };
        let look = Look {
            paint: files,
            ..look.clone()
        };
        if let Some(each) = Each::new(kind, &path, &look, &environment) {
            return Ok(Open {
                kind: kind.name,
                reporter: Box::new(each.map_err(refused)?),
                path: Some(path),
                file: None,
                holds: Holds::Several,
            });
        }
        if kind.holds == Holds::Folder {
            let opening = Opening {
                output: Box::new(io::sink()),
                file: Some(path.clone()),
                look,
                environment,
            };
            return Ok(Open {
                kind: kind.name,
                path: Some(path),
                reporter: (kind.open)(opening).map_err(refused)?,
                file: None,
                holds: kind.holds,
            });
        }
        let create = || -> io::Result<(ReportFile, Output)> {
            let file = ReportFile::create(&path)?;
            let output: Output = Box::new(BufWriter::new(file.writer()?));
            Ok((file, output))
        };
        let (file, output) = match create() {
            Ok(created) => created,
            Err(source) => return Err(OpenError::Create { path, source }),
        };
        let opening = Opening {
            output,
            file: Some(path.clone()),
            look,
            environment,
        };
        Ok(Open {
            kind: kind.name,
            path: Some(path),
            reporter: (kind.open)(opening).map_err(refused)?,
            file: Some(file),
            holds: kind.holds,
        })
    }

    fn room_for(&self, submissions: usize) -> Result<(), OpenError> {
        match self.holds {
            Holds::One { .. } if submissions > 1 => Err(OpenError::HoldsOne {
                kind: self.kind,
                submissions,
            }),
            Holds::One { .. } | Holds::Several | Holds::Folder => Ok(()),
        }
    }

    fn hear(&mut self, event: &Event) -> io::Result<()> {
        if let Event::RunStarted { submissions, .. } = event {
            self.room_for(*submissions).map_err(io::Error::other)?;
        }
        self.reporter.event(event)
    }

    fn end(&mut self, event: &Event) -> io::Result<()> {
        match (event, self.file.take()) {
            (Event::RunFinished, Some(file)) => file.commit(),
            (_, file) => {
                self.file = file;
                Ok(())
            }
        }
    }
}

/// In the log of a GitHub workflow a line that a submission printed could be obeyed.
fn on_stdout(kind: &Kind, opening: Opening) -> io::Result<Box<dyn Reporter>> {
    let obeyed = opening.environment.get(environment::ACTIONS).is_some();
    if obeyed && kind.name == human::KIND.name {
        return Ok(Box::new(Fenced::new(kind, opening)?));
    }
    (kind.open)(opening)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(io::ErrorKind);
    impl Reporter for Failing {
        fn event(&mut self, _: &Event) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    fn reporters(kind: io::ErrorKind) -> Reporters {
        let mut reporters = Reporters { open: Vec::new() };
        reporters.push_front(Box::new(Failing(kind)));
        reporters
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let mut reporters = reporters(io::ErrorKind::BrokenPipe);
        assert!(reporters.event(&Event::RunFinished).is_ok());
        assert!(reporters.open.is_empty());
    }

    #[test]
    fn a_full_disk_is_one() {
        let mut reporters = reporters(io::ErrorKind::StorageFull);
        assert!(reporters.event(&Event::RunFinished).is_err());
    }
}
