//! Sizes as the workshop's options spell them: `64m`.

/// Bytes of `67108864`, `65536k`, `64m`, `1g` (powers of 1024, either case); `None` for anything else, and for
/// what does not fit into 64 bits.
pub fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let shift = match &text[digits.len()..] {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        _ => return None,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("0", Some(0))]
    #[case("67108864", Some(64 << 20))]
    #[case("64m", Some(64 << 20))]
    #[case("64M", Some(64 << 20))]
    #[case("2k", Some(2048))]
    #[case("1g", Some(1 << 30))]
    #[case("m", None)]
    #[case("-1", None)]
    #[case("64mb", None)]
    #[case("+4", None)]
    #[case("99999999999g", None)]
    fn sizes(#[case] text: &str, #[case] expected: Option<u64>) {
        assert_eq!(bytes(text), expected);
    }
}
