//! What inputs are judged by: the same questions answered a second time, slowly and in another way.

pub mod document;
pub mod matcher;
pub mod octal;
pub mod root;
