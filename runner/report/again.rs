//! The command line that plays one check again.

/// What has to be typed beside the check's name. Built from the command line of the present run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Again {
    /// Options that change what is graded: `["--level-dir", "mine"]`.
    pub options: Vec<String>,
    /// Which program is graded.
    pub program: Program,
}

/// Which program is graded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Program {
    /// The submission the report is about.
    #[default]
    Submission,
    /// The reference container.
    Reference,
}

impl Again {
    /// A line for a POSIX shell: `rdgrade level01/sees-the-image alice/rd.py`. The default submission, `.`, is left out.
    pub fn command(&self, check: &str, submission: &str) -> String {
        let mut words = vec!["rdgrade".to_owned()];
        words.extend(self.options.iter().map(|word| quoted(word)));
        words.push(quoted(check));
        match self.program {
            Program::Reference => words.push("--reference".to_owned()),
            Program::Submission if submission == "." => {}
            Program::Submission => words.push(quoted(submission)),
        }
        words.join(" ")
    }
}

fn quoted(word: &str) -> String {
    // Only a NUL cannot be quoted, and no argument holds one.
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::here(&[], Program::Submission, ".", "rdgrade level01/x")]
    #[case::file(&[], Program::Submission, "alice/rd.py", "rdgrade level01/x alice/rd.py")]
    #[case::blanks(&[], Program::Submission, "it's mine/rd", r#"rdgrade level01/x "it's mine/rd""#)]
    #[case::reference(&["--level-dir", "mine"], Program::Reference, "reference", "rdgrade --level-dir mine level01/x --reference")]
    fn the_line_can_be_pasted(
        #[case] options: &[&str],
        #[case] program: Program,
        #[case] submission: &str,
        #[case] line: &str,
    ) {
        let options = options.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(
            Again { options, program }.command("level01/x", submission),
            line
        );
    }
}
