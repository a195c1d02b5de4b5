//! A class of 200, made from the fixtures (fixtures/cohort/cohort.yaml), and the gradebook it must come to.
#![allow(dead_code, reason = "each user takes its part")]

pub mod members;
pub mod once;
pub mod truth;

use members::Member;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

/// `cohort.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    pub partial: BTreeMap<String, Partial>,
    pub keeps: BTreeMap<String, BTreeMap<String, BTreeMap<String, u32>>>,
    pub mischief: Vec<Mischief>,
    pub trouble: Vec<Trouble>,
    pub hangs: String,
    pub counts: BTreeMap<String, usize>,
    pub names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partial {
    pub solution: String,
    pub like: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mischief {
    pub id: String,
    pub prelude: String,
    pub link: Option<Link>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub name: String,
    pub target: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trouble {
    pub id: String,
    pub program: String,
}

impl Definition {
    pub fn load() -> Definition {
        let text = fs::read_to_string(Path::new(FIXTURES).join("cohort/cohort.yaml")).unwrap();
        serde_yaml::from_str(&text).unwrap()
    }
}

/// A class on the disk.
pub struct Cohort {
    pub folder: tempfile::TempDir,
    pub levels: Vec<String>,
    pub members: Vec<Member>,
}

impl Cohort {
    /// Lays `size` submissions out, each with a program for every one of `levels`.
    pub fn make(levels: &[&str], size: usize) -> Cohort {
        let folder = tempfile::TempDir::with_prefix("rdgrade-cohort-").unwrap();
        Cohort::of(
            levels,
            folder,
            members::all(&Definition::load(), levels, size),
        )
    }

    /// Lays `members` out in `folder`.
    pub fn of(levels: &[&str], folder: tempfile::TempDir, members: Vec<Member>) -> Cohort {
        let definition = Definition::load();
        let mut roster = csv::Writer::from_path(folder.path().join("class.csv")).unwrap();
        roster.write_record(["id", "name", "path"]).unwrap();
        for member in &members {
            member.lay_out(&definition, levels, &folder.path().join(&member.id));
            roster
                .write_record([&member.id, &member.name, &member.id])
                .unwrap();
        }
        roster.flush().unwrap();
        Cohort {
            folder,
            levels: levels.iter().map(|level| (*level).to_owned()).collect(),
            members,
        }
    }

    /// What a person types for the levels.
    pub fn asked(&self) -> String {
        self.levels.join(",")
    }

    /// The gradebook, byte for byte.
    pub fn gradebook(&self) -> String {
        truth::gradebook(&Definition::load(), &self.levels, &self.members)
    }

    /// A file beside the roster.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}
