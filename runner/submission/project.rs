//! Projects that are built before they are run: Cargo, Go, Make.

use super::tool::{self, Launch};
use super::{FindError, HOME};
use std::path::Path;

/// A project, its build command and what it leaves.
pub(super) struct Project {
    pub build: Vec<String>,
    /// The build's needs, with the built program as its words.
    pub launch: Launch,
    /// The program's name.
    pub display: String,
}

/// The project in `directory`, if it is one.
pub(super) fn find(directory: &Path) -> Result<Option<Project>, FindError> {
    if let Ok(manifest) = std::fs::read_to_string(directory.join("Cargo.toml")) {
        let name = binary(&manifest).unwrap_or("rd");
        // Nothing can be downloaded in the jail: dependencies have to be vendored.
        let build = ["cargo", "build", "--release", "--offline"];
        let mut found = project(&build, &format!("target/release/{name}"), name)?;
        found
            .launch
            .environment
            .push(("CARGO_HOME".into(), format!("{HOME}/.cargo-home")));
        return Ok(Some(found));
    }
    if directory.join("go.mod").is_file() {
        let mut found = project(&["go", "build", "-o", "rd", "."], "rd", "rd")?;
        found
            .launch
            .environment
            .push(("GOCACHE".into(), format!("{HOME}/.go-cache")));
        return Ok(Some(found));
    }
    let make = ["Makefile", "makefile", "GNUmakefile"];
    if make.iter().any(|name| directory.join(name).is_file()) {
        return project(&["make"], "rd", "rd").map(Some);
    }
    Ok(None)
}

fn project(build: &[&str], program: &str, display: &str) -> Result<Project, FindError> {
    let mut launch = tool::find(build[0], "this project")?;
    let arguments = build[1..].iter().map(|word| String::from(*word));
    let build = launch.words.drain(..).chain(arguments).collect();
    launch.words = vec![format!("{HOME}/{program}")];
    Ok(Project {
        build,
        launch,
        display: display.into(),
    })
}

/// The program a Cargo manifest builds: the first `[[bin]]`'s name, else the package's. Read line by line; a manifest
/// that is written otherwise needs an rdgrade.yaml.
fn binary(manifest: &str) -> Option<&str> {
    let name_in = |wanted: &str| {
        let mut section = "";
        manifest.lines().map(str::trim).find_map(|line| {
            if line.starts_with('[') {
                section = line;
            }
            let value = line
                .strip_prefix("name")?
                .trim_start()
                .strip_prefix('=')?
                .trim();
            let quoted = value.strip_prefix('"')?.split('"').next()?;
            (section == wanted).then_some(quoted)
        })
    };
    name_in("[[bin]]").or_else(|| name_in("[package]"))
}
