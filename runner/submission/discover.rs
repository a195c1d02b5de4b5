//! Finding the program in what was given.

use super::manifest::{self, Manifest};
use super::tool::{self, Launch};
use super::{FindError, HOME, Source, Submission, program, project, python, template};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a program is called when nobody says otherwise.
const PROGRAMS: [&str; 2] = ["rd.py", "rd"];

/// What was found: how it is built, run, and called.
pub(super) struct Found {
    pub build: Option<Vec<String>>,
    pub launch: Launch,
    display: String,
    /// The template and its typed form, where a manifest says them.
    run: Option<(Vec<String>, Vec<String>)>,
}

pub(super) fn find(path: &Path, level: &str) -> Result<Submission, FindError> {
    let io = |source| FindError::Path {
        path: path.into(),
        source,
    };
    let meta = path.metadata().map_err(io)?;
    // Told apart by their last name, `.` and `..` have none.
    let real = path.canonicalize().map_err(io)?;
    let (source, found, options) = if meta.is_dir() {
        let (found, options) = in_directory(&real, level)?;
        (Source::Directory(real), found, options)
    } else {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let launch = program::launch(path, &format!("{HOME}/{name}"))?;
        let found = Found {
            build: None,
            launch,
            display: name,
            run: None,
        };
        (
            Source::File(std::path::absolute(path).map_err(io)?),
            found,
            BTreeMap::new(),
        )
    };
    let (run, typed) = found.run.unwrap_or_else(|| {
        let run = template::with_defaults(&found.launch.words, level);
        (run, template::with_defaults(&[&found.display], level))
    });
    Ok(Submission {
        name: path.display().to_string(),
        source,
        build: found.build,
        run,
        options,
        environment: found.launch.environment(),
        visible: found.launch.visible,
        inject: found.launch.inject,
        display: found.display,
        typed,
    })
}

fn in_directory(
    directory: &Path,
    level: &str,
) -> Result<(Found, BTreeMap<String, String>), FindError> {
    let manifest = manifest::load(directory, level)?.unwrap_or_default();
    let Manifest {
        build,
        run,
        options,
    } = manifest;
    let mut found = match run {
        Some(run) => said(directory, run)?,
        None => guessed(directory, level)?,
    };
    if let Some(build) = build {
        let (first, rest) = build
            .split_first()
            .map_or(("", &[][..]), |(first, rest)| (first, rest));
        // A path is the submission's own; a word is a tool of the host.
        if first.contains('/') {
            found.build = Some(build);
        } else {
            let tool = tool::find(first, manifest::NAME)?;
            tool.visible
                .iter()
                .for_each(|prefix| found.launch.show(prefix));
            found.launch.environment.extend(tool.environment);
            found.launch.search.extend(tool.search);
            found.build = Some(tool.words.into_iter().chain(rest.iter().cloned()).collect());
        }
    }
    Ok((found, options))
}

/// As the manifest says. Its first word may be a script of the submission, a tool of the host, or yet to be built.
fn said(directory: &Path, run: Vec<String>) -> Result<Found, FindError> {
    let Some((first, rest)) = run.split_first() else {
        return Err(FindError::not_graded(
            "`run` is empty",
            "write the program's words",
        ));
    };
    let own = directory.join(first);
    let script = rest
        .iter()
        .map(|word| directory.join(word))
        .find(|path| path.is_file());
    let launch = if first.contains('/') && own.is_file() {
        program::launch(&own, first)?
    } else if first.contains('/') || first.contains('{') {
        Launch::plain([first.clone()])
    } else if first.starts_with("python") {
        match (tool::on_path(first), script) {
            (Some(python), Some(script)) => python::launch_for(&python, &script)?,
            _ => tool::find(first, manifest::NAME)?,
        }
    } else {
        tool::find(first, manifest::NAME)?
    };
    let words = launch.words.iter().map(|word| {
        if word == first {
            word.clone()
        } else {
            word.replace('{', "{{")
        }
    });
    let template = words.chain(rest.iter().cloned()).collect();
    let display = first.trim_start_matches("./").to_owned();
    Ok(Found {
        build: None,
        launch,
        display,
        run: Some((template, run)),
    })
}

/// What is there where no manifest says otherwise.
pub(super) fn guessed(directory: &Path, level: &str) -> Result<Found, FindError> {
    let top = PROGRAMS.map(PathBuf::from);
    let mut candidates = workshop(directory, level).into_iter().chain(top);
    if let Some(relative) = candidates.find(|relative| directory.join(relative).is_file()) {
        let inside = format!("{HOME}/{}", relative.display());
        let launch = program::launch(&directory.join(&relative), &inside)?;
        let display = relative
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        return Ok(Found {
            build: None,
            launch,
            display,
            run: None,
        });
    }
    if let Some(project) = project::find(directory)? {
        let project::Project {
            build,
            launch,
            display,
        } = project;
        return Ok(Found {
            build: Some(build),
            launch,
            display,
            run: None,
        });
    }
    Err(FindError::not_graded(
        format!("{} holds no program that is known", directory.display()),
        "name it rd.py or rd, or say in rdgrade.yaml how to build and run it (rdgrade init writes one)",
    ))
}

/// The program of the workshop's layout for `level`, if the layout is there: `levels/01_chroot_image/rd.py`.
fn workshop(directory: &Path, level: &str) -> Option<PathBuf> {
    let mut programs: Vec<(u32, PathBuf)> = Vec::new();
    for above in ["levels", ""] {
        let Ok(entries) = std::fs::read_dir(directory.join(above)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(number) = number(&name.to_string_lossy()) else {
                continue;
            };
            let relative = Path::new(above).join(name);
            let program = PROGRAMS.iter().map(|program| relative.join(program));
            programs.extend(
                program
                    .filter(|program| directory.join(program).is_file())
                    .map(|program| (number, program)),
            );
        }
        if !programs.is_empty() {
            break;
        }
    }
    // Stable: in one directory, programs stay in the order of their names above.
    programs.sort_by_key(|(number, program)| (*number, program.parent().map(PathBuf::from)));
    // A program that solves a level passes all below it, so the next higher one is the fairest stand-in.
    let wanted = level
        .strip_prefix("level")
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(u32::MAX);
    let at = programs.iter().position(|(number, _)| *number >= wanted);
    let at = at.or_else(|| {
        let highest = programs.last()?.0;
        programs.iter().position(|(number, _)| *number == highest)
    })?;
    programs.into_iter().nth(at).map(|(_, program)| program)
}

/// 1 of `01_chroot_image`.
fn number(name: &str) -> Option<u32> {
    let (digits, _) = name.split_once('_')?;
    (digits.len() == 2).then(|| digits.parse().ok())?
}
