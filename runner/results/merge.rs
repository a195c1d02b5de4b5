//! The parts of a cohort put together, in any order and as often as one likes.

use super::index::parts;
use super::{Entry, Header, Results, ResultsError, journal};
use checks::cohort::{Candidates, Marks, Partition};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Why parts do not make a whole.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A part cannot be read, or the whole not written.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// A JSON report does not say what its run was about.
    #[error("{} is a report and not the results of a run: give what `--results FILE` has written", .0.display())]
    Report(PathBuf),
    /// Parts of different runs.
    #[error(
        "{} and {} are parts of different runs: they differ in {what}; grade both with the same rdgrade, levels and roster",
        first.display(), second.display()
    )]
    Different {
        /// One of them.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// In what.
        what: &'static str,
    },
    /// Two parts disagree on one submission.
    #[error("{id}: {} and {} disagree: {what}; drop one of them, or grade it once more", first.display(), second.display())]
    Conflict {
        /// The submission.
        id: String,
        /// One of them.
        first: PathBuf,
        /// The other.
        second: PathBuf,
        /// About what.
        what: String,
    },
}

/// Parts that fit together.
#[derive(Debug)]
pub struct Merged<'a> {
    header: Header,
    /// For each submission that has a report, the part with the best one.
    picked: BTreeMap<String, &'a Results>,
    /// Submissions nobody has graded, and the part they belong to where the roster was divided.
    pub missing: Vec<(Entry, Option<Partition>)>,
}

/// Puts parts together.
///
/// # Errors
/// See [`MergeError`]. What is missing is no error here: see [`Merged::missing`].
pub fn merge(results: &[Results]) -> Result<Merged<'_>, MergeError> {
    let header = header(results)?;
    let mut picked = BTreeMap::new();
    for entry in &header.submissions {
        let mut candidates: Option<Candidates<(String, usize)>> = None;
        for (index, part) in results.iter().enumerate() {
            let Some(report) = part.report(&entry.id)? else {
                continue;
            };
            // By content: the choice may not depend on the order of the parts.
            let bytes = serde_json::to_vec(&report).unwrap_or_default();
            let digest = blake3::hash(&bytes).to_hex().to_string();
            let mut marks = report.marks();
            // The machines of one run may differ, as long as their verdicts do not.
            marks.inputs.host.clear();
            let one = Candidates::new(marks, (digest, index));
            candidates = Some(match candidates {
                Some(known) => known.join(one),
                None => one,
            });
        }
        let Some(candidates) = candidates else {
            continue;
        };
        match candidates.settle() {
            Ok((_, (_, index))) => {
                picked.insert(entry.id.clone(), &results[index]);
            }
            Err(conflict) => return Err(disagree(results, &entry.id, &conflict.results)),
        }
    }
    let divided = parts(&header.partitions);
    let missing = header
        .submissions
        .iter()
        .enumerate()
        .filter(|(_, entry)| !picked.contains_key(&entry.id))
        .map(|(position, entry)| {
            let mut all = divided.first().into_iter().flat_map(|part| part.siblings());
            (
                entry.clone(),
                all.find(|part| part.holds(position, &entry.id)),
            )
        })
        .collect();
    Ok(Merged {
        header,
        picked,
        missing,
    })
}

impl Merged<'_> {
    /// How many submissions there are in all.
    pub fn submissions(&self) -> usize {
        self.header.submissions.len()
    }

    /// Writes the whole.
    ///
    /// # Errors
    /// When a part can no longer be read, or the file not written.
    pub fn write(&self, path: &Path) -> Result<(), MergeError> {
        let reports = self.header.submissions.iter().map(|entry| {
            let part = self.picked.get(&entry.id);
            part.map_or(Ok(None), |part| part.report(&entry.id))
        });
        Ok(journal::settled(path, &self.header, reports)?)
    }
}

/// What the whole is about. Whatever may differ between machines is the least of what the parts have.
fn header(results: &[Results]) -> Result<Header, MergeError> {
    let mut whole = results[0].header.clone();
    let mut divided = BTreeSet::new();
    let mut everything = false;
    for part in results {
        let (one, other) = (&results[0].header, &part.header);
        if other.schema.is_empty() {
            return Err(MergeError::Report(part.path().to_owned()));
        }
        let differences = [
            (one.tool != other.tool, "rdgrade's version"),
            (one.levels != other.levels, "levels"),
            (one.submissions != other.submissions, "the roster"),
            (one.timeout_ms != other.timeout_ms, "--timeout"),
            (one.limits != other.limits, "--limit"),
        ];
        if let Some((_, what)) = differences.into_iter().find(|(differs, _)| *differs) {
            return Err(MergeError::Different {
                first: results[0].path().to_owned(),
                second: part.path().to_owned(),
                what,
            });
        }
        whole.seed = whole.seed.min(other.seed);
        whole.isolation = whole.isolation.min(other.isolation.clone());
        whole.anew |= other.anew;
        everything |= other.partitions.is_empty();
        divided.extend(parts(&other.partitions));
    }
    let all = |part: &Partition| part.siblings().all(|part| divided.contains(&part));
    everything |= divided.iter().any(all);
    whole.partitions = match everything {
        true => Vec::new(),
        false => divided.iter().map(ToString::to_string).collect(),
    };
    Ok(whole)
}

fn disagree(results: &[Results], id: &str, about: &[(Marks, (String, usize))]) -> MergeError {
    let [(one, (_, first)), (other, (_, second)), ..] = about else {
        unreachable!("a conflict is one of two at least")
    };
    let verdict = one
        .verdicts
        .iter()
        .find(|(key, verdict)| other.verdicts.get(key) != Some(verdict));
    let what = match verdict {
        _ if one.inputs.submission != other.inputs.submission => {
            "it is not the same submission there".to_owned()
        }
        Some(((level, check), _)) => format!("about {level}/{check}"),
        None => "it was graded with different level files".to_owned(),
    };
    let path = |index: usize| results[index].path().to_owned();
    MergeError::Conflict {
        id: id.to_owned(),
        first: path(*first),
        second: path(*second),
        what,
    }
}
