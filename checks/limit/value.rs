//! Limits as people write them: `memory=64 MiB`, `cpu-time=10s`, `processes=100`.

use super::{Limit, Unit};
use crate::format::nearest;
use crate::{duration, size};
use alloc::{
    format,
    string::{String, ToString},
};

/// Why a text is no limit, and what would be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong.
    pub message: String,
    /// What to write.
    pub remedy: String,
}

impl core::fmt::Display for Refused {
    fn fmt(&self, to: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(to, "{}; {}", self.message, self.remedy)
    }
}

impl core::error::Error for Refused {}

impl Limit {
    /// Reads a value.
    ///
    /// # Errors
    /// What is not of the limit's unit, and what is outside its range.
    pub fn read(self, text: &str) -> Result<u64, Refused> {
        let text = text.trim();
        let (value, example) = match self.unit() {
            Unit::Milliseconds => (duration::milliseconds(text), "500ms, 10s or 2m"),
            Unit::Bytes => (bytes(text), "64 MiB, 512 KiB, 1 GiB, or bytes"),
            Unit::Count => (count(text), "a whole number"),
        };
        let Some(value) = value else {
            let what = match self.unit() {
                Unit::Milliseconds => "no duration",
                Unit::Bytes => "no size",
                Unit::Count => "no number",
            };
            return Err(Refused {
                message: format!("`{text}` is {what}"),
                remedy: format!("write {example}"),
            });
        };
        let (least, most) = self.range();
        let refused = |which: &str, bound| Refused {
            message: format!("{text} is too {which} for {}", self.name()),
            remedy: format!(
                "the {} is {}",
                if which == "little" { "least" } else { "most" },
                self.spell(bound)
            ),
        };
        if value < least {
            return Err(refused("little", least));
        }
        if value > most {
            return Err(refused("much", most));
        }
        Ok(value)
    }

    /// Writes a value, in the largest unit that divides it; [`Limit::read`] reads it again.
    pub fn spell(self, value: u64) -> String {
        let whole = |units: &[(u64, &str)]| {
            let fitting = units
                .iter()
                .find(|(size, _)| value > 0 && value.is_multiple_of(*size));
            fitting.map(|(size, unit)| format!("{} {unit}", value / size))
        };
        let spelled = match self.unit() {
            Unit::Milliseconds => whole(&[(60_000, "m"), (1_000, "s"), (1, "ms")]),
            Unit::Bytes => whole(&[
                (1 << 40, "TiB"),
                (1 << 30, "GiB"),
                (1 << 20, "MiB"),
                (1 << 10, "KiB"),
                (1, "bytes"),
            ]),
            Unit::Count => None,
        };
        spelled.unwrap_or_else(|| value.to_string())
    }
}

/// Reads `NAME=VALUE`.
///
/// # Errors
/// An unknown name, or a value that [`Limit::read`] refuses.
pub fn assignment(text: &str) -> Result<(Limit, u64), Refused> {
    let names = || Limit::ALL.map(Limit::name);
    let Some((name, value)) = text.split_once('=') else {
        return Err(Refused {
            message: format!("`{text}` sets no limit"),
            remedy: String::from("write NAME=VALUE: memory=64MiB"),
        });
    };
    let limit = Limit::named(name.trim()).ok_or_else(|| Refused {
        message: format!("there is no limit `{name}`"),
        remedy: match nearest(name, &names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names().join(", ")),
        },
    })?;
    limit.read(value).map(|value| (limit, value))
}

/// `64 MiB`, `64MiB`, `64m`, `67108864`, `512 bytes`. Only powers of 1024: nobody knows which `MB` is meant.
fn bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "bytes" => "",
        "k" | "K" | "KiB" => "k",
        "m" | "M" | "MiB" => "m",
        "g" | "G" | "GiB" => "g",
        "TiB" => return size::bytes(&format!("{}g", digits.trim_end()))?.checked_mul(1 << 10),
        _ => return None,
    };
    size::bytes(&format!("{}{unit}", digits.trim_end()))
}

fn count(text: &str) -> Option<u64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}
