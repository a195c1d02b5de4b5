//! The scenarios as tests of a Rust program, with the commands that the other harnesses run too.

use assert_cmd::Command;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn given(name: &str) -> PathBuf {
    std::env::var_os(name).map(PathBuf::from).unwrap()
}

/// A container that has ended; its mounts are there as long as this is.
struct Played {
    printed: String,
    containers: TempDir,
}

impl Drop for Played {
    fn drop(&mut self) {
        for container in fs::read_dir(&self.containers).unwrap() {
            let root = container.unwrap().path().join("rootfs");
            let mounted = ["dev/pts", "dev", "sys", "proc"].map(|name| root.join(name));
            Command::new("umount").args(mounted).assert().success();
        }
    }
}

fn play(images: &str, typed: &'static str) -> Played {
    let containers = TempDir::new_in(given("CONTAINERS")).unwrap();
    let output = Command::new(given("RD"))
        .args(["run", "-i", "ubuntu", "--image-dir"])
        .arg(given(images))
        .arg("--container-dir")
        .arg(containers.path())
        .arg("/bin/bash")
        .write_stdin(typed)
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    Played {
        printed: String::from_utf8(printed).unwrap(),
        containers,
    }
}

#[test]
fn missing_binary_without_image() {
    let played = play("SKELETON", "");
    assert!(played.printed.contains("No such file or directory"));
    assert!(played.printed.contains("exited with status 256"));
}

#[test]
fn sees_the_image() {
    let played = play("IMAGES", "ls /\n");
    assert!(played.printed.contains("image-mark"));
    assert!(played.printed.contains("exited with status 0"));
}

#[test]
fn isolated_test_file() {
    let played = play("IMAGES", "touch /test\n");
    assert!(played.printed.contains("exited with status 0"));
    Command::new("ls").arg("/test").assert().code(2);
}

#[test]
fn proc_mounts_differ() {
    let played = play("IMAGES", "cat /proc/mounts\n");
    let containers = played.containers.path().to_str().unwrap();
    let inside = played.printed.split_once('\n').unwrap().1;
    assert!(inside.contains("exited with status 0") && !inside.contains(containers));
    assert!(
        fs::read_to_string("/proc/mounts")
            .unwrap()
            .contains(containers)
    );
}
