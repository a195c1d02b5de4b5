//! The words of the command line, before clap has them.

use super::Cli;
use clap::{CommandFactory, FromArgMatches};
use std::ffi::OsString;

/// Reads the words of the command line, the program's name first. Where they begin with a level instead of a
/// command, `grade` is meant.
///
/// # Errors
/// What clap has to say, `--help` and `--version` included.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut words: Vec<OsString> = words.into_iter().collect();
    // To put it together is a good part of what a start takes: once.
    let mut cli = Cli::command();
    if first_word(&words, &cli).is_some_and(is_levels) {
        words.insert(1, "grade".into());
    }
    let mut matches = cli.try_get_matches_from_mut(words)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut cli))
}

/// The first word that is neither an option nor an option's value.
fn first_word<'w>(words: &'w [OsString], cli: &clap::Command) -> Option<&'w str> {
    // Nearly always it comes first, and nobody need know which options have values.
    let first = words.get(1)?.to_str()?;
    if !first.starts_with('-') {
        return Some(first);
    }
    let grade = cli.find_subcommand("grade")?;
    let options: Vec<&clap::Arg> = cli.get_arguments().chain(grade.get_arguments()).collect();
    let takes_value = |word: &str| {
        let long = word.strip_prefix("--");
        let named = options
            .iter()
            .find(|option| long.is_some() && option.get_long() == long);
        named.is_some_and(|option| option.get_action().takes_values())
    };
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        let word = word.to_str()?;
        if !word.starts_with('-') {
            return Some(word);
        }
        if takes_value(word) {
            words.next();
        }
    }
    None
}

/// Levels of one's own are called `level…` as well, so that no command can ever hide one.
fn is_levels(word: &str) -> bool {
    word == "all" || word.starts_with("all,") || word.starts_with("level")
}
