//! The levels in the binary: read by `runner/build.rs` as far as YAML goes, and from there on when they are asked for.

use super::LoadedLevel;
use checks::format::LevelFile;

include!(concat!(env!("OUT_DIR"), "/levels.rs"));

/// A level as `runner/build.rs` leaves it.
#[derive(Debug)]
pub(super) struct Embedded {
    /// `level01.yaml`.
    name: &'static str,
    /// The file's text.
    text: &'static str,
    /// What the file says.
    json: &'static str,
    /// The line of every step, check by check.
    lines: &'static [&'static [usize]],
}

impl Embedded {
    /// All of them, in the order of their names.
    pub fn all() -> &'static [Embedded] {
        EMBEDDED
    }

    /// The level's id: a test holds it and the file's name together.
    pub fn id(&self) -> &'static str {
        self.name.trim_end_matches(".yaml")
    }

    fn file(&self) -> String {
        format!("levels/{}", self.name)
    }

    /// The level. It is the one that [`super::parse`] reads from the text, and has no mistakes: tests see to both, so that
    /// nothing is linted here.
    pub fn read(&self) -> LoadedLevel {
        let (mut level, problems) = serde_json::from_str::<LevelFile>(self.json)
            .map(checks::format::read)
            .unwrap_or_else(|error| self.mistaken(&error.to_string()));
        if let Some(problem) = problems.first() {
            self.mistaken(&problem.message);
        }
        for (check, lines) in level.checks.iter_mut().zip(self.lines) {
            for (step, line) in check.scenario.iter_mut().zip(*lines) {
                step.line = *line;
            }
        }
        LoadedLevel {
            level,
            file: self.file(),
            source: self.text.into(),
        }
    }

    fn mistaken(&self, why: &str) -> ! {
        let file = self.file();
        unreachable!(
            "a test keeps mistakes out of what is built in: {why}; see `rdgrade lint {file}`"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::parse;

    #[test]
    fn the_embedded_levels_are_those_of_their_files_and_hold_no_mistake() {
        assert!(!Embedded::all().is_empty());
        for embedded in Embedded::all() {
            let parsed = parse(&embedded.file(), embedded.text.as_bytes())
                .unwrap_or_else(|mistakes| panic!("{mistakes}"));
            assert_eq!(embedded.read(), parsed);
            assert_eq!(embedded.id(), parsed.level.level);
        }
    }
}
