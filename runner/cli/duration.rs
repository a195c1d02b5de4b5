//! Durations as they are typed: `500ms`, `20s`, `2m`.

use std::time::Duration;

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return Err("write a number and its unit: 500ms, 20s, 2m".to_owned()),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| format!("`{digits}` is no whole number"))?;
    match number.saturating_mul(unit) {
        0 => Err("no step can be done in no time".to_owned()),
        millis if millis > 3_600_000 => Err("an hour is the most".to_owned()),
        millis => Ok(Duration::from_millis(millis)),
    }
}
