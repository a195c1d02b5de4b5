//! What is read of `/proc`: the kernel wrote it, and names in it were chosen by strangers.

use crate::oracle::octal::{escaped, unescaped};
use crate::{Covered, Target, mutate};
use checks::fact::{Row, Value};
use rdgrade::parsers;
use rdgrade::play::observe::{elsewhere, mounts};
use rdgrade::play::procfs::{Status, parse_status};

pub(super) const TARGET: Target = Target {
    name: "procfs",
    check,
    seeds: || {
        let own =
            ["mountinfo", "status", "stat", "cgroup"].map(|name| format!("/proc/self/{name}"));
        let read = own.iter().filter_map(|path| std::fs::read(path).ok());
        read.chain(SEEDS.iter().map(|text| text.as_bytes().to_vec()))
            .collect()
    },
    mutate: |input, random| mutate::text(input, random, &WORDS),
    longest: 2048,
    covers: &[
        Covered::Functions("runner/play/procfs.rs", &["parse_status", "numbers"]),
        Covered::Functions(
            "runner/play/observe/mounts.rs",
            &["parse", "fields", "unescape"],
        ),
        Covered::Functions("runner/play/observe/elsewhere.rs", &["overlay"]),
        Covered::Functions("runner/play/observe/processes.rs", &["moment_of"]),
        Covered::Functions("runner/play/observe/groups.rs", &["oom_kills"]),
        Covered::Functions("runner/jail/cgroup/hierarchy.rs", &["parse", "parse_line"]),
        Covered::Functions("runner/jail/cgroup/group.rs", &["path_in"]),
        Covered::Functions("runner/jail/cgroup/owner.rs", &["parse_stat", "is_ours"]),
    ],
};

const SEEDS: [&str; 7] = [
    "36 35 98:0 /mnt1 /mnt\\0402 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n\0/dev/root /mnt\\0402 ext3 rw 0 0\n",
    "1 0 0:9 / / rw shared:3 master:2 - overlay overlay rw,lowerdir=/i/rootfs,upperdir=/c/rw,workdir=/c/w,userxattr\n",
    "1 0 0:9 / / rw - overlay none rw,lowerdir+=/i/rootfs,upperdir=/c/rw,workdir=/c/w\n",
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
     32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n\
     35 31 0:32 /docker/ab /sys/fs/cgroup/memory ro,relatime master:9 - cgroup cgroup rw,memory\n\
     36 31 0:33 /../x /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n\
     37 31 0:34 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n",
    "Name:\tbash\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t7\nPid:\t7\nPPid:\t1\nUid:\t0\t1\t2\t3\nGid:\t0\t0\t0\t0\n\
     Groups:\t4 24 \nNSpid:\t7\t1\nSigPnd:\t0000000000000100\nShdPnd:\t0000000000000000\nCapPrm:\t000001ffffffffff\n\
     CapEff:\t000001ffffffffff\n",
    "7 (a) b) S 1 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1\0SigPnd:\t0000000000000100\n",
    "12:cpu,cpuacct:/a/b/c\n3:memory:/m\n0::/user.slice\noom_kill 3\noom_kill_disable 0\n7-12345-4026531836\n",
];

const WORDS: [&str; 44] = [
    " - ",
    "\\040",
    "\\011",
    "\\012",
    "\\134",
    "\\777",
    "\\08",
    "\\+12",
    "/",
    "/..",
    "rw",
    "ro",
    ",ro",
    "cgroup",
    "cgroup2",
    "overlay",
    "tmpfs",
    "shared:1",
    "master:2",
    "lowerdir=",
    "lowerdir+=",
    "upperdir=",
    "workdir=",
    "memory",
    "cpu",
    "none",
    "name=systemd",
    "Tgid:",
    "PPid:",
    "NSpid:",
    "Uid:\t0 0 0 0",
    "Groups:",
    "CapEff:",
    "CapPrm:",
    "Umask:\t0777",
    "SigPnd:\t100",
    "ShdPnd:\tffffffffffffffff",
    ") S ",
    ") Z ",
    ")",
    "oom_kill ",
    "0:memory:/x",
    "\0",
    "-",
];

fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (first, second) = text.split_once('\0').unwrap_or((&text, ""));
    mount_table(first, second);
    names_come_back(first);
    status(first);
    processes(first, second);
    groups(first);
}

fn field<'r>(row: &'r Row, name: &str) -> Option<&'r str> {
    match row.get(name)? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn mount_table(mountinfo: &str, lines: &str) {
    let rows = mounts::parse(mountinfo, lines);
    assert_eq!(
        rows.len(),
        mountinfo.split_terminator('\n').count(),
        "a mount went"
    );
    for (row, line) in rows.iter().zip(lines.split_terminator('\n')) {
        assert_eq!(field(row, "line"), Some(line));
    }
    for row in &rows {
        printed_it_is_the_same(row);
    }
    let overlay = elsewhere::overlay(&rows);
    assert!(overlay.is_none_or(|row| {
        ["lower", "upper", "work"]
            .iter()
            .all(|name| field(&row, name).is_some())
    }));
}

fn printed_it_is_the_same(row: &Row) -> Option<()> {
    let [
        device,
        directory,
        target,
        propagation,
        kind,
        source,
        options,
    ] = [
        "device",
        "directory",
        "target",
        "propagation",
        "type",
        "source",
        "options",
    ]
    .map(|name| field(row, name));
    let (directory, target) = (directory?, target?);
    // Other rows are no kernel's.
    if !directory.starts_with('/') || !target.starts_with('/') {
        return None;
    }
    let (mount, more) = options?.split_once(',')?;
    // No device and no option is called like the separator.
    if [device?, mount].contains(&"-") {
        return None;
    }
    let optional = match propagation? {
        "private" => String::new(),
        some => format!(" {some}"),
    };
    let printed = format!(
        "1 0 {} {} {} {mount}{optional} - {} {} {more}\n",
        device?,
        escaped(directory),
        escaped(target),
        kind?,
        escaped(source?)
    );
    let mut again = mounts::parse(&printed, "");
    let mut expected = row.clone();
    expected.remove("line");
    assert_eq!(again.pop(), Some(expected), "{printed:?}");
    Some(())
}

