//! Everything in rdgrade that reads what strangers wrote, and what must hold of it whatever they wrote.
//!
//! A [`Target`] is one reader: how to try it with any bytes, where to begin, how to change an input so that its structure
//! survives, and which lines of rdgrade are meant to be reached. Trying an input panics when a promise is broken.

pub mod mutate;
pub mod oracle;
mod seeds;
mod target;
mod targets;

pub use seeds::{inputs, project};
pub use target::{Covered, Target};
pub use targets::all;
