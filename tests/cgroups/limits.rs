//! What a submission sets binds, and what is above it stays out of reach.

use super::ground::{fact, host_can, play, run, start, until, with_jail};
use checks::fact::{FactName, Subject, Value};

/// Does what levels 08 and 09 ask for, on version 1, and then `$1`.
const CONTAIN: &str = "
    set -e; cd /sys/fs/cgroup
    mkdir -p cpu/rubber_docker/U memory/rubber_docker/U
    echo 512 > cpu/rubber_docker/U/cpu.shares
    echo 64m > memory/rubber_docker/U/memory.limit_in_bytes
    echo 96m > memory/rubber_docker/U/memory.memsw.limit_in_bytes
    contain() { for tree in cpu memory; do sh -c 'echo $PPID > $0/rubber_docker/U/tasks' $tree; done; }
";

fn version_1() -> bool {
    let there = std::path::Path::new("/sys/fs/cgroup/cpu/cpu.shares").exists();
    if !there {
        eprintln!("skipped: this host has cgroup version 2 alone");
    }
    there
}

fn number(value: &Value) -> u64 {
    match value {
        Value::Number(number) => *number,
        other => panic!("{other:?} is no number"),
    }
}

#[test]
fn the_groups_of_a_container_are_known_as_the_jail_names_them() {
    if !host_can() || !version_1() {
        return;
    }
    with_jail(|_, jail| {
        play(jail, |scene| {
            let index = start(
                scene,
                &format!("{CONTAIN} (contain; exec /bin/sleep 1000); :"),
                &["/bin/sleep", "1000"],
            );
            until(scene, |scene| scene.programs[index].container.is_some());
            let cpu = fact(scene, index, Subject::Container, FactName::CpuGroup);
            assert_eq!(cpu["path"], Value::Text("/rubber_docker/U".to_owned()));
            assert_eq!(cpu["shares"], Value::Number(512));
            let memory = fact(scene, index, Subject::Container, FactName::MemoryGroup);
            assert_eq!(number(&memory["limit"]), 64 << 20);
            assert_eq!(number(&memory["limit-with-swap"]), 96 << 20);
            assert_eq!(number(&memory["oom-kills"]), 0);

            let parent = fact(scene, index, Subject::Submission, FactName::CpuGroup);
            assert_eq!(parent["path"], Value::Text("/".to_owned()));
            assert_eq!(parent["shares"], Value::Text("default".to_owned()));
            let parent = fact(scene, index, Subject::Submission, FactName::MemoryGroup);
            assert_eq!(
                parent["limit"],
                Value::Text("max".to_owned()),
                "the jail's own limit is nobody's answer"
            );
        });
    });
}

#[test]
fn a_hog_is_killed_and_counted_after_its_end() {
    if !host_can() || !version_1() {
        return;
    }
    with_jail(|_, jail| {
        play(jail, |scene| {
            let script = format!(
                "{CONTAIN} (contain; exec tail /dev/zero) || echo ended with $?; echo survived"
            );
            let index = start(scene, &script, &["tail", "/dev/zero"]);
            until(scene, |scene| {
                scene.programs[index].exit.is_some() && scene.programs[index].stream.is_none()
            });
            let said = scene.programs[index].output.take_output().text;
            assert!(
                said.contains("ended with 137") && said.contains("survived"),
                "{said}"
            );
            let memory = fact(scene, index, Subject::Container, FactName::MemoryGroup);
            assert!(number(&memory["oom-kills"]) >= 1, "{memory:?}");

            // A submission that tidies up takes the count along; what was recorded at the execve is left.
            run(scene, "rmdir /sys/fs/cgroup/memory/rubber_docker/U");
            let memory = fact(scene, index, Subject::Container, FactName::MemoryGroup);
            assert_eq!(memory["path"], Value::Text("/rubber_docker/U".to_owned()));
        });
    });
}

#[test]
fn root_of_the_jail_cannot_lift_the_limits_above_it() {
    if !host_can() {
        return;
    }
    with_jail(|_, jail| {
        play(jail, |scene| {
            let lift = "cd /sys/fs/cgroup; for file in $(find . -maxdepth 2 -name '*limit_in_bytes' -o -maxdepth 2 -name '*.max'); do
                case $file in ./init.scope/*) continue;; esac
                if (echo 9000000000 > $file) 2>/dev/null || (chmod 666 $file) 2>/dev/null; then echo lifted $file; fi; echo tried; done";
            let said = run(scene, lift);
            assert!(said.contains("tried") && !said.contains("lifted"), "{said}");
        });
    });
}

#[test]
fn the_number_of_processes_is_limited() {
    if !host_can() {
        return;
    }
    with_jail(|_, jail| {
        play(jail, |scene| {
            let said = run(
                scene,
                "cat $(find /sys/fs/cgroup/ -maxdepth 2 -name pids.max | head -n 1)",
            );
            let most: u64 = said.trim().parse().unwrap();
            assert!((1024..=4096).contains(&most), "{said}");
        });
    });
}
