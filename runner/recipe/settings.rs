//! What an instructor says about a recipe, in words that mean the same in every language a recipe is written in.

use std::num::NonZeroUsize;

/// What is filled in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Settings {
    /// As for `rdgrade grade`.
    pub levels: String,
    /// Machines side by side.
    pub partitions: NonZeroUsize,
    /// Relative to the directory the recipe is for.
    pub roster: String,
    /// Where rdgrade's own repository is; empty if nobody has said.
    pub git: String,
}

/// A word that would mean something else in a shell or in YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to write `{word}` into a recipe: {why}")]
pub struct SettingsError {
    word: String,
    why: &'static str,
}

/// As many parallel jobs has GitLab room for, GitHub for a few more.
const MOST_PARTITIONS: usize = 200;

impl Settings {
    /// Checks every word.
    ///
    /// # Errors
    /// The first that cannot be written into a recipe.
    pub fn new(
        levels: &str,
        partitions: NonZeroUsize,
        roster: &str,
        git: &str,
    ) -> Result<Settings, SettingsError> {
        let refuse = |word: &str, why| {
            Err(SettingsError {
                word: word.to_owned(),
                why,
            })
        };
        for word in [levels, roster, git] {
            if !word.chars().all(plain) {
                return refuse(
                    word,
                    "use letters, digits and . , _ - + / : @ ~ % alone, which mean themselves in a shell and in YAML",
                );
            }
        }
        if roster.is_empty()
            || roster.starts_with(['/', '-', '~'])
            || roster.split('/').any(|part| part == "..")
        {
            return refuse(
                roster,
                "name the roster by its path from the directory the recipe is for, below it",
            );
        }
        // What git(1) calls scp-like, git@host:path, is nothing to cargo.
        let scheme = git.split_once("://").map(|(scheme, _)| scheme);
        let known = scheme.is_some_and(|scheme| ["https", "http", "ssh", "file"].contains(&scheme));
        if !git.is_empty() && !known {
            return refuse(
                git,
                "name the repository as cargo does: https://HOST/PATH or ssh://git@HOST/PATH",
            );
        }
        if partitions.get() > MOST_PARTITIONS {
            return refuse(&partitions.to_string(), "200 machines are the most");
        }
        Ok(Settings {
            levels: levels.to_owned(),
            partitions,
            roster: roster.to_owned(),
            git: git.to_owned(),
        })
    }
}

/// Neither a shell nor YAML, in double quotes, nor an expression of GitHub's takes it for anything else.
fn plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || ".,_-+/:@~%".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn with(levels: &str, roster: &str, git: &str) -> Result<Settings, SettingsError> {
        Settings::new(levels, NonZeroUsize::MIN, roster, git)
    }

    #[rstest]
    #[case("level00..level04", "class.csv", "https://example.com/rdgrade.git")]
    #[case(
        "level00,level03",
        "lists/2026-autumn.yaml",
        "ssh://git@example.com/me/rdgrade.git"
    )]
    #[case("level01/sees-the-image", "class.csv", "")]
    fn plain_words_are_taken(#[case] levels: &str, #[case] roster: &str, #[case] git: &str) {
        assert!(with(levels, roster, git).is_ok());
    }

    #[rstest]
    #[case("all", "class.csv\"; rm -rf /", "")]
    #[case("all", "${{ secrets.TOKEN }}.csv", "")]
    #[case("all", "$(id).csv", "")]
    #[case("all\n", "class.csv", "")]
    #[case("all", "/etc/passwd", "")]
    #[case("all", "../class.csv", "")]
    #[case("all", "-x.csv", "")]
    #[case("all", "", "")]
    #[case("all", "class.csv", "--upload-pack=touch")]
    #[case("all", "class.csv", "git@example.com:me/rdgrade.git")]
    #[case("all", "class.csv", "https://example.com/`id`")]
    fn words_with_a_second_meaning_are_refused(
        #[case] levels: &str,
        #[case] roster: &str,
        #[case] git: &str,
    ) {
        assert!(with(levels, roster, git).is_err());
    }
}
