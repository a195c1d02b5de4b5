//! Many submissions at once: a roster, a part of it, and results that outlive the run.

use crate::exit::BadInput;
use crate::grade::{Entrant, Request, isolation};
use crate::results::{Begin, Entry, Header, HeaderLevel, SCHEMA, Session};
use checks::cohort::Partition;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// What `grade` needs to know of a cohort.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "A whole class")]
pub struct CohortArgs {
    /// Grade everybody in FILE (YAML or CSV: id, name, path, revision), and keep the results
    #[arg(long, value_name = "FILE", conflicts_with = "reference")]
    pub roster: Option<PathBuf>,
    /// Keep the results in FILE as they come [default with --roster: named after it, in this directory]
    #[arg(long, value_name = "FILE")]
    pub results: Option<PathBuf>,
    /// Go on with a run that was interrupted; begin one if there is none
    #[arg(long, conflicts_with = "again")]
    pub resume: bool,
    /// Grade everything anew, also what has not changed since it was graded
    #[arg(long)]
    pub again: bool,
    /// Grade a part: slice:I/N, every N-th submission from the I-th on, or hash:I/N, by id
    #[arg(long, value_name = "PART")]
    pub partition: Option<Partition>,
}

/// Who was asked for, and who of them is graded here.
pub struct Cohort {
    /// Everybody, in order, for the results' header; nobody if none are kept.
    entries: Vec<Entry>,
    /// Those of the part.
    pub entrants: Vec<Entrant>,
    /// Where results are kept, if they are.
    pub results: Option<PathBuf>,
    begin: Begin,
    partition: Option<Partition>,
}

impl CohortArgs {
    /// Puts a cohort together; `given` is what the command line names where there is no roster.
    ///
    /// # Errors
    /// A roster with mistakes, the same submission twice, a run that nobody keeps.
    pub fn cohort(&self, given: Vec<Entrant>) -> Result<Cohort, BadInput> {
        let all = match &self.roster {
            Some(roster) => crate::roster::load(roster).map_err(BadInput::new)?,
            None => given,
        };
        let results = self.results.clone().or_else(|| {
            let roster = self.roster.as_ref()?;
            Some(named_after(roster, self.partition))
        });
        if results.is_none() && (self.resume || self.again) {
            let why = "--resume and --again are about results that are kept: give --results FILE";
            return Err(BadInput::new(why));
        }
        if results.is_some() || self.partition.is_some() {
            let mut ids = HashSet::new();
            let mut all = all.iter().map(Entrant::id);
            if let Some(id) = all.find(|id| !ids.insert(id.clone())) {
                return Err(BadInput::new(format!(
                    "{id} was given twice: name every submission once"
                )));
            }
        }
        let entries = match &results {
            Some(_) => all.iter().map(entry).collect(),
            None => Vec::new(),
        };
        let holds = |(position, entrant): &(usize, Entrant)| {
            self.partition
                .is_none_or(|part| part.holds(*position, &entrant.id()))
        };
        let entrants = all
            .into_iter()
            .enumerate()
            .filter(holds)
            .map(|(_, entrant)| entrant);
        let begin = match (self.resume, self.again) {
            (true, _) => Begin::Resume,
            (false, true) => Begin::Anew,
            (false, false) => Begin::New,
        };
        Ok(Cohort {
            entrants: entrants.collect(),
            entries,
            results,
            begin,
            partition: self.partition,
        })
    }
}

impl Cohort {
    /// Opens the results, if they are to be kept. `seed` is the one the user named.
    ///
    /// # Errors
    /// Results that are in use, or about something else.
    pub fn session(
        &self,
        request: &Request,
        seed: Option<u64>,
    ) -> Result<Option<Session>, BadInput> {
        let Some(path) = &self.results else {
            return Ok(None);
        };
        let digests = request.digests();
        let level = |chosen: &crate::level::Chosen| {
            let level = chosen.loaded.level.level.clone();
            HeaderLevel {
                digest: digests.get(&level).cloned().unwrap_or_default(),
                checks: chosen.checks().map(|check| check.id.clone()).collect(),
                level,
            }
        };
        let header = Header {
            schema: SCHEMA.to_owned(),
            tool: concat!("rdgrade ", env!("CARGO_PKG_VERSION")).to_owned(),
            seed: request.settings.seed,
            isolation: isolation(),
            timeout_ms: request.settings.timeout.as_millis() as u64,
            limits: request
                .settings
                .limits
                .iter()
                .map(|(limit, value)| format!("{}={value}", limit.name()))
                .collect(),
            levels: request.chosen.iter().map(level).collect(),
            submissions: self.entries.clone(),
            partitions: self.partition.iter().map(ToString::to_string).collect(),
            anew: self.begin == Begin::Anew,
        };
        let session = Session::open(path, header, self.begin, seed).map_err(BadInput::new)?;
        Ok(Some(session))
    }
}

fn entry(entrant: &Entrant) -> Entry {
    Entry {
        id: entrant.id(),
        name: entrant.student.as_ref().map(|student| student.name.clone()),
        submission: entrant.program.name(),
    }
}

/// `class.yaml` → `class.results.jsonl`, `class.slice-1-of-4.results.jsonl`: parts of a roster may share a directory.
fn named_after(roster: &Path, partition: Option<Partition>) -> PathBuf {
    let stem = roster.file_stem().unwrap_or_default().to_string_lossy();
    let part = partition.map_or(String::new(), |part| {
        let part = part.to_string().replace(':', "-").replace('/', "-of-");
        format!(".{part}")
    });
    PathBuf::from(format!("{stem}{part}.results.jsonl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_roster_do_not_share_a_file() {
        let name = |part: Option<&str>| {
            let part = part.map(|part| part.parse().unwrap());
            named_after(Path::new("/srv/class.yaml"), part)
                .display()
                .to_string()
        };
        assert_eq!(name(None), "class.results.jsonl");
        assert_eq!(name(Some("slice:1/4")), "class.slice-1-of-4.results.jsonl");
        assert_ne!(name(Some("slice:2/4")), name(Some("hash:2/4")));
    }
}
