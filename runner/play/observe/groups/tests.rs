use super::*;
use rstest::rstest;

/// A version 2 tree in which a submission has made `/rubber_docker/U`.
fn recorded(files: &[(&str, &str)]) -> (tempfile::TempDir, JailGroups) {
    let top = tempfile::tempdir().unwrap();
    let group = top.path().join("rubber_docker/U");
    std::fs::create_dir_all(&group).unwrap();
    for (name, text) in files.iter().chain([&("cgroup.procs", "")]) {
        std::fs::write(group.join(name), text).unwrap();
    }
    let groups = JailGroups::recorded(Version::Two, &["cpu", "memory", "pids"], top.path());
    (top, groups)
}

const LIMITED: [(&str, &str); 4] = [
    ("cpu.weight", "20\n"),
    ("memory.max", "67108864\n"),
    ("memory.swap.max", "33554432\n"),
    ("memory.events", "low 0\noom 1\noom_kill 1\n"),
];

#[test]
fn a_group_of_version_2_says_the_same_in_its_own_words() {
    let (_top, groups) = recorded(&LIMITED);
    let group = groups
        .locate("memory", "0::/rdgrade/1-1/N/rubber_docker/U\n")
        .unwrap();
    let memory = row(&groups, &group, FactName::MemoryGroup);
    assert_eq!(memory["path"], Value::Text("/rubber_docker/U".to_owned()));
    assert_eq!(memory["limit"], Value::Number(64 << 20));
    assert_eq!(memory["limit-with-swap"], Value::Number(96 << 20));
    assert_eq!(memory["oom-kills"], Value::Number(1));
    // 512 shares, by the conversion that container engines made for years.
    let Value::Words(words) = &row(&groups, &group, FactName::CpuGroup)["shares"] else {
        panic!("no words")
    };
    assert!(checks::shares::stands_for(words, 512), "{words:?}");
}

#[test]
fn a_controller_that_was_not_handed_down_is_named() {
    let (_top, groups) = recorded(&[]);
    let group = groups.at("cpu", "/rubber_docker/U").unwrap();
    let cpu = row(&groups, &group, FactName::CpuGroup);
    assert_eq!(
        cpu["shares"],
        Value::Text("no cpu.weight in this group".to_owned())
    );
}

#[rstest]
#[case::the_jail_itself("0::/rdgrade/1-1/N\n", Some("/"))]
#[case::where_init_lives("3:cpu:/other\n0::/rdgrade/1-1/N/init.scope\n", Some("/init.scope"))]
#[case::another_jail("0::/rdgrade/1-1/N2/rubber_docker/U\n", None)]
#[case::outside("0::/user.slice\n", None)]
#[case::broken("0:", None)]
fn paths_are_cut_at_the_jails_own_group(#[case] text: &str, #[case] path: Option<&str>) {
    let (_top, groups) = recorded(&[]);
    let found = groups.locate("cpu", text).map(|group| group.path);
    assert_eq!(found.as_deref(), path);
}

#[test]
fn what_is_read_after_the_end_is_the_group_as_it_is_then() {
    let (top, groups) = recorded(&LIMITED);
    let at_exec = Row::from([
        (
            "path".to_owned(),
            Value::Text("/rubber_docker/U".to_owned()),
        ),
        ("oom-kills".to_owned(), Value::Number(0)),
    ]);
    let recorded = Observed::Known(Value::Row(at_exec));
    let groups = Ok(groups);
    let kills = |observed: Observed<Value>| match observed {
        Observed::Known(Value::Row(row)) => row["oom-kills"].clone(),
        other => panic!("{other:?}"),
    };
    let after = || kills(after_the_end(&groups, &recorded, FactName::MemoryGroup));
    assert_eq!(after(), Value::Number(1));
    std::fs::remove_dir_all(top.path().join("rubber_docker")).unwrap();
    assert_eq!(after(), Value::Number(0));
}

#[rstest]
#[case::no_limit_on_version_1("9223372036854771712\n", unlimited())]
#[case::no_limit_on_version_2("max\n", unlimited())]
#[case::limit("67108864\n", Value::Number(64 << 20))]
fn a_limit_is_bytes_or_max(#[case] text: &str, #[case] value: Value) {
    assert_eq!(bytes("memory.max", Ok(text.to_owned())), value);
}

#[test]
fn swap_adds_to_memory_only_where_both_are_limited() {
    assert_eq!(sum(Value::Number(64), Value::Number(32)), Value::Number(96));
    assert_eq!(sum(Value::Number(64), unlimited()), unlimited());
    assert_eq!(sum(unlimited(), Value::Number(32)), unlimited());
    let missing = absent("memory.swap.max", Errno::ENOENT);
    assert_eq!(sum(Value::Number(64), missing.clone()), missing);
}

#[rstest]
#[case("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", 3)]
#[case("low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n", 1)]
#[case("oom_kill_disable 1\n", 0)]
fn kills_are_counted_by_the_kernel(#[case] text: &str, #[case] kills: u64) {
    assert_eq!(oom_kills(text), kills);
}
