//! Changing inputs such that what they are made of survives.

mod archive;
mod random;
mod text;

pub use archive::archive;
pub use random::Random;
pub use text::text;
