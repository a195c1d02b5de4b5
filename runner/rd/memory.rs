//! How much memory the container may use.

use super::cgroup::{Group, Version};
use anyhow::{Context, bail, ensure};
use std::str::FromStr;

/// An amount of memory in bytes, written as a number with k, m or g, or as -1 for as much as there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// This many bytes.
    Bytes(u64),
    /// No limit.
    Unlimited,
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "-1" {
            return Ok(Self::Unlimited);
        }
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" => 1 << 10,
            "m" => 1 << 20,
            "g" => 1 << 30,
            _ => {
                return Err(format!(
                    "`{text}` has an unknown unit: write k, m, g or nothing for bytes"
                ));
            }
        };
        let number: Option<u64> = digits
            .bytes()
            .all(|digit| digit.is_ascii_digit())
            .then(|| digits.parse().ok())
            .flatten();
        let bytes = number.and_then(|number| number.checked_mul(unit));
        bytes
            .map(Self::Bytes)
            .ok_or_else(|| format!("`{text}` is no amount of memory: write bytes, or 64m, or -1"))
    }
}

/// The limits of a container.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of memory.
    pub memory: Option<Amount>,
    /// Of memory and swap together.
    pub memory_and_swap: Option<Amount>,
}

/// Enters a memory group of the container's own. Before anything is done that needs memory: what was used before the group was
/// entered is not counted. As with the cpu, a machine without such groups refuses only limits.
pub fn enter_memory_group(id: &str, limits: Limits) -> anyhow::Result<()> {
    let Some(group) = Group::make("memory", id)? else {
        let asked = limits.memory.or(limits.memory_and_swap);
        ensure!(
            asked.is_none(),
            "failed to limit memory: no memory cgroup hierarchy is mounted"
        );
        return Ok(());
    };
    for (file, value) in settings(group.version, limits)? {
        group.write(file, &value)?;
    }
    group.enter()
}

/// The files to write, in order. On version 1 the limit of both together may never be below that of memory alone (EINVAL), and
/// a new group has none at all: so memory comes first. On version 2 swap is counted by itself.
fn settings(version: Version, limits: Limits) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut settings = Vec::new();
    let (memory_file, swap_file) = match version {
        Version::One => ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
        Version::Two => ("memory.max", "memory.swap.max"),
    };
    let text = |amount| match (amount, version) {
        (Amount::Bytes(bytes), _) => bytes.to_string(),
        (Amount::Unlimited, Version::One) => "-1".to_owned(),
        (Amount::Unlimited, Version::Two) => "max".to_owned(),
    };
    if let Some(memory) = limits.memory {
        settings.push((memory_file, text(memory)));
    }
    if let Some(both) = limits.memory_and_swap {
        let swap = match (version, both, limits.memory) {
            (Version::One, both, _) | (Version::Two, both @ Amount::Unlimited, _) => both,
            (Version::Two, Amount::Bytes(both), Some(Amount::Bytes(memory))) => Amount::Bytes(
                both.checked_sub(memory)
                    .context("failed to limit swap: --memory-swap is below --memory")?,
            ),
            (Version::Two, Amount::Bytes(_), _) => {
                bail!("failed to limit swap: --memory-swap needs a --memory to subtract")
            }
        };
        settings.push((swap_file, text(swap)));
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("4096", Some(Amount::Bytes(4096)))]
    #[case("64k", Some(Amount::Bytes(65_536)))]
    #[case("64M", Some(Amount::Bytes(67_108_864)))]
    #[case("2g", Some(Amount::Bytes(2_147_483_648)))]
    #[case("-1", Some(Amount::Unlimited))]
    #[case("", None)]
    #[case("m", None)]
    #[case("-2", None)]
    #[case("+4", None)]
    #[case("64x", None)]
    #[case("1.5g", None)]
    #[case("99999999999999999999", None)]
    #[case("99999999999999999g", None)]
    #[case("6\u{e9}", None)]
    fn amounts_are_bytes_or_have_a_unit(#[case] text: &str, #[case] expected: Option<Amount>) {
        assert_eq!(text.parse().ok(), expected);
    }

    fn limits(memory: &str, both: &str) -> Limits {
        let amount = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        Limits {
            memory: amount(memory),
            memory_and_swap: amount(both),
        }
    }

    #[rstest]
    #[case(Version::One, "", "", &[])]
    #[case(Version::One, "64k", "96k", &[("memory.limit_in_bytes", "65536"), ("memory.memsw.limit_in_bytes", "98304")])]
    #[case(Version::One, "64k", "-1", &[("memory.limit_in_bytes", "65536"), ("memory.memsw.limit_in_bytes", "-1")])]
    #[case(Version::Two, "64k", "96k", &[("memory.max", "65536"), ("memory.swap.max", "32768")])]
    #[case(Version::Two, "64k", "64k", &[("memory.max", "65536"), ("memory.swap.max", "0")])]
    #[case(Version::Two, "64k", "-1", &[("memory.max", "65536"), ("memory.swap.max", "max")])]
    #[case(Version::Two, "-1", "", &[("memory.max", "max")])]
    fn limits_become_files(
        #[case] version: Version,
        #[case] memory: &str,
        #[case] both: &str,
        #[case] expected: &[(&str, &str)],
    ) {
        let written = settings(version, limits(memory, both)).unwrap();
        let written: Vec<_> = written
            .iter()
            .map(|(file, value)| (*file, value.as_str()))
            .collect();
        assert_eq!(written, expected);
    }

    #[rstest]
    #[case("64k", "32k")]
    #[case("", "32k")]
    #[case("-1", "32k")]
    fn less_with_swap_than_without_is_refused(#[case] memory: &str, #[case] both: &str) {
        assert!(settings(Version::Two, limits(memory, both)).is_err());
    }
}
