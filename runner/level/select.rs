//! `level01`, `level00..level04`, `level00,level03`, `all`, `level01/isolated-test-file`.

use super::{LevelSet, LoadedLevel};
use checks::format::nearest;
use checks::level::Check;
use std::rc::Rc;

/// A level and which of its checks were asked for.
#[derive(Debug, Clone)]
pub struct Chosen<'a> {
    /// The level.
    pub loaded: &'a Rc<LoadedLevel>,
    /// Indices of the checks, ascending, each once.
    pub checks: Vec<usize>,
}

impl<'a> Chosen<'a> {
    /// The checks that were asked for.
    pub fn checks(&self) -> impl Iterator<Item = &'a Check> {
        let loaded = self.loaded;
        self.checks
            .iter()
            .filter_map(move |index| loaded.level.checks.get(*index))
    }
}

/// A selection that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {remedy}")]
pub struct SelectError {
    /// What is wrong: "unknown level `level1`".
    pub what: String,
    /// What to write instead.
    pub remedy: String,
}

impl LevelSet {
    /// What `text` asks for: in the order of the levels, each level and check once.
    ///
    /// # Errors
    /// Unknown levels and checks, empty parts, ranges that run backwards.
    pub fn select(&self, text: &str) -> Result<Vec<Chosen<'_>>, SelectError> {
        let mut wanted: Vec<Vec<usize>> = vec![Vec::new(); self.ids().len()];
        for part in text.split(',').map(str::trim) {
            if part == "all" {
                self.take(&mut wanted, 0..=self.ids().len().saturating_sub(1));
            } else if let Some((first, last)) = part.split_once("..") {
                let last = last.strip_prefix('=').unwrap_or(last);
                let range = self.position(first)?..=self.position(last)?;
                if range.is_empty() {
                    return Err(SelectError {
                        what: format!("`{part}` runs backwards"),
                        remedy: format!("write {last}..{first}"),
                    });
                }
                self.take(&mut wanted, range);
            } else if let Some((level, check)) = part.split_once('/') {
                let level = self.position(level)?;
                wanted[level].push(self.check(level, check)?);
            } else {
                let level = self.position(part)?;
                self.take(&mut wanted, level..=level);
            }
        }
        let chosen = wanted
            .into_iter()
            .enumerate()
            .filter(|(_, checks)| !checks.is_empty());
        Ok(chosen
            .filter_map(|(place, mut checks)| {
                checks.sort_unstable();
                checks.dedup();
                let loaded = self.at(place)?;
                Some(Chosen { loaded, checks })
            })
            .collect())
    }

    fn take(&self, wanted: &mut [Vec<usize>], levels: std::ops::RangeInclusive<usize>) {
        for place in levels {
            if let (Some(loaded), Some(wanted)) = (self.at(place), wanted.get_mut(place)) {
                wanted.extend(0..loaded.level.checks.len());
            }
        }
    }

    fn position(&self, id: &str) -> Result<usize, SelectError> {
        let ids: Vec<&str> = self.ids().collect();
        let known = || format!("levels are: {}", ids.join(", "));
        ids.iter()
            .position(|known| *known == id)
            .ok_or_else(|| match id {
                "" => SelectError {
                    what: "a level is missing".into(),
                    remedy: known(),
                },
                _ => unknown("level", id, nearest(id, &ids), known()),
            })
    }

    fn check(&self, level: usize, id: &str) -> Result<usize, SelectError> {
        let Some(loaded) = self.at(level) else {
            return Err(unknown("level", id, None, "see rdgrade list".into()));
        };
        let ids: Vec<&str> = loaded
            .level
            .checks
            .iter()
            .map(|check| check.id.as_str())
            .collect();
        let name = &loaded.level.level;
        ids.iter().position(|known| *known == id).ok_or_else(|| {
            let near = nearest(id, &ids).map(|near| format!("{name}/{near}"));
            let known = format!("its checks are: {}", ids.join(", "));
            unknown("check", &format!("{name}/{id}"), near.as_deref(), known)
        })
    }
}

fn unknown(what: &str, id: &str, near: Option<&str>, known: String) -> SelectError {
    let remedy = near.map_or(known, |near| format!("did you mean `{near}`?"));
    SelectError {
        what: format!("unknown {what} `{id}`"),
        remedy,
    }
}
