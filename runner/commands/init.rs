//! `rdgrade init`: the files that have submissions graded, by whoever grades them.

use super::levels;
use crate::cli::Globals;
use crate::exit::{BadInput, Exit};
use crate::recipe::{
    Edition, Force, Laid, LayOutError, Made, RECIPES, Recipe, Settings, lay_out, manifest, recipe,
    render,
};
use crate::terminal::{neutral, one_line};
use clap::builder::PossibleValuesParser;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// What `init` needs to know.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// What for: `manifest` says how one submission is built and run, the others are systems that grade
    #[arg(value_name = "KIND", default_value = MANIFEST, value_parser = kinds())]
    pub kind: String,
    /// Where the files go
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// For one student's repository instead of the class
    #[arg(long)]
    pub student: bool,
    /// Levels as for `grade`
    #[arg(long, default_value = "all")]
    pub levels: String,
    /// Machines that divide the class among them [default: 4]
    #[arg(long, value_name = "N")]
    pub partitions: Option<NonZeroUsize>,
    /// The class's roster, from DIR on [default: class.csv]
    #[arg(long, value_name = "FILE")]
    pub roster: Option<String>,
    /// Where rdgrade's own repository is: machines build it from there
    #[arg(long, value_name = "URL", default_value = env!("CARGO_PKG_REPOSITORY"), hide_default_value = true)]
    pub git: String,
    /// Replace files that are there
    #[arg(long)]
    pub force: bool,
    /// Print the files, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// The kind that is no recipe.
const MANIFEST: &str = "manifest";

fn kinds() -> PossibleValuesParser {
    let recipes = RECIPES.iter().map(|recipe| recipe.name);
    PossibleValuesParser::new([MANIFEST].into_iter().chain(recipes))
}

/// Writes the files, and says what comes next.
///
/// # Errors
/// Options that the kind has no use for, files that are there already ([`BadInput`]), or that cannot be written.
pub fn run(args: &InitArgs, globals: &Globals) -> anyhow::Result<Exit> {
    let (files, next) = match recipe(&args.kind) {
        Some(recipe) => made(recipe, args, globals)?,
        None => manifest_of(args, globals)?,
    };
    let mut out = io::stdout().lock();
    if args.dry_run {
        for file in files {
            writeln!(out, "==> {} <==\n{}", file.path, file.text)?;
        }
        return Ok(Exit::Passed);
    }
    let force = if args.force { Force::Yes } else { Force::No };
    let laid = lay_out(&args.folder, &files, force).map_err(|error| match error {
        error @ LayOutError::There(_) => anyhow::Error::from(BadInput::new(error)),
        error => error.into(),
    })?;
    for (path, laid) in laid {
        let what = match laid {
            Laid::Written => "written",
            Laid::Replaced => "replaced",
            Laid::Unchanged => "as it was",
        };
        writeln!(out, "{}: {what}", one_line(&shown(&path)))?;
    }
    let here = if args.folder == Path::new(".") || args.kind == MANIFEST {
        String::new()
    } else {
        format!("In {}:\n", typed(&args.folder))
    };
    write!(out, "\n{here}{next}")?;
    Ok(Exit::Passed)
}

fn made(
    recipe: &Recipe,
    args: &InitArgs,
    globals: &Globals,
) -> anyhow::Result<(Vec<Made>, String)> {
    let edition = edition(recipe, args)?;
    levels(globals)?
        .select(&args.levels)
        .map_err(BadInput::new)?;
    let partitions = args.partitions.or(NonZeroUsize::new(4));
    let roster = args.roster.as_deref().unwrap_or("class.csv");
    let settings = Settings::new(
        &args.levels,
        partitions.unwrap_or(NonZeroUsize::MIN),
        roster,
        &args.git,
    )
    .map_err(BadInput::new)?;
    Ok(render(edition, &settings, &typed(&args.folder))?)
}

/// The manifest of the submission in the directory.
fn manifest_of(args: &InitArgs, globals: &Globals) -> anyhow::Result<(Vec<Made>, String)> {
    let folder = &args.folder;
    if args.student || args.partitions.is_some() || args.roster.is_some() {
        let why = "a manifest is about one submission: --student, --roster and --partitions are for the other kinds";
        return Err(BadInput::new(why).into());
    }
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(
            BadInput::new(format!("{folder} is no directory: name the submission's")).into(),
        );
    }
    let (made, nothing) = manifest(folder, &levels(globals)?).map_err(BadInput::new)?;
    let grade = format!("  rdgrade level01 {}\n", typed(folder));
    let next = match nothing {
        Some(why) => format!(
            "{}.\nSay in it how the program is built and run. Then grade it:\n{grade}",
            neutral(&why.reason)
        ),
        None => format!("Change what is wrong in it. Then grade:\n{grade}"),
    };
    Ok((vec![made], next))
}

/// The edition that was asked for: for the class unless there is none.
fn edition<'r>(recipe: &'r Recipe, args: &InitArgs) -> Result<&'r Edition, BadInput> {
    let (name, system) = (recipe.name, recipe.system);
    match (&recipe.class, &recipe.student) {
        (Some(class), _) if !args.student => Ok(class),
        (_, Some(student)) if args.partitions.is_none() && args.roster.is_none() => Ok(student),
        (_, Some(_)) => Err(BadInput::new(format!(
            "one submission has no roster and no parts: {system} is given one at a time; leave --roster and --partitions out"
        ))),
        (_, None) => Err(BadInput::new(format!(
            "there is no recipe of {system} for one student's repository: leave --student out, or see `rdgrade init github --student`; {name} grades a class"
        ))),
    }
}

/// A path as a person types it.
fn shown(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    path.display().to_string()
}

/// A directory as a person types it.
fn typed(folder: &Path) -> String {
    let folder = folder.display().to_string();
    shlex::try_quote(&folder).map_or_else(|_| folder.clone(), |quoted| quoted.into_owned())
}
