//! Programs of the host: what an image is made of, and what submissions are run with.

use super::{absent, lacks, works};
use crate::event::NotGraded;
use crate::image::missing_programs;
use crate::submission::{Python, installed, python3};
use checks::doctor::{Finding, Gap};

/// All that are looked for.
pub fn all() -> Vec<Finding> {
    let found = python3();
    vec![image(), shell(), python(&found), click(&found), crun()]
}

fn image() -> Finding {
    let (id, title) = ("image-programs", "programs for the image");
    let missing = missing_programs();
    if missing.is_empty() {
        return works(id, title, "all there");
    }
    let why = format!(
        "no {} in /usr/bin, /bin, /usr/sbin or /sbin; apt-get install bash coreutils, or give --image ubuntu=FILE.tar",
        missing.join(", ")
    );
    lacks(id, title, &why, Gap::Everything)
}

fn shell() -> Finding {
    let (id, title) = ("sh", "sh and bash");
    match (installed("sh"), installed("bash")) {
        (Some(sh), Some(bash)) => works(id, title, format!("{}, {}", sh.display(), bash.display())),
        (found, _) => {
            let name = if found.is_some() { "bash" } else { "sh" };
            let why = format!(
                "{name} is not on PATH: programs that need it are not graded; apt-get install bash dash"
            );
            lacks(id, title, &why, Gap::Nothing)
        }
    }
}

fn python(found: &Result<Python, NotGraded>) -> Finding {
    let (id, title) = ("python3", "python3");
    match found {
        Ok(python) if python.found == python.executable => {
            works(id, title, python.executable.display().to_string())
        }
        Ok(python) => {
            let detail = format!(
                "{}, behind {}",
                python.executable.display(),
                python.found.display()
            );
            works(id, title, detail)
        }
        Err(why) => lacks(
            id,
            title,
            &format!(
                "{}: programs in Python are not graded; {}",
                why.reason, why.remedy
            ),
            Gap::Nothing,
        ),
    }
}

fn click(found: &Result<Python, NotGraded>) -> Finding {
    let (id, title) = ("click", "click");
    match found {
        Ok(python) => match &python.click {
            Some(path) => works(id, title, path.display().to_string()),
            None => {
                let executable = python.executable.display();
                let why = format!(
                    "{executable} does not have it: programs that import it are not graded; {executable} -m pip install click, or apt-get install python3-click"
                );
                lacks(id, title, &why, Gap::Nothing)
            }
        },
        Err(_) => absent(id, title, "there is no python3 to have it"),
    }
}

fn crun() -> Finding {
    let (id, title) = ("crun", "crun");
    match installed("crun") {
        Some(path) => works(id, title, path.display().to_string()),
        None => absent(
            id,
            title,
            "not installed; only the benchmark compares with it",
        ),
    }
}
