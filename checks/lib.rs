//! What decides, and nothing else.
//!
//! This crate turns a level file and what was observed into verdicts. It is `no_std`, so the compiler refuses
//! files, clocks, processes and the environment: how a fact was obtained is `runner`'s business, whether it is
//! good is decided here.
#![no_std]
extern crate alloc;

pub mod fact;
pub mod judge;
pub mod level;
pub mod observed;
pub mod played;
pub mod report;
pub mod shares;
