//! The command line of rdgrade.
fn main() {}
