//! `rdgrade grade`: from the command line to the reports.

use super::cohort::Cohort;
use super::levels;
use crate::cli::{Globals, GradeArgs};
use crate::event::Event;
use crate::exit::{BadInput, Exit};
use crate::grade::{Entrant, Program, Request, RunError, Settings, Timed, grade_all};
use crate::image::ImageStore;
use crate::page::width_of_stdout;
use crate::recording::{Files, Record};
use crate::report::{Again, Log, Look, Progress, Reporters, TimeTable, WriteError, again};
use crate::submission::FindError;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, IsTerminal};
use std::path::PathBuf;

/// Grades what was asked for and reports it; the worst that happened to a submission is the exit status.
///
/// # Errors
/// A mistake in what was given ([`BadInput`]), a host that cannot grade, a report that cannot be written.
pub fn run(mut args: GradeArgs, globals: &Globals) -> anyhow::Result<Exit> {
    let set = levels(globals)?;
    let chosen = set.select(&args.levels).map_err(BadInput::new)?;
    let look = Look {
        width: width_of_stdout(),
        paint: globals.paint(),
        detail: globals.detail(),
        again: again(&args, globals),
    };
    let mut reporters =
        Reporters::open(&args.reports, &look, globals.paint_of_files()).map_err(BadInput::new)?;
    if io::stderr().is_terminal() && !globals.quiet {
        reporters.push_front(Box::new(Progress::new(Box::new(io::stderr()), look.width)));
    }
    if args.timings {
        reporters.push_front(Box::new(TimeTable::new(Box::new(io::stderr()))));
    }
    if let Some(folder) = &args.record {
        let files = Files::new(folder.clone());
        let failed =
            |error| BadInput::new(format!("failed to record to {}: {error}", folder.display()));
        reporters.push_recorder(folder.clone(), Box::new(files.map_err(failed)?));
    }
    let given = given(&mut args);
    let cohort = args.cohort.cohort(given)?;
    reporters
        .room_for(cohort.entrants.len())
        .map_err(BadInput::new)?;
    if cohort.results.is_some() && !io::stderr().is_terminal() && !globals.quiet {
        reporters.push_front(Box::new(Log::new(Box::new(io::stderr()))));
    }
    let store = ImageStore::open(&globals.images)?;
    let mut request = Request {
        entrants: &cohort.entrants,
        chosen,
        store: &store,
        jobs: globals.jobs(),
        settings: Settings {
            timeout: globals.timeout,
            limits: globals.limits(),
            seed: globals.seed.unwrap_or_else(seed),
            timed: if args.timings { Timed::Yes } else { Timed::No },
            record: args.record.as_ref().map_or(Record::Off, |_| Record::On),
        },
    };
    let mut session = cohort.session(&request, globals.seed)?;
    if let Some(session) = &session {
        request.settings.seed = session.header.seed;
    }
    let mut exit = Exit::Passed;
    let mut unwritten: Option<WriteError> = None;
    let graded = grade_all(&request, session.as_mut(), |event| {
        if let Event::SubmissionFinished { report, .. } = &event {
            exit = exit.max(Exit::of_report(report, args.min_score));
        }
        if let Err(error) = reporters.event(&event) {
            unwritten.get_or_insert(error);
        }
    });
    if let Some(mut session) = session {
        if matches!(graded, Err(RunError::Interrupted)) {
            session.interrupted()?;
        }
        session.close()?;
    }
    graded.map_err(|error| marked(error, &cohort))?;
    match unwritten {
        Some(error) => Err(error.into()),
        None => Ok(exit),
    }
}

/// What the command line names. It is taken from there: of a large class nothing is kept twice.
fn given(args: &mut GradeArgs) -> Vec<Entrant> {
    if args.reference {
        return vec![Program::Reference.into()];
    }
    let mut submissions = std::mem::take(&mut args.submissions);
    if submissions.is_empty() {
        submissions.push(PathBuf::from("."));
    }
    let programs = submissions.into_iter().map(Program::At);
    programs.map(Entrant::from).collect()
}

/// Random, and short enough to be typed again. The standard library seeds its hash maps from the system.
fn seed() -> u64 {
    RandomState::new().build_hasher().finish() >> 32
}

fn again(args: &GradeArgs, globals: &Globals) -> Again {
    let mut options = Vec::new();
    if let Some(folder) = &globals.level_dir {
        options.extend(["--level-dir".to_owned(), folder.display().to_string()]);
    }
    for image in &globals.images {
        options.extend([
            "--image".to_owned(),
            format!("{}={}", image.name.as_str(), image.file.display()),
        ]);
    }
    for (limit, value) in &globals.limits {
        let value = limit.spell(*value).replace(' ', "");
        options.extend(["--limit".to_owned(), format!("{}={value}", limit.name())]);
    }
    let program = if args.reference {
        again::Program::Reference
    } else {
        again::Program::Submission
    };
    Again { options, program }
}

/// A path or a manifest that is wrong is the user's to mend; everything else is not.
fn marked(error: RunError, cohort: &Cohort) -> anyhow::Error {
    match (error, &cohort.results) {
        (error @ RunError::Find(FindError::Path { .. } | FindError::Manifest(_)), _) => {
            BadInput::new(error).into()
        }
        (error @ RunError::Interrupted, Some(path)) => anyhow::anyhow!(
            "{error}; what was graded is kept in {}: go on with the same command and --resume",
            path.display()
        ),
        (error, _) => error.into(),
    }
}
