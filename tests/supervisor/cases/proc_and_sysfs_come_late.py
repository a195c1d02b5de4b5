def process_1_of_its_own():
    private_mounts()
    root = fresh("root")
    for name in ["old", "proc", "sys", "another", "dev"]:
        os.mkdir(f"{root}/{name}")
    pivot_root(root, f"{root}/old")
    os.chdir("/")
    umount("/old", MNT_DETACH)
    assert os.getpid() == 1
    mount("proc", "/proc", "proc", MS_NODEV)
    assert [name for name in os.listdir("/proc") if name.isdigit()] == ["1"]
    assert os.readlink("/proc/self") == "1"
    mount("sysfs", "/sys", "sysfs")
    assert os.listdir("/sys/class/net") == ["lo"], os.listdir("/sys/class/net")
    line = next(line for line in read("/proc/self/mounts").decode().splitlines() if " /proc " in line)
    assert line.startswith("proc /proc proc rw,nodev,"), line
    refused(errno.EINVAL, mount, "proc", "/proc", "proc", 0, "bogus=1")
    umount("/proc")
    mount("mine", "/proc", "proc", 0, "hidepid=1,gid=4")
    line = next(line for line in read("/proc/self/mounts").decode().splitlines() if " /proc " in line)
    assert line.startswith("mine /proc proc rw,") and ",gid=" in line and "hidepid=" in line, line
    # Whoever mounted them, they give no power over the host.
    refused(errno.EACCES, open, "/proc/sys/kernel/core_pattern", "w")
    if os.path.exists("/sys/power/state"):
        refused(errno.EACCES, open, "/sys/power/state", "w")
    # With one to be seen, the kernel mounts the next by itself.
    attach(describe("proc", source="another"), "/another")
    assert os.readlink("/another/self") == "1"
    mount("udev", "/dev", "devtmpfs")
    works("/dev")


unshare(NEWPID | NEWNET)
in_child(process_1_of_its_own)
