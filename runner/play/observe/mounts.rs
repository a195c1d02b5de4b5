//! The mount table of a process: `/proc/PID/mountinfo` and `/proc/PID/mounts`, row by row.
//!
//! Both list the mounts that can be reached from the process's root, with that root cut off the paths
//! (fs/proc_namespace.c).

use crate::jail::sys::count_mounts;
use crate::play::procfs;
use checks::fact::{Row, Value};
use nix::errno::Errno;
use nix::unistd::Pid;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};

/// Most mounts of a namespace whose table is read; a container has ten. A line costs the kernel as much as there are mounts
/// upon each other below it, and the reader cannot be interrupted meanwhile: fifty thousand take minutes.
const MOST: usize = 5_000;

/// Refuses what would take too long to be read.
///
/// # Errors
/// ETIMEDOUT. Before Linux 6.11 nobody can tell, and nothing is refused.
pub fn few_enough(namespace: BorrowedFd) -> nix::Result<()> {
    match count_mounts(namespace, MOST) {
        Ok(MOST..) => Err(Errno::ETIMEDOUT),
        _ => Ok(()),
    }
}

/// The table of a process. `line` is the kernel's own line of `/proc/PID/mounts`.
///
/// # Errors
/// ETIMEDOUT: the submission has made it too large to be read, or keeps changing it.
pub fn table(pid: Pid) -> std::io::Result<Vec<Row>> {
    // Init's own namespace is closed to an ordinary user's rdgrade, its table is not.
    if let Ok(namespace) = File::open(format!("/proc/{pid}/ns/mnt")) {
        few_enough(namespace.as_fd())?;
    }
    // The submission may mount something between the two reads: then once more, a few times.
    for _ in 0..8 {
        let before = procfs::read(pid, "mountinfo")?;
        let lines = procfs::read(pid, "mounts")?;
        if procfs::read(pid, "mountinfo")? == before {
            return Ok(parse(&before, &lines));
        }
    }
    // It is the submission that keeps changing it.
    Err(std::io::Error::from_raw_os_error(libc::ETIMEDOUT))
}

/// Pairs the lines of `mountinfo` and `mounts` (proc_pid_mountinfo(5)); a line that cannot be parsed has only its `line`.
pub fn parse(mountinfo: &str, mounts: &str) -> Vec<Row> {
    // Not `lines()`: a name may end in a carriage return, which the kernel leaves as it is.
    let mut lines = mounts.split_terminator('\n');
    mountinfo
        .split_terminator('\n')
        .map(|info| {
            let mut row = Row::new();
            fields(info, &mut row);
            if let Some(line) = lines.next() {
                row.insert("line".to_owned(), Value::Text(line.to_owned()));
            }
            row
        })
        .collect()
}

fn fields(info: &str, row: &mut Row) -> Option<()> {
    let mut put = |name: &str, value: String| row.insert(name.to_owned(), Value::Text(value));
    let (mount, file_system) = info.split_once(" - ")?;
    let mut mount = mount.split(' ');
    let device = mount.nth(2)?;
    put("device", device.to_owned());
    put("directory", unescape(mount.next()?));
    put("target", unescape(mount.next()?));
    let options = mount.next()?;
    let propagation: Vec<&str> = mount.collect();
    put(
        "propagation",
        if propagation.is_empty() {
            "private".to_owned()
        } else {
            propagation.join(" ")
        },
    );
    let mut file_system = file_system.split(' ');
    put("type", file_system.next()?.to_owned());
    put("source", unescape(file_system.next()?));
    let more = file_system.next().unwrap_or_default();
    put("options", format!("{options},{more}"));
    Some(())
}

/// Blanks, tabs, line ends and backslashes are written as `\ooo`.
pub(crate) fn unescape(text: &str) -> String {
    let mut plain = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 4);
        // Digits alone: `from_str_radix` would take a sign as well.
        let code = digits
            .filter(|digits| digits.iter().all(u8::is_ascii_digit))
            .and_then(|digits| std::str::from_utf8(digits).ok());
        match code
            .filter(|_| bytes[at] == b'\\')
            .and_then(|code| u8::from_str_radix(code, 8).ok())
        {
            Some(byte) => {
                plain.push(byte);
                at += 4;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_point_with_a_blank_is_read_as_it_is_called() {
        let rows = parse(
            "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n",
            "/dev/root /mnt\\0402 ext3 rw,noatime,errors=continue 0 0\n",
        );
        let text = |name: &str| rows[0][name].clone();
        assert_eq!(text("target"), Value::Text("/mnt 2".to_owned()));
        assert_eq!(text("type"), Value::Text("ext3".to_owned()));
        assert_eq!(text("propagation"), Value::Text("master:1".to_owned()));
        assert_eq!(text("device"), Value::Text("98:0".to_owned()));
    }

    #[test]
    fn a_carriage_return_at_the_end_is_part_of_the_name() {
        let rows = parse(
            "1 0 0:9 / /m rw - overlay o rw,workdir=/w\r\n",
            "o /m overlay rw\r\n",
        );
        assert_eq!(
            rows[0]["options"],
            Value::Text("rw,rw,workdir=/w\r".to_owned())
        );
        assert_eq!(rows[0]["line"], Value::Text("o /m overlay rw\r".to_owned()));
    }

    #[test]
    fn only_three_octal_digits_stand_for_a_byte() {
        assert_eq!(unescape("a\\040\\134b"), "a \\b");
        for other in ["\\+12", "\\777", "\\08x", "\\04", "\\"] {
            assert_eq!(unescape(other), other);
        }
    }

    #[test]
    fn broken_lines_are_no_panic() {
        for broken in [
            "",
            "-",
            " - ",
            "1 2 3",
            "a b c d e f - ",
            "\\",
            "1 2 3 \\9 \\ f - x y",
        ] {
            parse(broken, broken);
        }
    }

    #[test]
    fn the_table_of_this_process_has_a_root() {
        let rows = table(nix::unistd::getpid()).unwrap();
        let line =
            |row: &Row| matches!(row.get("line"), Some(Value::Text(line)) if line.contains(" / "));
        assert!(
            rows.iter()
                .any(|row| row["target"] == Value::Text("/".to_owned()) && line(row))
        );
    }
}
