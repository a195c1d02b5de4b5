//! What a submission sets at levels 08 and 09 binds: shares divide a processor, and a limit kills whoever exceeds it alone.

#[path = "cgroups/ground.rs"]
#[allow(dead_code, reason = "the tests of the groups use the rest")]
mod ground;

use ground::{host_can, play, run, with_jail};

/// `group NAME`, `enter NAME`, `set_to NAME FILE-OF-VERSION-1 VALUE FILE-OF-VERSION-2 VALUE` and `read_from NAME FILE FILE`, for
/// the controller `$controller`, on either version.
const GROUPS: &str = r#"
    set -e
    cd /sys/fs/cgroup
    if [ -d $controller ]; then version=1; cd $controller; else version=2; fi
    mkdir -p rubber_docker
    [ $version = 1 ] || echo +$controller > rubber_docker/cgroup.subtree_control
    cd rubber_docker
    group() { mkdir "$1"; }
    enter() { sh -c 'echo $PPID > "$0/cgroup.procs"' "$1"; }
    set_to() { if [ $version = 1 ]; then echo "$3" > "$1/$2"; else echo "$5" > "$1/$4"; fi; }
    read_from() { if [ $version = 1 ]; then cat "$1/$2"; else cat "$1/$3"; fi; }
"#;

/// `NAME=VALUE` lines.
fn said<'a>(output: &'a str, name: &str) -> &'a str {
    let value = output
        .lines()
        .find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("no {name}: {output}"))
}

/// `1m2.50s`, as the shell's `times` prints it (POSIX), in seconds.
fn seconds(time: &str) -> f64 {
    let parsed = || {
        let (minutes, seconds) = time.strip_suffix('s')?.split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    };
    parsed().unwrap_or_else(|| panic!("{time} is no time"))
}

#[test]
fn shares_divide_one_processor() {
    if !host_can() {
        return;
    }
    // Both spin for five seconds on the first processor that is ours. The second line of `times` is what the children used, in
    // bash to the millisecond: on a busy machine there is little to divide.
    let script = r#"
        group much; set_to much cpu.shares 1024 cpu.weight 100
        group little; set_to little cpu.shares 256 cpu.weight 25
        processor=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
        spin() {
            enter $1
            bash -c "timeout 5 taskset -c $processor sh -c 'while :; do :; done'; times" > /tmp/$1
        }
        (spin much) & (spin little) & wait
        for name in much little; do echo $name=$(sed -n 2p /tmp/$name); done
    "#;
    with_jail(|_, jail| {
        play(jail, |scene| {
            let output = run(scene, &format!("controller=cpu\n{GROUPS}\n{script}"));
            let used = |name| said(&output, name).split(' ').map(seconds).sum::<f64>();
            let (much, little) = (used("much"), used("little"));
            assert!(little > 0.02, "{output}");
            let ratio = much / little;
            assert!((3.2..=4.8).contains(&ratio), "{ratio}: {output}");
        });
    });
}

#[test]
fn a_hog_dies_and_nothing_outside_its_group_does() {
    if !host_can() {
        return;
    }
    // The bystanders have memory of their own: one in another group, one in the jail's. Each waits for the end of its input.
    let script = r#"
        for name in hog other; do
            group $name
            set_to $name memory.limit_in_bytes 64m memory.max 67108864
            set_to $name memory.memsw.limit_in_bytes 64m memory.swap.max 0
        done
        stand_by() { memory=$(head -c 20000000 /dev/zero | tr '\0' x); echo ready; cat > /dev/null; echo ${#memory}; }
        mkfifo /tmp/end
        (enter other; stand_by < /tmp/end > /tmp/other) & other=$!
        (stand_by < /tmp/end > /tmp/none) & none=$!
        exec 3> /tmp/end
        ended=0; (enter hog; exec tail /dev/zero) || ended=$?
        exec 3>&-
        for name in other none; do
            status=0; eval "wait \$$name" || status=$?
            echo $name=$status,$(echo $(cat /tmp/$name))
        done
        echo ended=$ended
        for name in hog other; do
            echo kills_in_$name=$(read_from $name memory.oom_control memory.events | sed -n 's/^oom_kill //p')
        done
    "#;
    with_jail(|_, jail| {
        play(jail, |scene| {
            let output = run(scene, &format!("controller=memory\n{GROUPS}\n{script}"));
            assert_eq!(said(&output, "ended"), "137", "{output}");
            assert_eq!(said(&output, "kills_in_hog"), "1", "{output}");
            assert_eq!(said(&output, "kills_in_other"), "0", "{output}");
            for bystander in ["other", "none"] {
                assert_eq!(said(&output, bystander), "0,ready 20000000", "{output}");
            }
        });
    });
}
