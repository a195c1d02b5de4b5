//! Giving up root.

use anyhow::Context;
use nix::unistd::{Gid, Uid, setgid, setgroups, setuid};
use std::str::FromStr;

/// Who the command is to run as: `UID` or `UID:GID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    uid: u32,
    /// The uid's number if none is given, as most systems give a user a group of the same number.
    gid: u32,
}

impl FromStr for User {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (uid, gid) = text.split_once(':').unwrap_or((text, text));
        // The highest number means "leave it as it is" to the kernel (setresuid(2)).
        let id = |name: &str, text: &str| match text.parse::<u32>() {
            Ok(id) if id != u32::MAX => Ok(id),
            _ => Err(format!(
                "`{text}` is no {name}: write numbers, as in 2014:222"
            )),
        };
        Ok(Self {
            uid: id("uid", uid)?,
            gid: id("gid", gid)?,
        })
    }
}

/// Becomes that user, for good. The uid comes last: with root goes the right to change the rest.
pub fn become_user(user: User) -> anyhow::Result<()> {
    setgroups(&[]).context("failed to leave root's groups")?;
    setgid(Gid::from_raw(user.gid))
        .with_context(|| format!("failed to become group {}", user.gid))?;
    setuid(Uid::from_raw(user.uid)).with_context(|| format!("failed to become user {}", user.uid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2014:222", Some((2014, 222)))]
    #[case("2014", Some((2014, 2014)))]
    #[case("0:0", Some((0, 0)))]
    #[case("", None)]
    #[case("2014:", None)]
    #[case(":222", None)]
    #[case("root", None)]
    #[case("-1:0", None)]
    #[case("4294967295", None)]
    #[case("1:2:3", None)]
    fn users_are_numbers(#[case] text: &str, #[case] expected: Option<(u32, u32)>) {
        assert_eq!(
            text.parse::<User>().ok().map(|user| (user.uid, user.gid)),
            expected
        );
    }
}
