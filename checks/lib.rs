//! What decides, and nothing else.
//!
//! This crate turns a level file and what was observed into verdicts. It is `no_std`, so the compiler refuses
//! files, clocks, processes and the environment: how a fact was obtained is `runner`'s business, whether it is
//! good is decided here.
#![no_std]
extern crate alloc;

pub mod bless;
pub mod captures;
pub mod clean;
pub mod cohort;
mod comparison;
pub mod diff;
pub mod doctor;
pub mod duration;
pub mod errno;
pub mod fact;
pub mod format;
pub mod judge;
pub mod level;
pub mod limit;
pub mod lint;
pub mod name;
pub mod observed;
pub mod pattern;
pub mod played;
pub mod redact;
pub mod reference;
pub mod relation;
pub mod report;
#[cfg(test)]
mod samples;
pub mod score;
pub mod shares;
pub mod signal;
pub mod size;
pub mod suite;
pub mod table;
mod walk;
mod wording;
