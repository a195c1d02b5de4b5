//! Signals by name and number, as Linux numbers them (signal(7), the x86 and ARM column).

use crate::played::Exit;
use alloc::{format, string::String, string::ToString};

const NAMES: [&str; 31] = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS",
];

/// The number of `SIGKILL` and its like.
pub fn number(name: &str) -> Option<i32> {
    let index = NAMES.iter().position(|known| *known == name)?;
    i32::try_from(index + 1).ok()
}

/// The name of signal `number`, or `signal N` for one without (real-time signals).
pub fn name(number: i32) -> String {
    usize::try_from(number)
        .ok()
        .and_then(|number| NAMES.get(number.checked_sub(1)?))
        .map_or_else(|| format!("signal {number}"), |name| name.to_string())
}

/// `0`, `3`, `SIGKILL`: how reports spell the end of a process.
pub fn spell(exit: Exit) -> String {
    match exit {
        Exit::Code(code) => code.to_string(),
        Exit::Signal(signal) => name(signal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("SIGHUP", 1)]
    #[case("SIGKILL", 9)]
    #[case("SIGTERM", 15)]
    #[case("SIGSYS", 31)]
    fn names_have_the_kernels_numbers(#[case] signal: &str, #[case] expected: i32) {
        assert_eq!(number(signal), Some(expected));
        assert_eq!(name(expected), signal);
    }

    #[rstest]
    #[case(0)]
    #[case(-1)]
    #[case(64)]
    #[case(i32::MIN)]
    fn a_signal_without_a_name_is_spelled_by_its_number(#[case] signal: i32) {
        assert_eq!(name(signal), format!("signal {signal}"));
    }
}
