//! Commands for a shell that has nothing to do for them but to look up a program and to execute it.
//!
//! A shell costs as much as the program it starts: it is executed, linked and started too. Where a command is plain words, the
//! program alone tells the same.

/// What else than letters and digits a word may hold that means itself to every shell, wherever it stands in a word.
const THEMSELVES: &str = "_./,:@%+-";

/// What a shell does by itself, or reads as the start of something longer: POSIX's (sh(1p), "Special Built-In Utilities" and
/// "Reserved Words"; utilities that are commonly built in), and what dash, bash and BusyBox have besides.
const OF_SHELLS: &[&str] = &[
    ".",
    ":",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "case",
    "cd",
    "chdir",
    "command",
    "compgen",
    "complete",
    "compopt",
    "continue",
    "coproc",
    "declare",
    "dirs",
    "disown",
    "do",
    "done",
    "echo",
    "elif",
    "else",
    "enable",
    "esac",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "fi",
    "for",
    "function",
    "getopts",
    "hash",
    "help",
    "history",
    "if",
    "in",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "newgrp",
    "popd",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "select",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "then",
    "time",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "until",
    "wait",
    "while",
];

/// The words of such a command; `None` if a shell has to read it.
pub(super) fn plain_words(command: &str) -> Option<Vec<String>> {
    let itself = |sign: char| sign.is_ascii_alphanumeric() || THEMSELVES.contains(sign);
    if !command.chars().all(|sign| itself(sign) || sign == ' ') {
        return None;
    }
    let words: Vec<String> = command
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let name = words.first()?;
    // What is named by its path may be a script that only a shell can execute.
    (!name.contains('/') && !OF_SHELLS.contains(&name.as_str())).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::process::Command;

    #[rstest]
    #[case("ls /test", &["ls", "/test"])]
    #[case("  cat  /proc/mounts ", &["cat", "/proc/mounts"])]
    #[case("touch /canary-0af3", &["touch", "/canary-0af3"])]
    #[case("ip -o addr show dev eth0@if7", &["ip", "-o", "addr", "show", "dev", "eth0@if7"])]
    fn plain_words_need_no_shell(#[case] command: &str, #[case] words: &[&str]) {
        assert_eq!(plain_words(command).unwrap(), words);
    }

    #[rstest]
    fn what_means_something_to_a_shell_is_left_to_it(
        #[values(
            "",
            " ",
            "ls 2>/dev/null",
            "ls *",
            "ls ?",
            "ls [ab]",
            "ls ~",
            "ls $HOME",
            "ls 'a b'",
            "ls \"a\"",
            "ls a\\ b",
            "ls `id`",
            "ls; id",
            "ls & id",
            "ls | cat",
            "(ls)",
            "{ ls",
            "ls # all",
            "! ls",
            "A=b ls",
            "ls\nid",
            "ls\tx",
            "é",
            "a^b",
            "cd /",
            "kill -KILL 7",
            "echo hello",
            ". ./script",
            "time ls",
            "./ls",
            "/usr/bin/ls"
        )]
        command: &str,
    ) {
        assert_eq!(plain_words(command), None);
    }

    /// The list is long enough: what the shells of this machine do themselves is none of ours.
    #[test]
    fn no_builtin_of_a_shell_is_taken_for_a_program() {
        let mut tried = 0;
        for shell in ["dash", "bash"] {
            let Ok(asked) = Command::new(shell).args(["-c", "for name in $(compgen -b 2>/dev/null; compgen -k 2>/dev/null) \
                alias bg cd chdir command echo eval exec exit export false fc fg getopts hash jobs kill printf pwd read readonly \
                return set shift test times trap true type ulimit umask unalias unset wait; do echo $name; done"]).output() else {
                continue;
            };
            let names = String::from_utf8_lossy(&asked.stdout).into_owned();
            tried += names.split_whitespace().count();
            for name in names.split_whitespace() {
                assert_eq!(plain_words(name), None, "{shell} has {name}");
            }
        }
        assert!(tried >= 32, "no shell was there to be asked");
    }
}
