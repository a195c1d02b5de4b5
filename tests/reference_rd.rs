//! The reference container reproduces the workshop's transcripts.

use rdgrade::image::{ImageStore, Limits, Mapping};
use rstest::rstest;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const RDGRADE: &str = env!("CARGO_BIN_EXE_rdgrade");

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Output with the number of the process replaced, since that differs.
fn without_pid(output: &str) -> String {
    let replace = |line: &str| match line.split_once(" exited with status ") {
        Some((pid, status)) if pid.parse::<u32>().is_ok() => {
            format!("PID exited with status {status}\n")
        }
        _ => format!("{line}\n"),
    };
    output.lines().map(replace).collect()
}

#[rstest]
#[case(&["true"], "PID exited with status 0\n", "")]
#[case(&["/bin/sh", "-c", "exit 3"], "PID exited with status 768\n", "")]
#[case(&["/bin/sh", "-c", "kill -9 $$"], "PID exited with status 9\n", "")]
#[case(&["/bin/echo", "two  spaces", "", "--not-an-option", "-i", "*"], "two  spaces  --not-an-option -i *\nPID exited with status 0\n", "")]
#[case(&["--", "/bin/echo", "hello"], "hello\nPID exited with status 0\n", "")]
#[case(&["/no/such"], "PID exited with status 256\n", "/no/such: No such file or directory (os error 2)")]
fn level00_runs_waits_and_reports(
    #[case] command: &[&str],
    #[case] expected: &str,
    #[case] complaint: &str,
) {
    let output = Command::new(RDGRADE)
        .args(["rd", "level00", "run"])
        .args(command)
        .output()
        .unwrap();
    assert_eq!(without_pid(&text(&output.stdout)), expected);
    assert!(
        text(&output.stderr).contains(complaint)
            && output.stderr.is_empty() == complaint.is_empty()
    );
    assert!(output.status.success(), "rd itself succeeds");
}

#[rstest]
#[case(&["rd", "level00", "run"])]
#[case(&["rd", "level99", "run", "true"])]
#[case(&["rd", "level01", "run", "--no-such-option", "true"])]
fn usage_mistakes_end_with_2(#[case] arguments: &[&str]) {
    assert_eq!(
        Command::new(RDGRADE)
            .args(arguments)
            .output()
            .unwrap()
            .status
            .code(),
        Some(2)
    );
}

/// Level 01 in a throw-away mount and pid namespace, with its mounts on a tmpfs that ends with it. Afterwards
/// `after` is run there, which can call `rd` again.
fn level01(image: &str, command: &str, after: &str) -> Option<Output> {
    rd_with("level01", image, command, after)
}

/// The same at any level, with the image every host can make.
fn rd(level: &str, command: &str, after: &str) -> Option<Output> {
    rd_with(level, "ubuntu", command, after)
}

fn rd_with(level: &str, image: &str, command: &str, after: &str) -> Option<Output> {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: {level} mounts and changes its root, which needs root");
        return None;
    }
    let cache = TempDir::new().unwrap();
    let store = ImageStore::open_at(&cache.path().join("rdgrade"), &[], Limits::default()).unwrap();
    let images = store
        .directory(&Mapping::from([(
            "ubuntu".to_owned(),
            vec![image.to_owned()],
        )]))
        .unwrap();
    let workshop = TempDir::new().unwrap();
    Some(in_namespaces(
        level,
        &images.path,
        workshop.path(),
        command,
        after,
    ))
}

fn in_namespaces(
    level: &str,
    images: &Path,
    workshop: &Path,
    command: &str,
    after: &str,
) -> Output {
    let script = format!(
        "mount -t tmpfs none '{workshop}' && cd '{workshop}' && mkdir containers && \
         cp -r '{images}' images && export LOOK WORKSHOP='{workshop}' && \
         rd() {{ '{RDGRADE}' rd {level} run --image-dir '{workshop}/images' --container-dir '{workshop}/containers' \"$@\"; }}; \
         rd -i ubuntu {command}; \
         echo \"rd: $?\"; {after}",
        workshop = workshop.display(),
        images = images.display(),
    );
    Command::new("unshare")
        .args([
            "--mount",
            "--pid",
            "--fork",
            "--propagation",
            "private",
            "sh",
            "-c",
            &script,
        ])
        .env("LOOK", LOOK)
        .output()
        .unwrap()
}

#[test]
fn level01_without_an_image_finds_no_bash() {
    let Some(output) = level01("skeleton", "/bin/bash", "") else {
        return;
    };
    let stdout = text(&output.stdout);
    let announced = stdout.lines().next().unwrap();
    let root = announced
        .strip_prefix("Created a new root fs for our container: ")
        .unwrap();
    assert!(
        root.contains("/containers/") && root.ends_with("/rootfs"),
        "{root}"
    );
    assert_eq!(
        without_pid(
            &stdout
                .lines()
                .skip(1)
                .map(|line| format!("{line}\n"))
                .collect::<String>()
        ),
        "PID exited with status 256\nrd: 0\n"
    );
    assert_eq!(
        text(&output.stderr),
        "Error: failed to execute /bin/bash: No such file or directory (os error 2)\n"
    );
}

