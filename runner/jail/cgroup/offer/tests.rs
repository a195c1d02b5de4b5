use super::*;
use rstest::rstest;
use tempfile::TempDir;

const V1: &str = "\
32 31 0:29 / /nowhere/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
33 31 0:30 / /nowhere/blkio rw,relatime - cgroup cgroup rw,blkio
35 31 0:32 / /nowhere/memory ro,relatime - cgroup cgroup rw,memory
";

/// A directory that looks like a version 2 tree as systemd leaves it.
fn recorded(files: &[(&str, &str)]) -> (TempDir, String) {
    let top = tempfile::tempdir().unwrap();
    fs::create_dir(top.path().join("system.slice")).unwrap();
    for (name, text) in files {
        fs::write(top.path().join(name), text).unwrap();
    }
    let line = format!(
        "31 23 0:28 / {} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate",
        top.path().display()
    );
    (top, line)
}

const ALL: (&str, &str) = ("cgroup.controllers", "cpuset cpu io memory hugetlb pids\n");

#[test]
fn an_ordinary_user_is_told_why() {
    let offer = Offer::of(V1, Power::User);
    assert_eq!(offer.trees, []);
    assert!(
        offer.missing()[&Ability::SwapAccounting].contains("root"),
        "{offer:?}"
    );
}

#[test]
fn a_read_only_hierarchy_is_missing_by_that_reason_and_others_are_not() {
    let offer = Offer::of(V1, Power::Root);
    assert!(!offer.missing().contains_key(&Ability::CpuCgroup));
    assert!(
        offer.missing()[&Ability::MemoryCgroup].contains("/nowhere/memory is mounted read-only"),
        "{offer:?}"
    );
    let shown: Vec<_> = offer
        .trees
        .iter()
        .map(|tree| tree.hierarchy.controllers.join(","))
        .collect();
    assert_eq!(shown, ["cpu,cpuacct"]);
}

#[test]
fn a_host_without_any_says_which_controller() {
    let offer = Offer::of("", Power::Root);
    assert!(
        offer.missing()[&Ability::CpuCgroup].contains("the cpu controller"),
        "{offer:?}"
    );
    assert_eq!(offer.missing().len(), 3);
}

#[rstest]
#[case::the_root_may_hold_processes(&[ALL, ("cgroup.procs", "1\n2\n")], None)]
#[case::handed_down_already(
    &[ALL, ("cgroup.type", "domain\n"), ("cgroup.procs", "9\n"), ("cgroup.subtree_control", "cpu memory pids\n")], None)]
#[case::an_empty_group(&[ALL, ("cgroup.type", "domain\n"), ("cgroup.procs", "")], None)]
#[case::an_occupied_group(&[ALL, ("cgroup.type", "domain\n"), ("cgroup.procs", "9\n")], Some("holds processes"))]
#[case::no_controllers(&[("cgroup.controllers", "\n")], Some("no cgroup hierarchy with the cpu controller"))]
fn a_version_2_tree(#[case] files: &[(&str, &str)], #[case] why: Option<&str>) {
    let (_top, line) = recorded(files);
    let offer = Offer::of(&line, Power::Root);
    match (offer.missing().get(&Ability::CpuCgroup), why) {
        (None, None) => assert_eq!(offer.trees[0].hand_down, ["cpu", "memory", "pids"]),
        (Some(reason), Some(part)) => assert!(reason.contains(part), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case::accounted(&["system.slice/memory.max", "system.slice/memory.swap.max"], true)]
#[case::not_accounted(&["system.slice/memory.max"], false)]
#[case::nobody_knows(&[], true)]
fn swap_accounting_is_seen_in_a_group_that_has_limits(
    #[case] files: &[&str],
    #[case] accounted: bool,
) {
    let files: Vec<_> = files
        .iter()
        .map(|name| (*name, "max\n"))
        .chain([ALL])
        .collect();
    let (_top, line) = recorded(&files);
    assert_eq!(
        !Offer::of(&line, Power::Root)
            .missing()
            .contains_key(&Ability::SwapAccounting),
        accounted
    );
}
