//! Durations as level files spell them: `20s`, `500ms`, `2m`.

/// Milliseconds of `20s`, `20 s`, `500ms`, `2m`; `None` for anything else, and for what does not fit into 64 bits.
pub fn milliseconds(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit_ms = match text[digits..].trim_start() {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(unit_ms)
}
