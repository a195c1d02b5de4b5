//! Facts that can only be read from within another namespace.

use super::mounts;
use super::visit::in_namespaces;
use crate::play::procfs;
use checks::fact::{Row, Value};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat};
use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;
use nix::sys::stat::Mode;
use nix::sys::utsname::uname;
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::{BorrowedFd, OwnedFd};

/// A namespace of a process, `mnt`, `uts` or `net`.
pub fn namespace_of(pid: Pid, name: &str) -> nix::Result<OwnedFd> {
    open(
        format!("/proc/{pid}/ns/{name}").as_str(),
        OFlag::O_RDONLY | OFlag::O_CLOEXEC,
        Mode::empty(),
    )
}

/// The host name in a UTS namespace.
pub fn hostname(namespace: BorrowedFd) -> nix::Result<String> {
    let name = in_namespaces(&[namespace], || {
        uname()
            .map(|names| names.nodename().as_encoded_bytes().to_vec())
            .unwrap_or_default()
    })?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}

/// The links of a network namespace: `name`, `up`.
pub fn links(namespace: BorrowedFd) -> nix::Result<Vec<Row>> {
    let listed = in_namespaces(&[namespace], || {
        let mut links = BTreeMap::new();
        for address in getifaddrs().into_iter().flatten() {
            let up = if address.flags.contains(InterfaceFlags::IFF_UP) {
                "yes"
            } else {
                "no"
            };
            links.insert(address.interface_name, up);
        }
        links
            .into_iter()
            .map(|(name, up)| format!("{name}\t{up}\n"))
            .collect::<String>()
            .into_bytes()
    })?;
    let row = |line: &str| {
        let (name, up) = line.rsplit_once('\t')?;
        let fields = [("name", name), ("up", up)];
        Some(
            fields
                .map(|(field, value)| (field.to_owned(), Value::Text(value.to_owned())))
                .into(),
        )
    };
    Ok(String::from_utf8_lossy(&listed)
        .lines()
        .filter_map(row)
        .collect())
}

/// The whole mount table of a mount namespace, from its root, whatever root its processes have.
pub fn namespace_mounts(namespace: BorrowedFd) -> nix::Result<Vec<Row>> {
    mounts::few_enough(namespace)?;
    // Opened here: what is mounted on /proc over there is anybody's guess.
    let proc = open(
        "/proc",
        OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC,
        Mode::empty(),
    )?;
    let read = |name: &str| {
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        let file = openat(&proc, name, flags, Mode::empty())?;
        procfs::bounded(File::from(file))
    };
    // The child's pipe takes a megabyte: half for each.
    let both = in_namespaces(&[namespace], || {
        let mut tables = match (read("self/mountinfo"), read("self/mounts")) {
            (Ok(info), Ok(lines)) => vec![info, lines],
            _ => Vec::new(),
        };
        tables.iter_mut().for_each(|table| table.truncate(1 << 19));
        tables.join(&0)
    })?;
    if both.is_empty() {
        return Err(Errno::ETIMEDOUT);
    }
    let text = String::from_utf8_lossy(&both);
    let (info, lines) = text.split_once('\0').unwrap_or((&text, ""));
    Ok(mounts::parse(info, lines))
}

/// `lower`, `upper` and `work` of the overlay at `/`, as they were given when it was mounted.
pub fn overlay(table: &[Row]) -> Option<Row> {
    let text = |row: &Row, field: &str| match row.get(field) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let is_root = |row: &&Row| {
        text(row, "target").as_deref() == Some("/")
            && text(row, "type").as_deref() == Some("overlay")
    };
    let options = text(table.iter().find(is_root)?, "options")?;
    let mut row = Row::new();
    for (option, field) in [
        ("lowerdir", "lower"),
        ("upperdir", "upper"),
        ("workdir", "work"),
    ] {
        // `lowerdir+=`: as fsconfig(2) was given them, one by one.
        let value_of = |part: &'_ str| {
            part.strip_prefix(option)?
                .trim_start_matches('+')
                .strip_prefix('=')
                .map(mounts::unescape)
        };
        let value = options.split(',').find_map(value_of);
        row.insert(field.to_owned(), Value::Text(value?));
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_with_a_blank_and_a_comma_is_read_as_it_is_called() {
        // seq_show_option() in the kernel writes both as `\ooo`.
        let rows = mounts::parse(
            "1 0 0:9 / / rw - overlay o rw,lowerdir=/a\\040b,upperdir=/c\\054d,workdir=/w\n",
            "",
        );
        let row = overlay(&rows).unwrap();
        assert_eq!(row["lower"], Value::Text("/a b".to_owned()));
        assert_eq!(row["upper"], Value::Text("/c,d".to_owned()));
    }

    #[test]
    fn an_overlay_root_names_its_layers() {
        let rows = mounts::parse(
            "1 0 0:9 / / rw - overlay overlay rw,lowerdir=/i/rootfs,upperdir=/c/rw,workdir=/c/w,userxattr\n",
            "overlay / overlay rw 0 0\n",
        );
        assert_eq!(
            overlay(&rows).unwrap()["upper"],
            Value::Text("/c/rw".to_owned())
        );
        let one_by_one =
            "1 0 0:9 / / rw - overlay none rw,lowerdir+=/i/rootfs,upperdir=/c/rw,workdir=/c/w\n";
        assert_eq!(
            overlay(&mounts::parse(one_by_one, "")).unwrap()["lower"],
            Value::Text("/i/rootfs".to_owned())
        );
        assert_eq!(
            overlay(&mounts::parse("1 0 0:9 / / rw - tmpfs t rw\n", "")),
            None
        );
    }
}
