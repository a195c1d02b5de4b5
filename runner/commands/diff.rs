//! `rdgrade diff`: whose marks changed, by check, and why.

use crate::exit::{BadInput, Exit};
use crate::results::{Results, ResultsError};
use crate::terminal::one_line;
use checks::cohort::{Cause, Change, Marks, Verdict, changes};
use checks::report::Status;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// What `diff` needs to know.
#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// What `--results` kept of the run before, or a JSON report
    pub old: PathBuf,
    /// The same of the run after it
    pub new: PathBuf,
    /// One JSON object for each submission that changed, one a line
    #[arg(long)]
    pub json: bool,
}

/// Prints what changed; [`Exit::Failed`] says that something did.
///
/// # Errors
/// Results that cannot be read ([`BadInput`]).
pub fn run(args: &DiffArgs) -> anyhow::Result<Exit> {
    let old = Results::open(&args.old).map_err(BadInput::new)?;
    let new = Results::open(&args.new).map_err(BadInput::new)?;
    let changed = changes(&marks(&old)?, &marks(&new)?);
    let mut out = io::stdout().lock();
    for (id, change) in &changed {
        if args.json {
            writeln!(out, "{}", as_json(id, change))?;
        } else {
            for line in as_text(id, change) {
                writeln!(out, "{}", line.trim_end())?;
            }
        }
    }
    if !args.json {
        match changed.len() {
            0 => writeln!(out, "Nobody's marks changed.")?,
            1 => writeln!(out, "The marks of one submission changed.")?,
            many => writeln!(out, "The marks of {many} submissions changed.")?,
        }
    }
    out.flush()?;
    Ok(if changed.is_empty() {
        Exit::Passed
    } else {
        Exit::Failed
    })
}

fn marks(results: &Results) -> Result<BTreeMap<String, Marks>, ResultsError> {
    let mut all = BTreeMap::new();
    for expected in results.expected() {
        if let Some(report) = results.report(&expected.entry.id)? {
            all.insert(expected.entry.id.clone(), report.marks());
        }
    }
    Ok(all)
}

fn as_text(id: &str, change: &Change) -> Vec<String> {
    let id = one_line(id);
    let (score, checks, causes) = match change {
        Change::Joined => return vec![format!("{id}  is new")],
        Change::Left => return vec![format!("{id}  is gone")],
        Change::Marks {
            score,
            checks,
            causes,
        } => (score, checks, causes),
    };
    let points =
        |score: Option<u32>| score.map_or("not graded".to_owned(), |points| points.to_string());
    let because: Vec<String> = causes.iter().map(words).collect();
    let because = match because.as_slice() {
        [] => "nothing that was recorded is different: grade it again".to_owned(),
        causes => format!("different: {}", causes.join(", ")),
    };
    let mut lines = vec![format!(
        "{id}  {} → {}  ({because})",
        points(score.0),
        points(score.1)
    )];
    // Where one side was not graded at all, every check would be listed and none tell anything.
    if let (Some(_), Some(_)) = score {
        lines.extend(checks.iter().map(|check| {
            let name = format!("{}/{}", check.level, check.check);
            format!(
                "    {}  {} → {}",
                one_line(&name),
                verdict(check.old),
                verdict(check.new)
            )
        }));
    }
    lines
}

fn words(cause: &Cause) -> String {
    match cause {
        Cause::Submission => "the submission".to_owned(),
        Cause::Level(level) => format!("the file of {}", one_line(level)),
        Cause::Tool => "rdgrade's version".to_owned(),
        Cause::Host => "the host".to_owned(),
    }
}

fn verdict(verdict: Option<Verdict>) -> String {
    verdict.map_or("not there".to_owned(), |verdict| {
        let Verdict {
            status,
            points,
            max_points,
        } = verdict;
        format!("{} {points} of {max_points}", spell(status))
    })
}

fn spell(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Blocked => "blocked",
        Status::Ungradable => "ungradable",
        Status::Error => "error",
    }
}

fn as_json(id: &str, change: &Change) -> Value {
    let (score, checks, causes) = match change {
        Change::Joined => return json!({"id": id, "change": "joined"}),
        Change::Left => return json!({"id": id, "change": "left"}),
        Change::Marks {
            score,
            checks,
            causes,
        } => (score, checks, causes),
    };
    let one = |verdict: Option<Verdict>| {
        verdict.map(|it| json!({"status": spell(it.status), "points": it.points, "max_points": it.max_points}))
    };
    let checks: Vec<Value> = checks
        .iter()
        .map(|it| json!({"level": it.level, "check": it.check, "old": one(it.old), "new": one(it.new)}))
        .collect();
    let causes: Vec<Value> = causes
        .iter()
        .map(|cause| match cause {
            Cause::Submission => json!({"different": "submission"}),
            Cause::Level(level) => json!({"different": "level", "level": level}),
            Cause::Tool => json!({"different": "tool"}),
            Cause::Host => json!({"different": "host"}),
        })
        .collect();
    json!({"id": id, "change": "marks", "old_score": score.0, "new_score": score.1, "checks": checks, "causes": causes})
}
