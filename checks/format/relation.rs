//! Relations as they are written: a bare value means `is`.

use crate::level::Scalar;
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};

/// What one value must be: a bare value, which means `is`, or relations that must all hold.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(untagged))]
pub enum RelationEntry {
    /// Equal to this text (a pattern), number or list.
    Is(ScalarEntry),
    /// Relations by name.
    Options(RelationOptions),
}

/// Relations of one value.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "a value or relations"
)]
pub struct RelationOptions {
    /// Equal to this text (a pattern: `[..]`, `[NAME]`), number or list.
    pub is: Option<ScalarEntry>,
    /// Not equal to it.
    pub is_not: Option<ScalarEntry>,
    /// The same as another fact: `SUBJECT[.fact[.field]]`, `before`, or the name of an earlier `as`.
    pub same_as: Option<String>,
    /// Not the same as another fact.
    pub differs_from: Option<String>,
    /// At or below another directory (`root`), or a path below a given one (`"[CONTAINERS]"`).
    pub below: Option<String>,
    /// A number not smaller than this.
    pub at_least: Option<u64>,
}

/// A plain value: text, a number that is not negative, or a list of texts.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(untagged))]
pub enum ScalarEntry {
    /// Text.
    Text(String),
    /// A number.
    Number(u64),
    /// `true` or `false`.
    Truth(bool),
    /// Compared whole.
    List(Vec<String>),
}

impl From<ScalarEntry> for Scalar {
    fn from(entry: ScalarEntry) -> Scalar {
        match entry {
            ScalarEntry::Text(text) => Scalar::Text(text),
            ScalarEntry::Number(number) => Scalar::Number(number),
            ScalarEntry::Truth(truth) => Scalar::Text(truth.to_string()),
            ScalarEntry::List(words) => Scalar::List(words),
        }
    }
}

/// A word that YAML may have taken for a number: `512`, `64m`, `-1`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(untagged))]
pub enum WordEntry {
    /// Text.
    Text(String),
    /// A number.
    Number(i64),
}

impl fmt::Display for WordEntry {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WordEntry::Text(text) => to.write_str(text),
            WordEntry::Number(number) => write!(to, "{number}"),
        }
    }
}

/// How a command ended: `0` … `255`, `nonzero`, or a signal such as `SIGKILL`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(untagged))]
pub enum ExitEntry {
    /// This exit status.
    Code(u8),
    /// `nonzero` or a signal.
    Named(String),
}

/// What a table must hold: relations that must all hold.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    expecting = "relations of a table: has, lacks, only, same-as, differs-from",
    bound(deserialize = "R: Deserialize<'de>")
)]
pub struct TableEntry<R> {
    /// Each of these is matched by some row.
    pub has: Option<RowsEntry<R>>,
    /// None of these is matched by any row.
    pub lacks: Option<RowsEntry<R>>,
    /// Every row is matched by one of these.
    pub only: Option<RowsEntry<R>>,
    /// The same rows as another table, order aside.
    pub same_as: Option<String>,
    /// Not the same rows as another table.
    pub differs_from: Option<String>,
    /// Rows left out of the comparison, on both sides.
    pub except: Option<Vec<R>>,
}

/// Rows written out, or another fact's rows by reference: `image.top`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(untagged))]
pub enum RowsEntry<R> {
    /// A reference.
    Of(String),
    /// Rows; fields not named do not matter.
    Listed(Vec<R>),
}

struct Relations;

impl<'de> Visitor<'de> for Relations {
    type Value = RelationEntry;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value, or relations such as is, is-not, same-as, differs-from")
    }
    fn visit_str<E>(self, text: &str) -> Result<RelationEntry, E> {
        Ok(RelationEntry::Is(ScalarEntry::Text(text.into())))
    }
    fn visit_bool<E>(self, truth: bool) -> Result<RelationEntry, E> {
        Ok(RelationEntry::Is(ScalarEntry::Truth(truth)))
    }
    fn visit_u64<E>(self, number: u64) -> Result<RelationEntry, E> {
        Ok(RelationEntry::Is(ScalarEntry::Number(number)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<RelationEntry, A::Error> {
        let words = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
        Ok(RelationEntry::Is(ScalarEntry::List(words)))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RelationEntry, A::Error> {
        RelationOptions::deserialize(MapAccessDeserializer::new(map)).map(RelationEntry::Options)
    }
}

impl<'de> Deserialize<'de> for RelationEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Relations)
    }
}

struct Scalars;

impl<'de> Visitor<'de> for Scalars {
    type Value = ScalarEntry;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("text, a number or a list of texts")
    }
    fn visit_str<E>(self, text: &str) -> Result<ScalarEntry, E> {
        Ok(ScalarEntry::Text(text.into()))
    }
    fn visit_bool<E>(self, truth: bool) -> Result<ScalarEntry, E> {
        Ok(ScalarEntry::Truth(truth))
    }
    fn visit_u64<E>(self, number: u64) -> Result<ScalarEntry, E> {
        Ok(ScalarEntry::Number(number))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<ScalarEntry, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(ScalarEntry::List)
    }
}

impl<'de> Deserialize<'de> for ScalarEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Scalars)
    }
}

struct Words;

impl Visitor<'_> for Words {
    type Value = WordEntry;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("text or a number")
    }
    fn visit_str<E>(self, text: &str) -> Result<WordEntry, E> {
        Ok(WordEntry::Text(text.into()))
    }
    fn visit_i64<E>(self, number: i64) -> Result<WordEntry, E> {
        Ok(WordEntry::Number(number))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<WordEntry, E> {
        Ok(WordEntry::Text(number.to_string()))
    }
}

impl<'de> Deserialize<'de> for WordEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Words)
    }
}

struct Exits;

impl Visitor<'_> for Exits {
    type Value = ExitEntry;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an exit status from 0 to 255, nonzero, or a signal such as SIGKILL")
    }
    fn visit_str<E>(self, text: &str) -> Result<ExitEntry, E> {
        Ok(ExitEntry::Named(text.into()))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<ExitEntry, E> {
        let code = u8::try_from(number);
        code.map(ExitEntry::Code)
            .map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }
}

impl<'de> Deserialize<'de> for ExitEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Exits)
    }
}

impl<'de, R: Deserialize<'de>> Deserialize<'de> for RowsEntry<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rows<R>(core::marker::PhantomData<R>);
        impl<'de, R: Deserialize<'de>> Visitor<'de> for Rows<R> {
            type Value = RowsEntry<R>;
            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a list of rows, or a reference such as image.top")
            }
            fn visit_str<E>(self, text: &str) -> Result<RowsEntry<R>, E> {
                Ok(RowsEntry::Of(text.into()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<RowsEntry<R>, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(RowsEntry::Listed)
            }
        }
        deserializer.deserialize_any(Rows(core::marker::PhantomData))
    }
}
