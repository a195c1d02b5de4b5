//! The switches are no part of what is installed.

use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Compiles the module as a release is compiled, and asks it with everything switched off.
#[test]
fn a_release_does_not_know_the_switch() {
    let place = TempDir::new().unwrap();
    let source = place.path().join("main.rs");
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("runner/jail/mechanism.rs");
    let text = format!(
        "#[path = {module:?}]\n#[allow(dead_code)]\nmod mechanism;\nfn main() {{\n    \
         println!(\"{{}}\", mechanism::Mechanism::missing().count());\n}}\n"
    );
    std::fs::write(&source, text).unwrap();
    let all: Vec<_> = rdgrade::jail::Mechanism::ALL.map(|one| one.name()).into();
    let missing = |assertions: &str| {
        let program = place.path().join(assertions);
        let compiled = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()))
            .args(["--edition", "2024", "-C"])
            .arg(format!("debug-assertions={assertions}"))
            .arg("-o")
            .args([&program, &source])
            .output()
            .unwrap();
        assert!(compiled.status.success(), "{compiled:?}");
        let bytes = std::fs::read(&program).unwrap();
        let word = b"RDGRADE_WITHOUT";
        let knows = bytes.windows(word.len()).any(|window| window == word);
        let mut asked = Command::new(&program);
        asked.env("RDGRADE_WITHOUT", all.join(","));
        let said = String::from_utf8(asked.output().unwrap().stdout).unwrap();
        (knows, said.trim().parse::<usize>().unwrap())
    };
    assert_eq!(missing("yes"), (true, all.len()));
    assert_eq!(missing("no"), (false, 0));
}
