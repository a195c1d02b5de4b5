//! What can be fuzzed.

use crate::mutate::Random;

/// One reader of untrusted input.
#[derive(Debug)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Tries an input. Panics when a promise is broken.
    pub check: fn(&[u8]),
    /// Real inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Changes an input and keeps what structure it has.
    pub mutate: fn(&mut Vec<u8>, &mut Random),
    /// No input is longer, in bytes.
    pub longest: usize,
    /// The lines that are meant to be reached.
    pub covers: &'static [Covered],
}

/// A part of rdgrade's source.
#[derive(Debug)]
pub enum Covered {
    /// A file, by its path in the repository.
    File(&'static str),
    /// Functions of a file whose others ask the kernel.
    Functions(&'static str, &'static [&'static str]),
}

impl Target {
    /// The target of that name.
    pub fn named(name: &str) -> Option<&'static Target> {
        crate::all().iter().find(|target| target.name == name)
    }
}
