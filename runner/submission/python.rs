//! Python: the interpreter behind the shim, what it needs, and what programs import.

use super::tool::Launch;
use super::{Content, FindError, Injected, PYTHON, ask};
use crate::event::NotGraded;
use std::path::{Path, PathBuf};

/// The `linux` module of the workshop, over ctypes: nobody has to compile anything.
static LINUX: &str = include_str!("../../fixtures/linux.py");

/// Prints what has to be known of an interpreter, a line each, first the word before the colon.
const QUESTIONS: &str = "
import importlib.util, site, sys
print('executable:' + sys.executable)
for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages()):
    print('prefix:' + prefix)
click = importlib.util.find_spec('click')
if click:
    print('click:' + (click.origin or ''))
";

/// The interpreter at `path`, which may be a shim.
pub(super) fn launch(path: &Path) -> Result<Launch, FindError> {
    Ok(interpreter(path)?.0)
}

/// The same for `program`, whose imports must be there.
pub(super) fn launch_for(path: &Path, program: &Path) -> Result<Launch, FindError> {
    let (launch, click) = interpreter(path)?;
    if click.is_none() && imports_click(program) {
        let python = launch.words.first().cloned().unwrap_or_default();
        return Err(FindError::not_graded(
            format!(
                "{} imports click, which {python} does not have",
                program.display()
            ),
            format!("install it: {python} -m pip install click, or apt-get install python3-click"),
        ));
    }
    Ok(launch)
}

/// The interpreter that programs in Python are run with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Python {
    /// What is on PATH: a shim, perhaps.
    pub found: PathBuf,
    /// What it is the name of.
    pub executable: PathBuf,
    /// Its `click`.
    pub click: Option<PathBuf>,
}

/// Looks for it.
///
/// # Errors
/// Why programs in Python are not graded here.
pub fn python3() -> Result<Python, NotGraded> {
    let none = || NotGraded {
        reason: "python3 is not installed".to_owned(),
        remedy: "apt-get install python3".to_owned(),
    };
    let found = super::tool::on_path("python3").ok_or_else(none)?;
    match interpreter(&found) {
        Ok((launch, click)) => Ok(Python {
            executable: launch
                .words
                .first()
                .map_or_else(|| found.clone(), PathBuf::from),
            found,
            click,
        }),
        Err(FindError::NotGraded(why)) => Err(why),
        Err(_) => Err(none()),
    }
}

/// The interpreter, and where its `click` is.
fn interpreter(path: &Path) -> Result<(Launch, Option<PathBuf>), FindError> {
    // -I: neither the current directory nor the user's environment adds modules; the jail has neither.
    let answer = ask::ask(path, &["-I", "-c", QUESTIONS]).unwrap_or_default();
    let answers = |word: &str| {
        let lines = answer.lines().filter_map(|line| line.split_once(':'));
        let found = lines
            .filter(|(key, _)| *key == word)
            .map(|(_, value)| PathBuf::from(value));
        found.collect::<Vec<_>>()
    };
    let Some(executable) = answers("executable")
        .into_iter()
        .next()
        .filter(|it| it.is_absolute())
    else {
        return Err(FindError::not_graded(
            format!("{} does not run as a Python 3", path.display()),
            "see what it says: python3 -c 'print(1)'; or apt-get install python3",
        ));
    };
    let mut launch = Launch::plain([executable.display().to_string()]);
    let click = answers("click").into_iter().next();
    for prefix in answers("prefix") {
        launch.show(&prefix);
    }
    // A package may be linked into a prefix from elsewhere.
    if let Some(package) = click.as_ref().and_then(|origin| origin.parent()) {
        launch.show(package);
    }
    let real = executable
        .canonicalize()
        .unwrap_or_else(|_| executable.clone());
    launch.show(&executable);
    launch.show(&real);
    launch.search(executable.parent());
    launch
        .environment
        .push(("PYTHONPATH".into(), PYTHON.into()));
    launch
        .environment
        .push(("PYTHONDONTWRITEBYTECODE".into(), "1".into()));
    launch.inject.push(Injected {
        inside: format!("{PYTHON}/linux.py"),
        content: Content::Text(LINUX),
    });
    Ok((launch, click))
}

/// Whether the program itself imports click. Whatever it imports may do so too; then its own error says so.
fn imports_click(program: &Path) -> bool {
    let text = crate::document::file(program).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().any(|line| {
        let line = line.split('#').next().unwrap_or_default().trim();
        let package = |module: &str| module.split(['.', ' ']).next() == Some("click");
        match line.split_once(' ') {
            Some(("import", modules)) => modules.split(',').map(str::trim).any(package),
            Some(("from", module)) => package(module.trim()),
            _ => false,
        }
    })
}
