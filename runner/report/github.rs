//! GitHub Actions: the report for people in the log, annotations, and the job's summary.
//!
//! The log is searched for commands, so everything a submission may have printed stands behind a fence
//! ([`super::fence`]) or, in an annotation, is escaped. GitHub shows 10 errors a step and 50 annotations a job.

use super::fence::{Fenced, SharedOutput};
use super::markdown::{Markdown, Room};
use super::one_by_one::{InTurn, OneByOne};
use super::told::{Told, capped, each, no_mark};
use super::{Environment, Holds, Kind, Opening, Reporter, human};
use crate::event::{Event, SubmissionReport};
use checks::report::Status;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "github",
    about: "GitHub Actions: annotations, and the summary in $GITHUB_STEP_SUMMARY",
    holds: Holds::Several,
    open: |opening| Ok(Box::new(Github::new(opening)?)),
};

/// Errors that are shown of one step.
const ERRORS: usize = 10;
/// Characters of an annotation's text.
const TEXT: usize = 1000;

struct Github {
    log: Fenced,
    annotations: Box<dyn Reporter>,
    summary: Option<Box<dyn Reporter>>,
}

impl Github {
    fn new(opening: Opening) -> io::Result<Self> {
        let log = SharedOutput::new(opening.output);
        let summary = match appended(&opening.environment, "GITHUB_STEP_SUMMARY")? {
            Some(file) => {
                let room = Room::of_a_summary(file.metadata()?.len());
                let output = Box::new(BufWriter::new(file));
                let summary = Markdown::new(output, opening.look.clone(), room);
                Some(InTurn::boxed(summary))
            }
            None => None,
        };
        Ok(Github {
            annotations: InTurn::boxed(Annotations {
                log: log.clone(),
                errors: Vec::new(),
                more: 0,
            }),
            log: Fenced::new(
                &human::KIND,
                Opening {
                    output: Box::new(log),
                    ..opening
                },
            )?,
            summary,
        })
    }
}

impl Reporter for Github {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        // The fence is closed by the log's last event, before the annotations are written.
        self.log.event(event)?;
        self.annotations.event(event)?;
        self.summary
            .as_mut()
            .map_or(Ok(()), |summary| summary.event(event))
    }
}

struct Annotations {
    log: SharedOutput,
    errors: Vec<String>,
    more: usize,
}

impl OneByOne for Annotations {
    fn submission(&mut self, report: &SubmissionReport) -> io::Result<()> {
        if report.not_graded.is_some() {
            let why = no_mark(report).unwrap_or_default();
            self.push(|| command(report, "not graded", &why));
        }
        for told in each(report) {
            // What is blocked by another failure is that failure's consequence.
            if told.check.status == Status::Fail && !told.check.bonus
                || told.check.status == Status::Error
            {
                self.push(|| annotation(told));
            }
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        for error in &self.errors {
            writeln!(self.log, "{error}")?;
        }
        if self.more > 0 {
            writeln!(
                self.log,
                "::notice title=rdgrade::{} more are not shown here; the log and the summary have all",
                self.more
            )?;
        }
        self.log.flush()
    }
}

impl Annotations {
    fn push(&mut self, error: impl FnOnce() -> String) {
        if self.errors.len() < ERRORS {
            self.errors.push(error());
        } else {
            self.more += 1;
        }
    }
}

fn annotation(told: Told<'_>) -> String {
    let check = told.check;
    let text = match told.uncounted() {
        Some(why) => why,
        None => format!("{}\n{}", check.reason, check.hint),
    };
    command(
        told.report,
        &format!("{}: {}", told.name(), check.title),
        &text,
    )
}

fn command(report: &SubmissionReport, title: &str, text: &str) -> String {
    // A directory cannot be shown in a diff, a file can.
    let name = &report.submission;
    let file = Path::new(name).extension().map_or(String::new(), |_| {
        format!("file={},line=1,", property(name.trim_start_matches("./")))
    });
    let text = data(&capped(text, TEXT));
    format!("::error {file}title={}::{text}", property(title))
}

/// Escapes as the runner undoes them (actions/toolkit, `command.ts`).
fn data(text: &str) -> String {
    let escaped = text.replace('%', "%25").replace('\r', "%0D");
    // The older spelling of a command is searched for in the whole line.
    escaped.replace('\n', "%0A").replace("##[", "# #[")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The file that the variable names, to be appended to; none where it is not set.
fn appended(environment: &Environment, variable: &str) -> io::Result<Option<File>> {
    let Some(path) = environment.get(variable) else {
        return Ok(None);
    };
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.map(Some)
        .map_err(|error| io::Error::other(format!("failed to open ${variable}, {path}: {error}")))
}

/// Appends `text` to the file that the variable names, if it is set.
///
/// # Errors
/// When the file cannot be written to.
pub(super) fn append(environment: &Environment, variable: &str, text: &str) -> io::Result<()> {
    match appended(environment, variable)? {
        Some(mut file) => file.write_all(text.as_bytes()),
        None => Ok(()),
    }
}
