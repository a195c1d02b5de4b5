//! Level files.

use crate::oracle::document::{edited, refused};
use crate::{Covered, Target, mutate, seeds};
use checks::level::Level;
use rdgrade::level::parse;

pub(super) const TARGET: Target = Target {
    name: "level",
    check,
    seeds: || {
        let parts = |directory: &str| -> Vec<Vec<u8>> {
            let files = seeds::files(directory);
            files.iter().flat_map(|(_, file)| parts(file)).collect()
        };
        // The whole vocabulary, and of what is real a third: many seeds take long to try, and are much alike.
        let real = parts("levels").into_iter().step_by(3);
        parts("tests/data/levels").into_iter().chain(real).collect()
    },
    mutate: |input, random| mutate::tree(input, random, &WORDS),
    longest: 4096,
    covers: &[
        Covered::File("runner/document/mod.rs"),
        Covered::File("runner/document/events.rs"),
        Covered::File("runner/document/tree.rs"),
        Covered::File("runner/document/typed.rs"),
        Covered::File("runner/document/edit.rs"),
        Covered::File("runner/document/diagnostic.rs"),
        Covered::File("runner/document/wording.rs"),
        Covered::File("runner/level/mod.rs"),
        Covered::File("checks/duration.rs"),
        Covered::File("checks/format/mod.rs"),
        Covered::File("checks/format/actions.rs"),
        Covered::File("checks/format/expect.rs"),
        Covered::File("checks/format/expectations.rs"),
        Covered::File("checks/format/fitting.rs"),
        Covered::File("checks/format/read.rs"),
        Covered::File("checks/format/reference.rs"),
        Covered::File("checks/format/relation.rs"),
        Covered::File("checks/format/rows.rs"),
    ],
};

const WORDS: [&str; 32] = [
    "run",
    "start",
    "inside",
    "outside",
    "observe",
    "end",
    "snapshot",
    "exit",
    "words",
    "root",
    "ids",
    "images",
    "{has: [{path: /test}]}",
    "{same-as: before}",
    "{differs-from: host.idz.uid}",
    "{same-as: container.roots}",
    "{below: \"[CONTAINERS]\"}",
    "{at-least: 3}",
    "{is: [a, b]}",
    "{lacks: image.top}",
    "{only: [x], except: [y]}",
    "container.root.uid",
    "nonzero",
    "SIGKILL",
    "true",
    "20s",
    "- ",
    ": ",
    "|\n",
    ">\n",
    "&a ",
    "!!str ",
];

/// The file's head with each of its checks, one at a time.
fn parts(file: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(file);
    let Some((head, checks)) = text.split_once("\nchecks:\n") else {
        return Vec::new();
    };
    let checks = checks
        .split("\n  - id: ")
        .map(|check| check.trim_start().trim_start_matches("- id: "));
    checks
        .filter(|check| !check.starts_with('#'))
        .map(|check| format!("{head}\nchecks:\n  - id: {check}\n").into_bytes())
        .collect()
}

fn check(input: &[u8]) {
    let read = parse("x.yaml", input);
    let again = parse("x.yaml", input);
    assert_eq!(
        format!("{read:?}"),
        format!("{again:?}"),
        "read in two ways"
    );
    edited(input);
    let loaded = match read {
        Ok(loaded) => loaded,
        Err(found) => return refused(&found, input),
    };
    assert!(checks::lint::lint(&loaded.level).is_empty());
    lines_are_right(&loaded.level, &loaded.source);
    comments_change_nothing(&loaded.level, &loaded.source);
    printed_it_is_the_same(&loaded.level, &loaded.source);
}

fn lines_are_right(level: &Level, source: &str) {
    let written: Vec<&str> = source.lines().collect();
    for step in level.checks.iter().flat_map(|check| &check.scenario) {
        let line = step.line.checked_sub(1).and_then(|line| written.get(line));
        assert!(
            line.is_some_and(|line| !line.trim().is_empty()),
            "no step in line {}",
            step.line
        );
    }
}

fn comments_change_nothing(level: &Level, source: &str) {
    let commented = parse("x.yaml", format!("# a comment\n{source}").as_bytes());
    let mut moved = level.clone();
    for step in moved
        .checks
        .iter_mut()
        .flat_map(|check| &mut check.scenario)
    {
        step.line += 1;
    }
    assert_eq!(
        commented.map(|it| it.level).map_err(|it| it.to_string()),
        Ok(moved)
    );
}

fn printed_it_is_the_same(level: &Level, source: &str) {
    let value: serde_yaml::Value = serde_yaml::from_str(source).unwrap_or_default();
    let printed = serde_yaml::to_string(&value).unwrap_or_default();
    let again = parse("x.yaml", printed.as_bytes()).map(|it| it.level);
    let without_lines = |mut level: Level| {
        for step in level
            .checks
            .iter_mut()
            .flat_map(|check| &mut check.scenario)
        {
            step.line = 0;
        }
        level
    };
    assert_eq!(
        again.map(without_lines).map_err(|it| it.to_string()),
        Ok(without_lines(level.clone())),
        "{printed}"
    );
}
