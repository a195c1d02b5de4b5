//! `--report KIND[=FILE]`: which reports go where, several in one run.

use super::file::ReportFile;
use super::{KINDS, Kind, Look, Output, Reporter, kind};
use crate::event::Event;
use crate::page::Paint;
use std::io::{self, BufWriter};
use std::path::PathBuf;
use std::str::FromStr;

/// One `--report`.
#[derive(Debug, Clone)]
pub struct Destination {
    /// Which kind.
    pub kind: &'static Kind,
    /// Where to; standard output if absent.
    pub file: Option<PathBuf>,
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name is missing after `=`".to_owned()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let kind = kind(name).ok_or_else(|| {
            let kinds: Vec<_> = KINDS
                .iter()
                .map(|kind| format!("{} ({})", kind.name, kind.about))
                .collect();
            format!(
                "there is no kind of report `{name}`; kinds are {}",
                kinds.join(", ")
            )
        })?;
        Ok(Destination { kind, file })
    }
}

/// Why reports could not be opened: the command line is at fault.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Two reports would be mixed up.
    #[error(
        "failed to print two reports, {0} and {1}, on standard output: give one of them a file, `--report {1}=FILE`"
    )]
    Mixed(&'static str, &'static str),
    /// The later one would replace the earlier.
    #[error("failed to write two reports to {}: give each a file of its own", .0.display())]
    SameFile(PathBuf),
    /// The file cannot be made.
    #[error("failed to create the report {}", path.display())]
    Create {
        /// As given.
        path: PathBuf,
        /// The errno.
        source: io::Error,
    },
}

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
            },
        );
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
            let done = open.reporter.event(event);
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
        let Some(path) = path else {
            let stdout: Output = Box::new(BufWriter::new(io::stdout()));
            let reporter = (kind.open)(stdout, look.clone());
            return Ok(Open {
                kind: kind.name,
                path: None,
                reporter,
                file: None,
            });
        };
        let create = || -> io::Result<(ReportFile, Output)> {
            let file = ReportFile::create(&path)?;
            let output: Output = Box::new(BufWriter::new(file.writer()?));
            Ok((file, output))
        };
        let (file, output) = match create() {
            Ok(created) => created,
            Err(source) => return Err(OpenError::Create { path, source }),
        };
        let look = Look {
            paint: files,
            ..look.clone()
        };
        let reporter = (kind.open)(output, look);
        Ok(Open {
            kind: kind.name,
            path: Some(path),
            reporter,
            file: Some(file),
        })
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

fn collisions(asked: &[Destination]) -> Result<(), OpenError> {
    for (index, one) in asked.iter().enumerate() {
        for other in &asked[index + 1..] {
            match (&one.file, &other.file) {
                (None, None) => return Err(OpenError::Mixed(one.kind.name, other.kind.name)),
                (Some(path), Some(same)) if path == same => {
                    return Err(OpenError::SameFile(path.clone()));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("json", "json", None)]
    #[case("json=out.json", "json", Some("out.json"))]
    #[case("human=a=b.txt", "human", Some("a=b.txt"))]
    fn kind_and_file_are_told_apart(
        #[case] text: &str,
        #[case] kind: &str,
        #[case] file: Option<&str>,
    ) {
        let destination: Destination = text.parse().unwrap();
        assert_eq!(destination.kind.name, kind);
        assert_eq!(destination.file, file.map(PathBuf::from));
    }

    #[rstest]
    #[case("xml")]
    #[case("")]
    #[case("=out")]
    fn an_unknown_kind_names_all_that_there_are(#[case] text: &str) {
        let error = text.parse::<Destination>().unwrap_err();
        for kind in KINDS {
            assert!(error.contains(kind.name), "{error}");
        }
    }

    #[test]
    fn two_reports_do_not_share_standard_output() {
        let asked = ["json".parse().unwrap(), "human".parse().unwrap()];
        assert!(matches!(
            collisions(&asked),
            Err(OpenError::Mixed("json", "human"))
        ));
    }

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
