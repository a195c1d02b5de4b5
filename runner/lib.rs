//! rdgrade grades programs that build containers.
//!
//! Data flows one way: level YAML → plan → jail → play → transcript + facts → checks → verdicts → events →
//! reporters. This crate holds every effect; the crate `checks` decides.

pub use checks;

pub mod bless;
pub mod cli;
pub mod commands;
pub mod doctor;
pub mod document;
pub mod event;
pub mod exit;
pub mod fixture;
pub mod grade;
pub mod image;
pub mod jail;
pub mod level;
pub mod page;
#[doc(hidden)]
pub mod parsers;
pub mod phase;
pub mod play;
pub mod rd;
pub mod recipe;
pub mod recording;
pub mod report;
pub mod results;
pub mod roster;
pub mod submission;
pub mod terminal;
pub mod verify;
