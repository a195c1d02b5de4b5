//! `--report KIND[=FILE]`: which reports go where.

use super::{KINDS, Kind, kind};
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

/// One `--report`.
#[derive(Debug, Clone)]
pub struct Destination {
    /// Which kind.
    pub kind: &'static Kind,
    /// Where to; standard output if absent.
    pub file: Option<PathBuf>,
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name is missing after `=`".to_owned()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let kind = kind(name).ok_or_else(|| {
            let kinds: Vec<_> = KINDS
                .iter()
                .map(|kind| format!("{} ({})", kind.name, kind.about))
                .collect();
            format!(
                "there is no kind of report `{name}`; kinds are {}",
                kinds.join(", ")
            )
        })?;
        Ok(Destination { kind, file })
    }
}

/// Why reports could not be opened: the command line is at fault.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Two reports would be mixed up.
    #[error(
        "failed to print two reports, {0} and {1}, on standard output: give one of them a file, `--report {1}=FILE`"
    )]
    Mixed(&'static str, &'static str),
    /// The later one would replace the earlier.
    #[error("failed to write two reports to {}: give each a file of its own", .0.display())]
    SameFile(PathBuf),
    /// The file cannot be made.
    #[error("failed to create the report {}", path.display())]
    Create {
        /// As given.
        path: PathBuf,
        /// The errno.
        source: io::Error,
    },
    /// The kind lacks something it needs.
    #[error("failed to open the {kind} report")]
    Refused {
        /// The kind.
        kind: &'static str,
        /// What is missing.
        source: io::Error,
    },
    /// Several submissions, and a kind whose files hold one.
    #[error(
        "failed to put {submissions} submissions into one {kind} report, which holds one: name a directory, `--report {kind}=DIR/`"
    )]
    HoldsOne {
        /// The kind.
        kind: &'static str,
        /// How many.
        submissions: usize,
    },
}

/// Refuses destinations that would be mixed up.
///
/// # Errors
/// [`OpenError::Mixed`], [`OpenError::SameFile`].
pub(super) fn collisions(asked: &[Destination]) -> Result<(), OpenError> {
    for (index, one) in asked.iter().enumerate() {
        for other in &asked[index + 1..] {
            match (&one.file, &other.file) {
                (None, None) => return Err(OpenError::Mixed(one.kind.name, other.kind.name)),
                (Some(path), Some(same)) if path == same => {
                    return Err(OpenError::SameFile(path.clone()));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("json", "json", None)]
    #[case("json=out.json", "json", Some("out.json"))]
    #[case("human=a=b.txt", "human", Some("a=b.txt"))]
    fn kind_and_file_are_told_apart(
        #[case] text: &str,
        #[case] kind: &str,
        #[case] file: Option<&str>,
    ) {
        let destination: Destination = text.parse().unwrap();
        assert_eq!(destination.kind.name, kind);
        assert_eq!(destination.file, file.map(PathBuf::from));
    }

    #[rstest]
    #[case("xml")]
    #[case("")]
    #[case("=out")]
    fn an_unknown_kind_names_all_that_there_are(#[case] text: &str) {
        let error = text.parse::<Destination>().unwrap_err();
        for kind in KINDS {
            assert!(error.contains(kind.name), "{error}");
        }
    }

    #[test]
    fn two_reports_do_not_share_standard_output() {
        let asked = ["json".parse().unwrap(), "human".parse().unwrap()];
        assert!(matches!(
            collisions(&asked),
            Err(OpenError::Mixed("json", "human"))
        ));
    }
}
