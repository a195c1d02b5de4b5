//! A marker that is looked for in a program's output as it comes, in whatever pieces it comes.

use std::ops::Range;

/// Digits of an exit status, with room to spare.
const LONGEST_ANSWER: usize = 16;

/// What is looked for: a token, one to sixteen digits, `:`. A token that something else follows is printed text.
#[derive(Debug)]
pub struct Awaited {
    token: Vec<u8>,
    /// What has been seen and may be the beginning of a marker.
    recent: Vec<u8>,
    /// The digits, once the marker was seen.
    pub answer: Option<String>,
}

/// What follows a token.
enum After {
    /// These digits and the colon.
    Answer(Range<usize>),
    /// Nothing that could not become an answer.
    Unfinished,
    /// Something else.
    Other,
}

impl Awaited {
    /// Looks for `token`, digits, `:`.
    pub fn new(token: Vec<u8>) -> Self {
        Awaited {
            token,
            recent: Vec::new(),
            answer: None,
        }
    }

    /// Looks at what comes next.
    pub fn look(&mut self, bytes: &[u8]) {
        if self.answer.is_some() {
            return;
        }
        self.recent.extend_from_slice(bytes);
        let mut from = 0;
        while let Some(start) = position(&self.recent, &self.token, from) {
            match after(&self.recent, start + self.token.len()) {
                After::Answer(digits) => {
                    self.answer = Some(String::from_utf8_lossy(&self.recent[digits]).into_owned());
                    return;
                }
                After::Unfinished => {
                    self.recent.drain(..start);
                    return;
                }
                // Somebody printed the token: the marker may still come, even within these bytes.
                After::Other => from = start + 1,
            }
        }
        let surplus = self
            .recent
            .len()
            .saturating_sub(self.token.len().saturating_sub(1));
        self.recent.drain(..surplus);
    }
}

fn after(bytes: &[u8], start: usize) -> After {
    let rest = &bytes[start..];
    let digits = rest
        .iter()
        .take(LONGEST_ANSWER + 1)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    match rest.get(digits) {
        _ if digits > LONGEST_ANSWER => After::Other,
        None => After::Unfinished,
        Some(b':') if digits > 0 => After::Answer(start..start + digits),
        Some(_) => After::Other,
    }
}

fn position(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    bytes[from..]
        .windows(wanted.len())
        .position(|window| window == wanted)
        .map(|at| from + at)
}

/// What was printed before the marker that gave `answer`; all of it, if the marker is not there.
pub fn before_marker<'o>(output: &'o [u8], token: &[u8], answer: &str) -> &'o [u8] {
    let marker = [token, answer.as_bytes(), b":"].concat();
    match position(output, &marker, 0) {
        Some(end) => &output[..end],
        None => output,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const TOKEN: &str = "rdabc-1=";

    fn answer(chunks: &[&str]) -> Option<String> {
        let mut awaited = Awaited::new(TOKEN.into());
        for chunk in chunks {
            awaited.look(chunk.as_bytes());
        }
        awaited.answer
    }

    #[rstest]
    #[case::whole(&["out\nrdabc-1=0:\n"], Some("0"))]
    #[case::in_pieces(&["out\nrda", "bc-1", "=12", "7:", "\n"], Some("127"))]
    #[case::a_token_that_was_printed(&["rdabc-1=x rdabc-1=3:"], Some("3"))]
    #[case::followed_by_much(&["rdabc-1=", "xxxxxxxxxxxxxxxxxxxxxxxxxxxx rdabc-1=3", ":"], Some("3"))]
    #[case::half_a_token_before(&["rdrdabc-1=4:"], Some("4"))]
    #[case::without_digits(&["rdabc-1=:"], None)]
    #[case::too_many_digits(&["rdabc-1=00000000000000000:"], None)]
    #[case::another_ones(&["rdabc-2=0:"], None)]
    fn a_marker_is_found_in_whatever_pieces_it_comes(
        #[case] chunks: &[&str],
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(answer(chunks).as_deref(), expected);
        let whole = chunks.concat();
        assert_eq!(answer(&[&whole]).as_deref(), expected, "at once");
        let bytes: Vec<String> = whole.chars().map(String::from).collect();
        let bytes: Vec<&str> = bytes.iter().map(String::as_str).collect();
        assert_eq!(answer(&bytes).as_deref(), expected, "byte by byte");
    }

    #[rstest]
    #[case("out\nrdabc-1=0:\nlater", "out\n")]
    #[case("rdabc-1=x\nrdabc-1=0:\nrdabc-1=", "rdabc-1=x\n")]
    #[case("its end is cut off", "its end is cut off")]
    fn the_output_ends_where_the_marker_begins(#[case] output: &str, #[case] expected: &str) {
        assert_eq!(
            before_marker(output.as_bytes(), TOKEN.as_bytes(), "0"),
            expected.as_bytes()
        );
    }

    #[test]
    fn a_flood_of_tokens_is_not_kept() {
        let mut awaited = Awaited::new(TOKEN.into());
        for _ in 0..1000 {
            awaited.look(TOKEN.repeat(100).as_bytes());
            assert!(awaited.recent.len() <= TOKEN.len() + LONGEST_ANSWER);
        }
    }
}