/// Whatever a directory is called, its name comes out as it is.
fn names_come_back(text: &str) {
    assert_eq!(parsers::unescape(&escaped(text)), text);
    assert_eq!(parsers::unescape(text), unescaped(text));
    // A file name has no NUL and no slash; the kernel hides nothing else.
    let name = text.replace('/', "");
    let printed = format!("1 0 0:9 / /{0} rw - tmpfs {0}x rw\n", escaped(&name));
    let rows = mounts::parse(&printed, "");
    if name.contains('\r') {
        return;
    }
    assert_eq!(
        rows.first().and_then(|row| field(row, "target")),
        Some(format!("/{name}").as_str())
    );
    let layers = format!(
        "1 0 0:9 / / rw - overlay overlay rw,lowerdir=/{0},upperdir=/u{0},workdir=/w\n",
        escaped(&name).replace(',', "\\054")
    );
    let overlay = elsewhere::overlay(&mounts::parse(&layers, ""));
    let upper = overlay.as_ref().and_then(|row| field(row, "upper"));
    assert_eq!(upper, Some(format!("/u{name}").as_str()), "{layers:?}");
    let control = format!(
        "1 0 0:9 / /{} rw - cgroup cgroup rw,memory\n",
        escaped(&name)
    );
    let found = parsers::hierarchies(&control);
    assert_eq!(
        found.first().map(|it| it.0.as_path()),
        Some(format!("/{name}").as_ref())
    );
}

fn status(text: &str) {
    let status = parse_status(text);
    let words = |numbers: &[u32]| {
        numbers
            .iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join("\t")
    };
    let ids: Vec<String> = status.nspid.iter().map(i32::to_string).collect();
    // proc_task_name() in the kernel leaves no line end in a name.
    let name = text
        .replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "");
    let printed = format!(
        "Name:\t{name}\nUmask:\t{:04o}\nTgid:\t{}\nPPid:\t{}\nUid:\t{}\nGid:\t{}\nGroups:\t{} \nNSpid:\t{}\nCapPrm:\t{:016x}\n\
         CapEff:\t{:016x}\n",
        status.umask,
        status.tgid,
        status.ppid,
        words(&status.uid),
        words(&status.gid),
        words(&status.groups),
        ids.join("\t"),
        status.permitted,
        status.capabilities,
    );
    let again: Status = parse_status(&printed);
    assert_eq!(again, status, "{printed:?}");
}

/// A process may call itself anything.
fn processes(name: &str, second: &str) {
    parsers::owner(name);
    if let Some((pid, started)) = parsers::owner(second) {
        assert!(parsers::is_group_of_ours(&format!(
            "{pid}-{started}-4026531836"
        )));
    }
    let numbers: Vec<&str> = name.split('-').collect();
    let digits = |number: &&str| {
        number.bytes().all(|byte| byte.is_ascii_digit()) && number.parse::<u64>().is_ok()
    };
    assert_eq!(
        parsers::is_group_of_ours(name),
        numbers.len() == 3 && numbers.iter().all(digits)
    );
    parsers::moment(name, second);
    for (state, flags, pending, moment) in [
        ("S", 0, 0, "Alive"),
        ("Z", 0, 0, "Dead"),
        ("R", 4, 0, "Dying"),
        ("R", 0x0040_0000, 0x100, "Dying"),
        ("D", 0x0040_0000, 0xff, "Alive"),
    ] {
        let stat =
            format!("7 ({name}) {state} 1 7 7 0 -1 {flags} 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1\n");
        let pending = format!("Name:\tx\nSigPnd:\t{pending:016x}\nShdPnd:\t0000000000000000\n");
        assert_eq!(
            parsers::moment(&stat, &pending),
            moment,
            "{stat:?} {pending:?}"
        );
        let expected = Some((7, 12345));
        assert_eq!(parsers::owner(&stat), expected, "{stat:?}");
    }
}

fn groups(text: &str) {
    for controller in ["cpu", "memory"] {
        let expected = text.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [_, names, path @ ..] = fields.as_slice() else {
                return None;
            };
            let right = names.split(',').any(|name| name == controller) && !path.is_empty();
            right.then(|| path.join(":"))
        });
        assert_eq!(parsers::group_path(text, controller), expected.as_deref());
    }
    let kills = parsers::oom_kills(text);
    assert_eq!(
        parsers::oom_kills(&format!(
            "oom_kill_disable 0\nunder_oom 0\noom_kill {kills}\n"
        )),
        kills
    );
    for (place, top, controllers, writable) in parsers::hierarchies(text) {
        let access = if writable { "rw" } else { "ro" };
        let place_name = place.display().to_string();
        let printed = format!(
            "1 0 0:9 {} {} {access} - cgroup cgroup rw{}\n",
            escaped(&top),
            escaped(&place_name),
            controllers
                .iter()
                .map(|name| format!(",{name}"))
                .collect::<String>()
        );
        let again = parsers::hierarchies(&printed);
        if top.starts_with('/') && place_name.starts_with('/') {
            assert_eq!(again, [(place, top, controllers, writable)], "{printed:?}");
        }
    }
}
