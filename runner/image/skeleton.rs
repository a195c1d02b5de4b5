//! The directories of an Ubuntu root, and the few files that programs expect in /etc.

use super::tree::{Node, Tree};

/// What the workshop's `ls /` lists: nineteen names.
pub const TOP: [&str; 19] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root",
    "run", "sbin", "srv", "sys", "tmp", "usr", "var",
];

/// Since Ubuntu 20.04 four of the nineteen are links into /usr, on every architecture here.
pub const MERGED: [(&str, &str); 4] = [
    ("bin", "usr/bin"),
    ("lib", "usr/lib"),
    ("lib64", "usr/lib64"),
    ("sbin", "usr/sbin"),
];

const BELOW: [&str; 12] = [
    "usr/bin",
    "usr/lib",
    "usr/lib64",
    "usr/sbin",
    "usr/share",
    "usr/local/bin",
    "usr/local/lib",
    "usr/local/sbin",
    "var/cache",
    "var/lib",
    "var/log",
    "var/spool",
];

/// Configuration of our own: the host's would bring its users and its secrets into the image.
pub const ETC: [(&str, &str); 8] = [
    (
        "etc/bash.bashrc",
        include_str!("../../fixtures/images/etc/bash.bashrc"),
    ),
    ("etc/group", include_str!("../../fixtures/images/etc/group")),
    ("etc/hosts", include_str!("../../fixtures/images/etc/hosts")),
    (
        "etc/ld.so.conf",
        include_str!("../../fixtures/images/etc/ld.so.conf"),
    ),
    (
        "etc/nsswitch.conf",
        include_str!("../../fixtures/images/etc/nsswitch.conf"),
    ),
    (
        "etc/passwd",
        include_str!("../../fixtures/images/etc/passwd"),
    ),
    (
        "etc/profile",
        include_str!("../../fixtures/images/etc/profile"),
    ),
    (
        "etc/shells",
        include_str!("../../fixtures/images/etc/shells"),
    ),
];

/// Ubuntu keeps it here and links /etc/os-release to it.
const OS_RELEASE: &str = include_str!("../../fixtures/images/etc/os-release");

/// The image `skeleton`: directories and links alone, nothing to execute.
pub fn directories() -> Tree {
    let mut tree = Tree::default();
    for (name, target) in MERGED {
        tree.add(
            name,
            Node::Symlink {
                target: target.to_owned(),
            },
        );
    }
    tree.add("root", Node::Directory { mode: 0o700 });
    tree.add("tmp", Node::Directory { mode: 0o1777 });
    tree.add("var/tmp", Node::Directory { mode: 0o1777 });
    tree.add(
        "var/run",
        Node::Symlink {
            target: "../run".to_owned(),
        },
    );
    for path in TOP.iter().chain(&BELOW) {
        tree.add(path, Node::Directory { mode: 0o755 });
    }
    tree
}

/// The directories with /etc filled: what the harvested programs are put into.
pub fn configured() -> Tree {
    let mut tree = directories();
    let file = |text: &str| Node::File {
        mode: 0o644,
        bytes: text.as_bytes().to_vec(),
    };
    for (path, text) in ETC {
        tree.add(path, file(text));
    }
    tree.add("usr/lib/os-release", file(OS_RELEASE));
    tree.add(
        "etc/os-release",
        Node::Symlink {
            target: "../usr/lib/os-release".to_owned(),
        },
    );
    // umount(8) and df(1) look here.
    tree.add(
        "etc/mtab",
        Node::Symlink {
            target: "../proc/self/mounts".to_owned(),
        },
    );
    tree
}
