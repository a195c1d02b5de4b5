//! Changing inputs such that what they are made of survives.

mod archive;
mod random;
mod text;
mod tree;

pub use archive::archive;
pub use random::Random;
pub use text::text;
pub use tree::tree;
