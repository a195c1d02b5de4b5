//! What is still to be graded, when something is known already.

use super::Inputs;

/// What the user wants of results that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Take those with the same inputs.
    Known,
    /// Grade everything anew.
    Anew,
}

/// What the store holds of a submission, or of one of its checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// Nothing.
    Nothing,
    /// A verdict for these inputs.
    Verdict(&'a Inputs),
    /// No verdict: it was not graded, or rdgrade broke. That is always tried again.
    NoVerdict,
}

/// What to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Take what is there.
    Take,
    /// Grade it.
    Grade,
}

/// Whether what was found answers what is asked now. Where nobody took a digest of the submission nothing is known to be
/// the same.
pub fn plan(wish: Wish, found: Found, now: &Inputs) -> Next {
    match (wish, found) {
        (Wish::Known, Found::Verdict(then)) if then == now && !now.submission.is_empty() => {
            Next::Take
        }
        _ => Next::Grade,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;
    use rstest::rstest;

    fn inputs(submission: &str, tool: &str, host: &str) -> Inputs {
        Inputs {
            submission: submission.to_owned(),
            tool: tool.to_owned(),
            host: host.to_owned(),
            ..Inputs::default()
        }
    }

    #[rstest]
    #[case::same(Wish::Known, inputs("a", "1", "h"), Next::Take)]
    #[case::asked_again(Wish::Anew, inputs("a", "1", "h"), Next::Grade)]
    #[case::another_submission(Wish::Known, inputs("b", "1", "h"), Next::Grade)]
    #[case::another_version(Wish::Known, inputs("a", "2", "h"), Next::Grade)]
    #[case::another_host(Wish::Known, inputs("a", "1", "i"), Next::Grade)]
    fn identical_inputs_are_not_graded_again_unless_asked(
        #[case] wish: Wish,
        #[case] then: Inputs,
        #[case] next: Next,
    ) {
        let now = inputs("a", "1", "h");
        assert_eq!(plan(wish, Found::Verdict(&then), &now), next);
    }

    #[test]
    fn without_a_verdict_it_is_tried_again() {
        let now = inputs("a", "1", "h");
        assert_eq!(plan(Wish::Known, Found::NoVerdict, &now), Next::Grade);
        assert_eq!(plan(Wish::Known, Found::Nothing, &now), Next::Grade);
    }

    #[test]
    fn without_a_digest_nothing_is_identical() {
        let unknown = inputs("", "1", "h");
        assert_eq!(
            plan(Wish::Known, Found::Verdict(&unknown), &unknown),
            Next::Grade
        );
    }
}
