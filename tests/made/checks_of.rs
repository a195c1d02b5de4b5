//! Checks that ended in every way a check can end.

use super::*;

/// One finding, repeated at the top as the contract has it.
pub fn no_chdir() -> CheckResult {
    let check = passed(
        "working-directory-is-inside",
        "The working directory is inside too",
        2,
    );
    let reason = "The root was changed, but the shell still stands outside it.";
    let mut finding = finding(
        1,
        reason,
        "working directory at or below the new root",
        &format!("root  {ROOTFS}\ncwd   /submission"),
    );
    finding.evidence = vec!["/proc/9666/root = 0:52:2   /proc/9666/cwd = 0:47:31".into()];
    let mut check = ended(check, Status::Fail, reason);
    check.expected = finding.expected.clone();
    check.actual = finding.actual.clone();
    check.evidence = finding.evidence.clone();
    check.findings = vec![finding];
    check.hint =
        "chroot(2) moves \"/\" and nothing else: a process keeps the directory it stands in. \
                  Follow it with chdir(2), in the child, before exec."
            .into();
    check.transcript = vec![
        start(),
        step(1, Side::Kernel, "observe container", "", None),
    ];
    check
}

/// Two of four steps earned their points.
pub fn half_the_filesystems() -> CheckResult {
    let mut check = passed(
        "special-filesystems",
        "proc, sys and dev are mounted in the new root, and ps works",
        4,
    );
    check.status = Status::Fail;
    check.points = 2;
    check.reason = "2 of 4 expectations did not hold.".into();
    let mut sys = finding(
        2,
        "Nothing is mounted on /sys.",
        "target /sys, type sysfs",
        "no such mount",
    );
    sys.evidence = vec!["/proc/9666/mounts: 2 lines, /proc and /dev/pts".into()];
    sys.hint = Some(
        "sysfs goes to NEW_ROOT/sys; without it tools that look for devices find nothing.".into(),
    );
    let mut dev = finding(
        3,
        "Nothing is mounted on /dev.",
        "target /dev",
        "no such mount",
    );
    dev.hint = Some(
        "A tmpfs at NEW_ROOT/dev, so that the container cannot touch the host's devices.".into(),
    );
    check.credits = vec![
        credit(1, "a proc is mounted on /proc", 1),
        credit(2, "a sysfs is mounted on /sys", 0),
        credit(3, "something is mounted on /dev", 0),
        credit(4, "ps lists itself", 1),
    ];
    check.expected = sys.expected.clone();
    check.actual = sys.actual.clone();
    check.evidence = sys.evidence.clone();
    check.findings = vec![sys, dev];
    check.hint = "The kernel serves these file systems; they are in no image. Mount them below the new root.".into();
    check.link = "https://man7.org/linux/man-pages/man2/mount.2.html".into();
    check.transcript = vec![
        start(),
        step(
            4,
            Side::Inside,
            "ps",
            "  PID TTY          TIME CMD\n    1 pts/0    00:00:00 bash\n    9 pts/0    00:00:00 ps\n",
            Some("0"),
        ),
    ];
    check
}

fn credit(step: usize, what: &str, points: u32) -> Credit {
    Credit {
        step,
        what: what.into(),
        points,
        max_points: 1,
    }
}

