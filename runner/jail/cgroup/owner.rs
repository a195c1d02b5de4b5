//! Who owns the groups of a run: a process, told apart from a later one that got its id.

use std::fs;
use std::path::Path;
use std::str::FromStr;

/// A process and when it started. Its text, `PID-STARTTIME`, names the group of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pid: u32,
    /// Clock ticks after boot (proc_pid_stat(5), field 22).
    started: u64,
}

impl Owner {
    /// This process, as the mounted `/proc` counts it: in a pid namespace without a /proc of its own, getpid(2) would name
    /// somebody else there.
    pub fn this_process() -> std::io::Result<Owner> {
        read("self").ok_or_else(|| std::io::Error::other("/proc/self/stat cannot be read"))
    }

    /// Whether it still exists. A zombie does not: it does nothing any more.
    pub fn is_alive(self) -> bool {
        read(&self.pid.to_string()) == Some(self)
    }
}

fn read(entry: &str) -> Option<Owner> {
    let text = fs::read_to_string(Path::new("/proc").join(entry).join("stat")).ok()?;
    parse_stat(&text)
}

/// `None` for what is no line of `/proc/PID/stat`, and for a zombie.
pub(crate) fn parse_stat(text: &str) -> Option<Owner> {
    // The name, in parentheses, may hold blanks and parentheses.
    let (pid, _) = text.split_once(' ')?;
    let (_, after) = text.rsplit_once(") ")?;
    let mut fields = after.split(' ');
    if matches!(fields.next()?, "Z" | "X" | "x") {
        return None;
    }
    Some(Owner {
        pid: pid.parse().ok()?,
        started: fields.nth(18)?.parse().ok()?,
    })
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.pid, self.started)
    }
}

/// The text was not written by us.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotAnOwner;

impl FromStr for Owner {
    type Err = NotAnOwner;

    fn from_str(text: &str) -> Result<Owner, NotAnOwner> {
        let (pid, started) = text.split_once('-').ok_or(NotAnOwner)?;
        let number = |text: &str| text.parse::<u64>().map_err(|_| NotAnOwner);
        Ok(Owner {
            pid: u32::try_from(number(pid)?).map_err(|_| NotAnOwner)?,
            started: number(started)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn a_process_that_got_the_same_id_is_another_owner() {
        let this = Owner::this_process().unwrap();
        assert!(this.is_alive());
        assert!(
            !Owner {
                started: this.started + 1,
                ..this
            }
            .is_alive()
        );
        assert_eq!(this.to_string().parse(), Ok(this));
    }

    #[test]
    fn a_name_with_parentheses_hides_nothing() {
        let rest = "0 ".repeat(17);
        let line = |state: &str| format!("42 (a) b) {state} {rest}1 777 0");
        assert_eq!(
            parse_stat(&line("S")),
            Some(Owner {
                pid: 42,
                started: 777
            })
        );
        assert_eq!(parse_stat(&line("Z")), None);
    }

    #[rstest]
    #[case("")]
    #[case("12")]
    #[case("12-")]
    #[case("-12-3")]
    #[case("99999999999-1")]
    #[case("1-2-3")]
    fn a_group_somebody_else_made_has_no_owner(#[case] name: &str) {
        assert_eq!(name.parse::<Owner>(), Err(NotAnOwner));
    }
}
