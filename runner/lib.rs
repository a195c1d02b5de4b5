//! rdgrade grades programs that build containers.
//!
//! Data flows one way: level YAML → plan → jail → play → transcript + facts → checks → verdicts → events →
//! reporters. This crate holds every effect; the crate `checks` decides.

pub use checks;

pub mod event;
pub mod page;
pub mod report;
pub mod terminal;
