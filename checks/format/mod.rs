//! A level file as it is written: every key optional, so that one missing key does not hide another mistake.
//!
//! These types are what the parser accepts, and the JSON schema is generated from them. [`read`] turns them into
//! the types of [`crate::level`].

mod actions;
mod expect;
mod expectations;
mod fitting;
mod limits;
mod read;
mod reference;
mod relation;
mod rows;

pub use expect::ExpectEntry;
pub use limits::LimitsEntry;
pub use read::read;
pub use relation::{RelationEntry, RelationOptions, RowsEntry, TableEntry};

use alloc::{string::String, vec::Vec};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor, value::SeqAccessDeserializer};

/// One level: what a student is after, and the checks that say whether it was reached.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "the keys of a level"
)]
pub struct LevelFile {
    /// `level00` … `level10`, or a name of your own.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub level: Option<String>,
    /// A few words.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub title: Option<String>,
    /// What the student is after, one sentence.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub goal: Option<String>,
    /// What the jails of this level's checks may use, where it is not the usual.
    pub limits: Option<LimitsEntry>,
    /// The checks, in the order in which they are shown.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub checks: Option<Vec<CheckEntry>>,
}

/// A check: it earns points.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "the keys of a check"
)]
pub struct CheckEntry {
    /// Unique within the level, in kebab-case.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub id: Option<String>,
    /// What holds when the check passes.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub title: Option<String>,
    /// What it is worth; the sum of its steps' points where those have any.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub points: Option<u32>,
    /// Checks of this level whose failure explains a failure of this one.
    pub needs: Option<Vec<String>>,
    /// What the host must be able to do; where it is not, the check is ungradable.
    pub requires: Option<Vec<AbilityEntry>>,
    /// Outside the maximum.
    pub bonus: Option<bool>,
    /// What the submission finds as its images, from the first step on.
    pub images: Option<ImagesEntry>,
    /// What the check's jail may use, where it is not what the level's may.
    pub limits: Option<LimitsEntry>,
    /// The steps, in the order in which they are played.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub scenario: Option<Vec<StepEntry>>,
    /// Teaches: what the kernel did and what to look at, not the finished line of code.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub hint: Option<String>,
    /// What to read: an https address.
    #[cfg_attr(feature = "schema", schemars(required))]
    pub link: Option<String>,
}

/// What a host may or may not be able to do, probed before a submission runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum AbilityEntry {
    /// Overlay mounts in a user namespace.
    Overlay,
    /// A delegated cpu controller.
    CpuCgroup,
    /// A delegated memory controller.
    MemoryCgroup,
    /// Limits on memory and swap together.
    SwapAccounting,
    /// More than one user id can be mapped.
    ManyIds,
    /// Device nodes can be made for the submission.
    DeviceNodes,
}

/// The images a submission finds, by the name it asks for.
pub type ImagesEntry = alloc::collections::BTreeMap<String, LayersEntry>;

/// One image, or several laid one over the other, the last on top.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(untagged))]
pub enum LayersEntry {
    /// The image's name.
    One(String),
    /// Names, the lowest first.
    Several(Vec<String>),
}

impl<'de> Deserialize<'de> for LayersEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Layers;
        impl<'de> Visitor<'de> for Layers {
            type Value = LayersEntry;
            fn expecting(&self, to: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                to.write_str("the name of an image or a list of names")
            }
            fn visit_str<E>(self, text: &str) -> Result<LayersEntry, E> {
                Ok(LayersEntry::One(text.into()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<LayersEntry, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(LayersEntry::Several)
            }
        }
        deserializer.deserialize_any(Layers)
    }
}

/// One thing done, and what must hold after it. Exactly one of `run`, `start`, `inside`, `outside`, `observe`
/// and `end` says what.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "the keys of a step"
)]
pub struct StepEntry {
    /// Run the submission with this command, a list of words, to its end.
    pub run: Option<Vec<String>>,
    /// Run the submission with this command and keep its shell open.
    pub start: Option<Vec<String>>,
    /// Type a command in the session.
    pub inside: Option<String>,
    /// Run a command on the jail's host.
    pub outside: Option<String>,
    /// Look at a subject from the kernel's side: `container`, `submission`, `host`, `image` or a session's name.
    pub observe: Option<String>,
    /// End the session with this exit status, and wait for the submission to end.
    pub end: Option<u8>,
    /// Names the session of a `start`, or what an `observe` saw.
    pub r#as: Option<String>,
    /// Which session an `inside` or an `end` speaks to; the last one started if absent.
    pub r#in: Option<String>,
    /// Options for the submission, spelled as its manifest says. For `run` and `start`.
    pub options: Option<OptionsEntry>,
    /// As the check's `images`, from this step on. For `run` and `start`.
    pub images: Option<ImagesEntry>,
    /// A deadline of the step's own: `20s`, `500ms`, `2m`.
    pub within: Option<String>,
    /// Points for this step; the check's points are the sum of its steps'.
    pub points: Option<u32>,
    /// A hint for this step; the check's if absent.
    pub hint: Option<String>,
    /// What must hold. Everything is evaluated and reported.
    pub expect: Option<ExpectEntry>,
}

/// Options of `run`, by the workshop's names without the dashes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "options of the submission"
)]
pub struct OptionsEntry {
    /// `--cpu-shares`, from level 08.
    pub cpu_shares: Option<relation::WordEntry>,
    /// `--memory`, from level 09: bytes, or with `k`, `m`, `g`.
    pub memory: Option<relation::WordEntry>,
    /// `--memory-swap`, from level 09: as `memory`, or -1.
    pub memory_swap: Option<relation::WordEntry>,
    /// `--user`, from level 10: `UID` or `UID:GID`.
    pub user: Option<relation::WordEntry>,
}

/// The one of `names` that `word` was probably meant to be.
pub fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    // Ratios are quadratic in the lengths, and nobody means a known name with a word of this size.
    let near = |cutoff| similar::get_close_matches(word, names, 1, cutoff);
    (word.len() <= 64)
        .then(|| near(0.6))
        .and_then(|found| found.first().copied())
}
