//! When the graded commit was made: the same at every regrade, so that "late" stays what it was.

use crate::report::Environment;
use chrono::DateTime;
use std::io;
use std::process::Command;

/// The committer's date in UTC, `2026-11-23T09:15:00Z`: that of `COMMIT_DATE` if it is set, else that of the commit
/// which is checked out in the working directory.
///
/// # Errors
/// When there is none, or it is no date.
pub fn date(environment: &Environment) -> io::Result<String> {
    let seconds = match environment.get("COMMIT_DATE") {
        Some(date) => DateTime::parse_from_rfc3339(date)
            .ok()
            .map(|date| date.timestamp()),
        None => committed(&checked_out()?),
    };
    let date = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let date = date.ok_or_else(|| unknown("no date in it"))?;
    Ok(date.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// The commit object (git-cat-file(1)): unlike `git log`, this runs nothing that a repository's configuration names.
fn checked_out() -> io::Result<String> {
    let output = Command::new("git")
        .args(["cat-file", "commit", "HEAD"])
        .env("GIT_NO_LAZY_FETCH", "1")
        .output()
        .map_err(|error| unknown(&format!("git: {error}")))?;
    if !output.status.success() {
        return Err(unknown(String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Seconds since 1970 in the header `committer NAME <MAIL> SECONDS ZONE`; the headers end at the first empty line.
fn committed(commit: &str) -> Option<i64> {
    let mut headers = commit.lines().take_while(|line| !line.is_empty());
    let committer = headers.find_map(|line| line.strip_prefix("committer "))?;
    committer.rsplit(' ').nth(1)?.parse().ok()
}

fn unknown(why: &str) -> io::Error {
    io::Error::other(format!(
        "the date of the commit is unknown ({why}): run rdgrade in the student's checkout, or set COMMIT_DATE to \
         what `git log -1 --format=%cI` prints"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "tree 1\nauthor A <a> 5 +0000\ncommitter B <b> 1700000000 +0100\n\ntext",
        Some(1_700_000_000)
    )]
    #[case("tree 1\n\ncommitter B <b> 1700000000 +0100\n", None)]
    #[case("tree 1\ncommitter B\n\n", None)]
    fn the_committers_header_and_no_other_line_counts(
        #[case] commit: &str,
        #[case] seconds: Option<i64>,
    ) {
        assert_eq!(committed(commit), seconds);
    }

    #[rstest]
    #[case("2026-11-23T10:15:00+01:00", "2026-11-23T09:15:00Z")]
    #[case("2026-11-23T09:15:00Z", "2026-11-23T09:15:00Z")]
    fn dates_are_told_in_utc(#[case] given: &str, #[case] told: &str) {
        let environment = [("COMMIT_DATE".to_owned(), given.to_owned())]
            .into_iter()
            .collect();
        assert_eq!(date(&environment).unwrap(), told);
    }
}
