//! Embeds every level file: adding a level is adding one YAML file. YAML is slow to read, so that is done here, once, and what
//! was read is embedded too. What only a test has to find (unknown keys and the like) is not looked for.
#[path = "build/lines.rs"]
mod lines;

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=levels");
    let variable = |name: &str| env::var(name).map_err(io::Error::other);
    let levels = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("levels");
    let mut names = Vec::new();
    for entry in fs::read_dir(&levels)? {
        let name = entry?.file_name().into_string().map_err(|name| {
            io::Error::other(format!(
                "levels/{} has a name that is not UTF-8",
                name.display()
            ))
        })?;
        if name.ends_with(".yaml") {
            names.push(name);
        }
    }
    names.sort();
    let mut rows = String::new();
    for name in &names {
        match row(name, &levels.join(name)) {
            Ok(row) => rows += &row,
            // Cargo shows every one of these, and fails.
            Err(mistake) => println!("cargo::error=levels/{name}{mistake}"),
        }
    }
    let table = format!("/// Sorted by name.\nstatic EMBEDDED: &[Embedded] = &[\n{rows}];\n");
    fs::write(Path::new(&variable("OUT_DIR")?).join("levels.rs"), table)
}

/// The file's row of the table; or what is wrong, to be put behind its name.
fn row(name: &str, path: &Path) -> Result<String, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!(": {error}: save it as a text file in UTF-8"))?;
    let lines = lines::of_steps(&text).map_err(|error| {
        let at = error.marker();
        not_yaml(at.line(), at.col() + 1, error.info())
    })?;
    let value: serde_json::Value = serde_yaml::from_str(&text).map_err(|error| {
        let at = error.location();
        let (line, column) = at.map_or((1, 1), |at| (at.line(), at.column()));
        not_yaml(line, column, &error.to_string())
    })?;
    let json = value.to_string();
    let lines: String = lines.iter().map(|check| format!("&{check:?}, ")).collect();
    let path = format!("/levels/{name}");
    let text = format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))");
    Ok(format!(
        "Embedded {{ name: {name:?}, text: {text}, json: {json:?}, lines: &[{lines}] }},\n"
    ))
}

fn not_yaml(line: usize, column: usize, why: &str) -> String {
    let remedy = "check indentation, quotes and brackets here and just above";
    format!(":{line}:{column}: not YAML: {why}: {remedy}")
}
