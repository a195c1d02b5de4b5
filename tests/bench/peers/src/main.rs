//! Runs the cases beside it, as a test program that uses trycmd would.

fn main() {
    trycmd::TestCases::new()
        .register_bin("sh", trycmd::schema::Bin::Path("/bin/sh".into()))
        .case(concat!(env!("CARGO_MANIFEST_DIR"), "/cases/*.trycmd"))
        .run();
}
