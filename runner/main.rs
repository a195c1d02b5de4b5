//! The command line of rdgrade.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    match words.next() {
        Some(word) if word == "rd" => rdgrade::rd::main(words),
        _ => ExitCode::SUCCESS,
    }
}
