//! What `[NAME]` and `{nonce}` stand for.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

/// Captures and the texts they are bound to. A name keeps its first value: it must be equal wherever it occurs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captures {
    values: BTreeMap<String, String>,
}

impl Captures {
    /// Captures with values from the start: `[CONTAINERS]`.
    pub fn new(values: BTreeMap<String, String>) -> Captures {
        Captures { values }
    }

    /// What `name` is bound to.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Every name that has a value, and the value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.values.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Binds `name`, unless it has a value already.
    pub fn bind(&mut self, name: &str, value: &str) {
        self.values
            .entry(String::from(name))
            .or_insert_with(|| String::from(value));
    }

    /// `text` with every bound `[NAME]` replaced; others stay as they are.
    pub fn fill(&self, text: &str) -> String {
        replace(text, '[', ']', |name| self.get(name))
    }
}

/// `text` with every known `{word}` replaced.
pub fn fill_words(text: &str, words: &BTreeMap<String, String>) -> String {
    replace(text, '{', '}', |word| words.get(word).map(String::as_str))
}

/// The captures named in `text` that have no value.
pub fn unbound(text: &str, captures: &Captures) -> Vec<String> {
    let mut missing = Vec::new();
    replace(text, '[', ']', |name| {
        if is_capture_name(name) && captures.get(name).is_none() {
            missing.push(String::from(name));
        }
        None
    });
    missing
}

/// Capital letters, digits, `_` and `-`, a letter first.
pub fn is_capture_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
        })
}

fn replace<'v>(
    text: &str,
    open: char,
    close: char,
    mut value: impl FnMut(&str) -> Option<&'v str>,
) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(open) {
        filled.push_str(&rest[..start]);
        let inner = &rest[start + 1..];
        let end = inner.find([close, open, '\n']);
        match end
            .filter(|end| inner[*end..].starts_with(close))
            .map(|end| (end, value(&inner[..end])))
        {
            Some((end, Some(value))) => {
                filled.push_str(value);
                rest = &inner[end + 1..];
            }
            _ => {
                filled.push(open);
                rest = inner;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use rstest::rstest;

    fn captures() -> Captures {
        let mut captures = Captures::default();
        captures.bind("ROOTFS", "/c/1/rootfs");
        captures
    }

    #[rstest]
    #[case("[ROOTFS]/x", "/c/1/rootfs/x")]
    #[case("[OTHER]/x", "[OTHER]/x")]
    #[case("[ [ROOTFS] ]", "[ /c/1/rootfs ]")]
    #[case("[ROOTFS", "[ROOTFS")]
    #[case("[[ROOTFS]]", "[/c/1/rootfs]")]
    fn bound_captures_are_filled_in(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(captures().fill(text), expected);
    }

    #[test]
    fn the_first_value_stays() {
        let mut captures = captures();
        captures.bind("ROOTFS", "/elsewhere");
        assert_eq!(captures.get("ROOTFS"), Some("/c/1/rootfs"));
    }

    #[test]
    fn unbound_captures_are_named() {
        assert_eq!(
            unbound("[ROOTFS]/[UPPER]/[..]/[x]", &captures()),
            vec!["UPPER"]
        );
    }
}