#[test]
fn level01_keeps_files_inside() {
    let typed = "/bin/bash -c 'ls /; touch /test && ls -d /test; pwd; cut -d\" \" -f2 /proc/mounts; ps -o comm= -p $$; :'";
    let Some(output) = level01(
        "ubuntu",
        typed,
        "ls /test; ls containers/*/rootfs/test | wc -l",
    ) else {
        return;
    };
    let stdout = text(&output.stdout);
    let lines: Vec<&str> = stdout.lines().skip(1).collect();
    let workshop =
        "bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var";
    assert_eq!(
        lines[..19].join(" "),
        workshop,
        "{stdout}\n{}",
        text(&output.stderr)
    );
    // The mounts are those below the new root, as seen from there: the kernel leaves out all others.
    assert_eq!(
        lines[19..26],
        ["/test", "/", "/proc", "/sys", "/dev", "/dev/pts", "bash"]
    );
    assert!(lines[26].ends_with(" exited with status 0"), "{stdout}");
    assert_eq!(lines[27..], ["rd: 0", "1"]);
    assert!(
        text(&output.stderr).contains("/test"),
        "there is no /test outside: {}",
        text(&output.stderr)
    );
}

#[test]
fn level01_makes_a_fresh_root_every_time() {
    let again = "rd /bin/ls /left-by-the-first; ls containers | wc -l";
    let Some(output) = level01("ubuntu", "/bin/touch /left-by-the-first", again) else {
        return;
    };
    let stdout = without_pid(&text(&output.stdout));
    assert!(
        stdout.ends_with("PID exited with status 512\n2\n"),
        "{stdout}"
    );
    assert!(
        text(&output.stderr).contains("/left-by-the-first"),
        "{}",
        text(&output.stderr)
    );
}

/// What a level's container shows of itself: a line for each thing that some level adds.
const LOOK: &str = r#"
    [ "$(stat -c '%F %t:%T' /dev/null)" = 'character special file 1:3' ] && head -c 1 /dev/zero >/dev/null && echo devices
    grep -q '^[^ ]* / ' /proc/self/mounts && ! grep -q " $WORKSHOP" /proc/self/mountinfo && [ ! -e /old_root ] && echo pivoted
    grep -q '^overlay / overlay .*cow_rw' /proc/self/mounts && echo overlay
    case "$(hostname)" in ????????-????-4???-????-????????????) echo hostname;; esac
    [ $$ = 1 ] && echo pid
    [ "$(tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ')" = lo ] && echo network
    grep -q ':cpu.*:.*/rubber_docker/' /proc/self/cgroup && echo cpu
    grep -q ':memory:.*/rubber_docker/' /proc/self/cgroup && echo memory
    [ "$(id -u):$(id -g):$(id -G)" = 2014:222:222 ] && echo user
    true
"#;

/// Everything from a level on stays in the levels above.
#[rstest]
#[case("level01", "", "")]
#[case("level02", "", "devices")]
#[case("level03", "", "devices pivoted")]
#[case("level04", "", "devices pivoted overlay")]
#[case("level05", "", "devices pivoted overlay hostname")]
#[case("level06", "", "devices pivoted overlay hostname pid")]
#[case("level07", "", "devices pivoted overlay hostname pid network")]
#[case(
    "level10",
    "--user 2014:222",
    "devices pivoted overlay hostname pid network user"
)]
fn each_level_adds_its_own(#[case] level: &str, #[case] options: &str, #[case] expected: &str) {
    // From level 08 on it makes groups on this very machine.
    let after = "for id in $(ls containers); do rmdir /sys/fs/cgroup/*/rubber_docker/$id /sys/fs/cgroup/rubber_docker/$id; done; \
                 rmdir /sys/fs/cgroup/*/rubber_docker /sys/fs/cgroup/rubber_docker";
    let Some(output) = rd(level, &format!("{options} /bin/sh -c \"$LOOK\""), after) else {
        return;
    };
    let stdout = text(&output.stdout);
    let seen: Vec<&str> = stdout
        .lines()
        .filter(|line| line.chars().all(|letter| letter.is_ascii_lowercase()))
        .filter(|line| !["cpu", "memory"].contains(line))
        .collect();
    assert_eq!(
        seen.join(" "),
        expected,
        "{stdout}\n{}",
        text(&output.stderr)
    );
    assert!(
        stdout.contains(" exited with status 0\nrd: 0\n"),
        "{stdout}"
    );
}

#[test]
fn an_image_is_unpacked_once_and_stays_clean() {
    let typed = "/bin/sh -c 'touch /made; rm -r /etc; mkdir /etc'";
    let after = ": > images/ubuntu.tar; rd /bin/sh -c 'ls -d /etc/passwd /made'; \
                 ls images/ubuntu images/ubuntu/rootfs/etc/passwd; ls containers/*/cow_rw/made | wc -l";
    let Some(output) = rd("level04", typed, after) else {
        return;
    };
    let stdout = without_pid(&text(&output.stdout));
    assert!(
        stdout.ends_with(
            "/etc/passwd\nPID exited with status 512\nimages/ubuntu/rootfs/etc/passwd\n\nimages/ubuntu:\nrootfs\n1\n"
        ),
        "{stdout}\n{}",
        text(&output.stderr)
    );
}

#[rstest]
#[case(
    "level07",
    "--cpu-shares 512",
    "--cpu-shares does nothing before level08"
)]
#[case("level08", "--memory 64m", "--memory does nothing before level09")]
#[case(
    "level08",
    "--memory-swap -1",
    "--memory-swap does nothing before level09"
)]
#[case("level09", "--user 2014:222", "--user does nothing before level10")]
#[case("level10", "--user root", "`root` is no uid")]
#[case("level09", "--memory 64x", "`64x` has an unknown unit")]
fn an_option_that_would_do_nothing_is_refused(
    #[case] level: &str,
    #[case] options: &str,
    #[case] complaint: &str,
) {
    let output = Command::new(RDGRADE)
        .args(["rd", level, "run"])
        .args(options.split(' '))
        .arg("true")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = text(&output.stderr);
    assert!(stderr.contains(complaint), "{stderr}");
}