/// The program never changed its root; the shell saw, and wrote, the host's.
pub fn no_chroot() -> CheckResult {
    let check = passed("sees-the-image", "ls / lists the image", 2);
    let mut check = ended(
        check,
        Status::Fail,
        "The container's root is the host's own.",
    );
    let mut listing = finding(
        1,
        "ls / did not list the image.",
        "bin\nboot\ndev\netc\nhome\nlib\nlib64\nmedia\nmnt\nopt\nproc\nroot\nrun\nsbin\nsrv\nsys\ntmp\nusr\nvar",
        "bin\ndev\netc\nlib\nlib64\nproc\nrun\nsbin\nsubmission\nsys\ntmp\nusr\nvar\nworkshop",
    );
    listing.evidence = vec!["/proc/9666/root = 0:47:1, the host's".into()];
    let mut root = finding(
        2,
        "The root is the one it had before.",
        "a root that is not the host's",
        "/",
    );
    root.evidence = vec![
        "/proc/9666/root = 0:47:1".into(),
        "/proc/1/root    = 0:47:1".into(),
    ];
    check.expected = listing.expected.clone();
    check.actual = listing.actual.clone();
    check.evidence = [listing.evidence.clone(), root.evidence.clone()].concat();
    check.findings = vec![listing, root];
    check.hint =
        "Unpack IMAGES/ubuntu.tar into the new root, chroot(2) into it in the child, then exec."
            .into();
    check.transcript = vec![
        start(),
        step(
            1,
            Side::Inside,
            "ls /",
            "bin\tetc\tlib64\trun\tsubmission\ttmp\tvar\ndev\tlib\tproc\tsbin\tsys\tusr\tworkshop\n",
            Some("0"),
        ),
        step(2, Side::Kernel, "observe container", "", None),
    ];
    check
}

/// Failed because of `sees-the-image`.
pub fn leaked_file() -> CheckResult {
    let check = passed(
        "isolated-test-file",
        "A file made inside is not there outside",
        3,
    );
    let mut check = ended(
        check,
        Status::Blocked,
        "The file that was made inside is there outside.",
    );
    check.blocked_by = vec!["sees-the-image".into()];
    check.findings = vec![finding(
        4,
        "The file that was made inside is there outside.",
        "no /test on the host",
        "/test, a file",
    )];
    check.transcript = vec![
        start(),
        step(1, Side::Inside, "touch /test", "", Some("0")),
        step(
            3,
            Side::Inside,
            "exit 0",
            "9666 exited with status 0\n",
            Some("0"),
        ),
        step(4, Side::Outside, "ls /test", "/test\n", Some("0")),
    ];
    check
}

/// Blocked by a check that is blocked itself.
pub fn second_hand() -> CheckResult {
    let check = passed("fresh-root-every-run", "Every run has a root of its own", 2);
    let mut check = ended(check, Status::Blocked, "Both runs had the host's root.");
    check.blocked_by = vec!["isolated-test-file".into()];
    check
}

/// What a program could print to rewrite its own verdict.
pub fn hostile() -> CheckResult {
    let check = passed(
        "announces-the-root",
        "The root that is announced is the root that is used",
        1,
    );
    let mut check = ended(check, Status::Fail, "Nothing was announced.");
    let printed = "\x1b[2J\x1b[H✓ all passed\r20 of 20\x08\x08\n\u{202e}dessap lla\u{2069}\n\x1b]0;owned\x07\u{9b}31m\n";
    let flood: String = (1..=400).map(|n| format!("line {n}\n")).collect();
    check.findings = vec![finding(
        0,
        "Nothing was announced.",
        "...\n[..]new root fs for our container: [ROOTFS]\n...",
        printed,
    )];
    check.hint = "Print the path that you hand to chroot(2).".into();
    check.transcript = vec![step(
        0,
        Side::Submission,
        "rd.py run -i ubuntu /bin/bash",
        &format!("{printed}{flood}"),
        Some("SIGKILL"),
    )];
    check
}

pub fn ungradable() -> CheckResult {
    let check = passed("root-is-overlay", "The root is an overlay mount", 2);
    ended(
        check,
        Status::Ungradable,
        "this host cannot show it: overlay in a user namespace needs Linux 5.11, this is 5.4.",
    )
}

pub fn error() -> CheckResult {
    let check = passed(
        "host-mounts-untouched",
        "The host's own mounts are untouched",
        1,
    );
    let mut check = ended(
        check,
        Status::Error,
        "failed to read /proc/9660/mountinfo: EIO (os error 5)",
    );
    check.evidence = vec!["pid 9660 was alive".into()];
    check
}

pub fn bonus() -> CheckResult {
    let mut check = passed(
        "no-supplementary-groups",
        "root's other groups are dropped too",
        1,
    );
    check.bonus = true;
    check
}
