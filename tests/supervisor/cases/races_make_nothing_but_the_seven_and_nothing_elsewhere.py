import time
dev = fresh("dev")
os.mkdir(f"{dev}/a")
MKNODAT, DEADLINE = (33 if ARM else 259), time.monotonic() + 1.5
EVIL = "rdgrade-evil-node"


def hold_on(act):
    while time.monotonic() < DEADLINE:
        act()


def swap_the_path():
    """Rewrites the path in memory, again and again, while another thread's call is held."""
    ctypes.memmove(path, good, len(good))
    ctypes.memmove(path, bad, len(bad))


def swap_the_link():
    for target in [f"{dev}/a", "/proc/1/root/tmp", "/usr", "/proc/self/root", "../../../../../../tmp"]:
        os.symlink(target, f"{dev}/new")
        os.rename(f"{dev}/new", f"{dev}/link")


def swap_the_type():
    for kind in [b"tmpfs\0", b"ext4\0\0", b"proc\0\0", b"sysfs\0", b"over\0\0"]:
        ctypes.memmove(kinds, kind, 6)


def attempt(act):
    try:
        act()
    except OSError:
        pass


def make_nodes():
    for number in [(1, 3), (1, 1), (8, 0)]:
        libc.syscall(MKNODAT, -100, path, stat.S_IFCHR | 0o666, os.makedev(*number))
        attempt(lambda: os.mknod(f"{dev}/link/{EVIL}", stat.S_IFCHR | 0o666, os.makedev(*number)))
    for made in [f"{dev}/a/{EVIL}", f"{dev}/a/x"]:
        attempt(lambda: os.unlink(made))


def make_mounts():
    if libc.mount(b"/dev/vda", argument(f"{dev}/a"), kinds, 0, None) == 0:
        umount(f"{dev}/a", MNT_DETACH)


good, bad = f"{dev}/a/x\0".encode(), f"/proc/self/root/../../{EVIL}\0".encode()
path = ctypes.create_string_buffer(64)
kinds = ctypes.create_string_buffer(8)
swap_the_link()
swap_the_type()
for act in [swap_the_path, swap_the_link, swap_the_type]:
    if os.fork() == 0:
        # A process of its own for links; threads for what shares memory.
        hold_on(swap_the_link)
        os._exit(0)
    threading.Thread(target=hold_on, args=(act,), daemon=True).start()
workers = [threading.Thread(target=hold_on, args=(act,)) for act in [make_nodes, make_nodes, make_mounts]]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()

for top, directories, files in os.walk("/"):
    directories[:] = [name for name in directories if os.path.join(top, name) not in ("/proc", "/sys", "/usr")]
    for name in files:
        found = os.lstat(os.path.join(top, name))
        if stat.S_ISCHR(found.st_mode) or stat.S_ISBLK(found.st_mode):
            assert not stat.S_ISBLK(found.st_mode), (top, name)
            number = (os.major(found.st_rdev), os.minor(found.st_rdev))
            assert number in SEVEN.values() or top == "/dev/pts" or (top, name) == ("/dev/pts", "ptmx"), (top, name, number)
table = read("/proc/self/mountinfo").decode()
assert " - ext4 /dev/vda rw" not in "\n".join(line for line in table.splitlines() if "/tmp/dev" in line)
