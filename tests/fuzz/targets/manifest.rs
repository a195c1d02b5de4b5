//! `rdgrade.yaml`.

use crate::oracle::document::{edited, refused};
use crate::{Covered, Target, mutate, seeds};
use rdgrade::parsers;
use rdgrade::submission::{Invocation, ManifestFile};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tempfile::TempDir;

pub(super) const TARGET: Target = Target {
    name: "manifest",
    check,
    seeds: || {
        let engine = seeds::files("fixtures/engine")
            .into_iter()
            .filter(|(name, _)| name == "rdgrade.yaml");
        let written = SEEDS.iter().map(|text| text.as_bytes().to_vec());
        engine.map(|(_, file)| file).chain(written).collect()
    },
    mutate: |input, random| mutate::tree(input, random, &WORDS),
    longest: 2048,
    covers: &[
        Covered::File("runner/submission/manifest.rs"),
        Covered::File("runner/submission/template.rs"),
        Covered::File("runner/document/mod.rs"),
        Covered::File("runner/document/events.rs"),
        Covered::File("runner/document/tree.rs"),
        Covered::File("runner/document/typed.rs"),
        Covered::File("runner/document/edit.rs"),
        Covered::File("runner/document/diagnostic.rs"),
        Covered::File("runner/document/wording.rs"),
    ],
};

const SEEDS: [&str; 4] = [
    "build: [make, all]\nrun: [./rd, run, \"{options}\", -i, \"{image}\", \"{command}\"]\n",
    "run: [./rd, \"--images={images}\", \"{containers}/x\", \"{{literal}\", \"{command}\"]\noptions:\n  memory: --mem\n  \
     memory-swap: \"--swap={value}\"\n  cpu-shares: -c\n  user: \"{value}\"\n",
    "levels:\n  level03: {run: [python3, rd.py, \"{command}\"], options: {memory: --m}}\n  level10:\n    build: [cargo, build]\n",
    "# nothing is said\nrun: |\n  no list\nbuild: []\n",
];

const WORDS: [&str; 28] = [
    "build",
    "run",
    "options",
    "levels",
    "level00",
    "level01",
    "level10",
    "level11",
    "memory",
    "memory-swap",
    "cpu-shares",
    "user",
    "{images}",
    "{containers}",
    "{image}",
    "{options}",
    "{command}",
    "\"{command}\"",
    "{{command}",
    "{value}",
    "{",
    "}",
    "[]",
    "{}",
    "- ",
    ": ",
    "|\n",
    "null",
];

fn check(input: &[u8]) {
    let read = parsers::manifest("rdgrade.yaml", input);
    assert_eq!(
        read,
        parsers::manifest("rdgrade.yaml", input),
        "read in two ways"
    );
    edited(input);
    words_of_a_program_are_kept(input);
    match read {
        Ok(manifest) => accepted(&manifest, input),
        Err(found) => refused(&found, input),
    }
}

fn invocation<'a>(options: &'a BTreeMap<String, String>, command: &'a [String]) -> Invocation<'a> {
    Invocation {
        image: "ubuntu",
        images: "/workshop/images",
        containers: "/workshop/containers",
        options,
        command,
    }
}

/// A template may not lose the command, nor the value of an option that it takes.
fn accepted(manifest: &ManifestFile, input: &[u8]) {
    let command = ["/bin/sh", "-c", "{image} {"].map(str::to_owned);
    let options = BTreeMap::from([("memory".to_owned(), "64m".to_owned())]);
    let invocation = invocation(&options, &command);
    let levels = manifest.levels.iter().flatten();
    let runs = levels
        .map(|(level, overrides)| (level.as_str(), overrides.run.as_ref()))
        .chain([("level01", None)]);
    for (level, own) in runs {
        let Some(spelled) = with_file(input, level) else {
            panic!("it is read, and not loaded");
        };
        let Some(run) = own.or(manifest.run.as_ref()) else {
            continue;
        };
        let words = parsers::expand(run, &invocation, &spelled);
        assert!(
            words.windows(command.len()).any(|window| window == command),
            "{run:?} lost the command: {words:?}"
        );
        let takes_options = run.iter().any(|word| word == "{options}");
        assert!(
            !takes_options || words.iter().any(|word| word.contains("64m")),
            "{run:?} lost an option: {words:?}"
        );
    }
}

fn with_file(input: &[u8], level: &str) -> Option<BTreeMap<String, String>> {
    static PLACE: LazyLock<Option<TempDir>> = LazyLock::new(|| TempDir::new().ok());
    let place = PLACE.as_ref()?.path();
    std::fs::write(place.join("rdgrade.yaml"), input).ok()?;
    parsers::spellings(place, level)
}

/// The words of a program that was found, not described, are words and no templates.
fn words_of_a_program_are_kept(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let program: Vec<&str> = text.split_whitespace().take(8).collect();
    let options = BTreeMap::new();
    for level in ["level00", "level01"] {
        let template = parsers::with_defaults(&program, level);
        let words = parsers::expand(&template, &invocation(&options, &[]), &options);
        assert_eq!(words[..program.len()], program, "{template:?}");
    }
}
