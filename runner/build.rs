//! Rebuilds when a level file changes: they are embedded in the binary.
fn main() {
    println!("cargo::rerun-if-changed=levels");
}
