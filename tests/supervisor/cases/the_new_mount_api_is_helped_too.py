private_mounts()
os.mkdir("/tmp/new")
context = describe("tmpfs", source="name", size="1m", mode="751", uid="5", gid="6")
attach(context, "/tmp/new")
found, size = os.stat("/tmp/new"), os.statvfs("/tmp/new")
assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o751, 5, 6), found
assert size.f_blocks * size.f_frsize == 1 << 20
for name in SEVEN:
    node(f"/tmp/new/{name}", name)
works("/tmp/new")
os.close(context)

os.mkdir("/tmp/plain")
attach(describe("tmpfs"), "/tmp/plain", 4)  # MOUNT_ATTR_NODEV
assert (os.stat("/tmp/plain").st_uid, stat.S_IMODE(os.stat("/tmp/plain").st_mode)) == (0, 0o1777)
node("/tmp/plain/zero", "zero")
refused(errno.EACCES, open, "/tmp/plain/zero", "rb")

# Not helped, and not harmed.
refused(errno.ENODEV, fsopen, "nothing of that name")
refused(errno.EINVAL, fsconfig, describe("tmpfs"), 1, "bogus", "1")
refused(errno.EBADF, fsconfig, 1000, 6)
refused(errno.EINVAL, fsconfig, os.open("/dev/null", os.O_RDWR), 6)
twice = describe("tmpfs")
fsconfig(twice, 6)
refused(errno.EBUSY, fsconfig, twice, 6)
for kind in ["ext4", "xfs", "btrfs", "vfat", "iso9660"]:
    try:
        disk = describe(kind, source="/dev/vda")
    except OSError as error:
        # EPERM, or a kernel without it.
        assert error.errno in (errno.EPERM, errno.ENODEV), error
        continue
    refused(errno.EPERM, fsconfig, disk, 6)

# More contexts than are remembered: the oldest is refused, the latest works.
contexts = [describe("tmpfs") for _ in range(40)]
refused(errno.EPERM, fsconfig, contexts[0], 6)
os.mkdir("/tmp/latest")
attach(contexts[-1], "/tmp/latest")
# A descriptor that was handed on is the same context still.
fsconfig(os.dup(contexts[-2]), 6)
