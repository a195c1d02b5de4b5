private_mounts()
dev = fresh("dev", data="mode=755")
for name in SEVEN:
    node(f"{dev}/{name}", name)
os.rename(f"{dev}/null", f"{dev}/moved")
assert device(f"{dev}/moved") == SEVEN["null"]
os.link(f"{dev}/moved", f"{dev}/null")
os.chmod(f"{dev}/null", 0o600)
os.chown(f"{dev}/null", 5, 6)
found = os.lstat(f"{dev}/moved")
assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o600, 5, 6)
os.unlink(f"{dev}/moved")

# Bound over a file, and over another node.
write(f"{dev}/file")
mount(f"{dev}/zero", f"{dev}/file", None, MS_BIND)
assert read(f"{dev}/file", 2) == bytes(2)
umount(f"{dev}/file")
assert read(f"{dev}/file") == b"text"

# Moved with the mount they are in, and taken along by a pivot.
os.mkdir("/tmp/elsewhere")
mount(dev, "/tmp/elsewhere", None, MS_BIND | MS_REC)
works("/tmp/elsewhere")
umount("/tmp/elsewhere")
os.mkdir(f"{dev}/old")
pivot_root(dev, f"{dev}/old")
os.chdir("/")
umount("/old", MNT_DETACH)
works("/")
node("/null-again")
for name in os.listdir("/"):
    os.rmdir(name) if name == "old" else os.unlink(name)
assert os.listdir("/") == []
