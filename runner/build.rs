//! Embeds every level file: adding a level is adding one YAML file.
use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=levels");
    let variable = |name: &str| env::var(name).map_err(io::Error::other);
    let mut names = Vec::new();
    for entry in fs::read_dir(Path::new(&variable("CARGO_MANIFEST_DIR")?).join("levels"))? {
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
    let rows: String = names
        .iter()
        .map(|name| {
            let path = format!("/levels/{name}");
            format!("({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),\n")
        })
        .collect();
    let table = format!(
        "/// File names and texts, sorted by name.\nstatic EMBEDDED: &[(&str, &str)] = &[\n{rows}];\n"
    );
    fs::write(Path::new(&variable("OUT_DIR")?).join("levels.rs"), table)
}
