//! The report as web pages: the class as a heat map, and a page for each student. No network, no server.
//!
//! A student's page is written when their report comes; what stays in memory is a few bytes for each check of each student.
//! Names and output are a submission's: they are text on every page, and no file is named after them.

mod class;
mod class_page;
mod folder;
mod hints;
mod pages;
mod student;
mod timeline;

use super::tame::tame;
use super::{Holds, Kind, Look, Reporter};
use crate::event::{Event, SubmissionReport};
use class::Class;
use folder::{Folder, RecordingFile};
use pages::Pages;
use std::collections::BTreeMap;
use std::io;

/// The kind, for the registry.
pub const KIND: Kind = Kind {
    name: "html",
    about: "web pages in a directory, html=DIR",
    holds: Holds::Folder,
    open: |opening| {
        let Some(path) = opening.file else {
            return Err(io::Error::other(
                "the pages need a directory: `--report html=DIR`",
            ));
        };
        Ok(Box::new(Html {
            folder: Folder::open(path)?,
            pages: Pages::new()?,
            look: opening.look,
            run: Run::default(),
            class: Class::default(),
            recordings: BTreeMap::new(),
        }))
    },
};

/// What is known of the whole run.
#[derive(Debug, Clone, Default)]
struct Run {
    seed: u64,
    isolation: String,
    submissions: usize,
}

/// The files with the recordings of one submission, by level and check: reports wait for their turn, and what was recorded
/// meanwhile lies in files.
type Recordings = BTreeMap<(String, String), RecordingFile>;

struct Html {
    folder: Folder,
    pages: Pages,
    look: Look,
    run: Run,
    class: Class,
    /// Of submissions whose report has not come yet.
    recordings: BTreeMap<usize, Recordings>,
}

impl Html {
    fn student(&mut self, index: usize, report: SubmissionReport) -> io::Result<()> {
        let report = tame(report);
        self.class.take(index, &report);
        let recordings = self.recordings.remove(&index).unwrap_or_default();
        let mut timelines = BTreeMap::new();
        for ((level, check), file) in &recordings {
            let recording = self.folder.read(file)?;
            let timeline = timeline::timeline(file.way(), &recording);
            timelines.insert((level.as_str(), check.as_str()), timeline);
        }
        let view = student::Surroundings {
            index,
            submissions: self.run.submissions,
            look: &self.look,
            class: &self.class,
            recordings: &timelines,
        };
        let page = self.pages.student(&view.student(&report))?;
        self.folder.student(index, &page)
    }
}

impl Reporter for Html {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::RunStarted {
                seed,
                isolation,
                submissions,
                ..
            } => {
                self.run = Run {
                    seed: *seed,
                    isolation: isolation.clone(),
                    submissions: *submissions,
                };
                self.folder.begin()
            }
            Event::CheckFinished {
                submission,
                level,
                result,
                recording: Some(recording),
            } => {
                let name = (level.clone(), result.id.clone());
                let file = self
                    .folder
                    .recording(*submission, level, &result.id, recording)?;
                let of_this = self.recordings.entry(*submission).or_default();
                of_this.insert(name, file);
                Ok(())
            }
            Event::SubmissionFinished { submission, report } => {
                self.student(*submission, (**report).clone())
            }
            Event::RunFinished => {
                let class = std::mem::take(&mut self.class);
                let run = &self.run;
                let pages = &self.pages;
                self.folder
                    .finish(|output| pages.class(class_page::view(class, run), output))
            }
            Event::SubmissionStarted { .. }
            | Event::CheckFinished { .. }
            | Event::CheckTimed { .. } => Ok(()),
        }
    }
}
