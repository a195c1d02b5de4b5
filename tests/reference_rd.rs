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
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: level 01 mounts and changes its root, which needs root");
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
    Some(in_namespaces(&images.path, workshop.path(), command, after))
}

fn in_namespaces(images: &Path, workshop: &Path, command: &str, after: &str) -> Output {
    let script = format!(
        "mount -t tmpfs none '{workshop}' && cd '{workshop}' && mkdir containers && \
         rd() {{ '{RDGRADE}' rd level01 run --image-dir '{images}' --container-dir '{workshop}/containers' \"$@\"; }}; \
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
