one = fresh("one", data="size=1m,nr_inodes=10,mode=751,uid=5,gid=6")
found, size = os.stat(one), os.statvfs(one)
assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o751, 5, 6)
assert size.f_blocks * size.f_frsize == 1 << 20 and size.f_files == 10
refused(errno.ENOSPC, write, f"{one}/big", "x" * (2 << 20))

plain = fresh("plain")
assert stat.S_IMODE(os.stat(plain).st_mode) == 0o1777
assert (os.stat(plain).st_uid, os.stat(plain).st_gid) == (0, 0)

read_only = fresh("read-only", flags=MS_RDONLY)
refused(errno.EROFS, write, f"{read_only}/file")
refused(errno.EROFS, node, f"{read_only}/null")

no_devices = fresh("no-devices", flags=MS_NODEV | MS_NOEXEC)
node(f"{no_devices}/zero", "zero")
refused(errno.EACCES, open, f"{no_devices}/zero", "rb")

os.mkdir("/tmp/bad")
for data in ["size=m", "bogus=1", "uid=4294967295", "uid=65536", "mode=9"]:
    refused(errno.EINVAL, mount, "tmpfs", "/tmp/bad", "tmpfs", 0, data)
refused(errno.ENOENT, mount, "tmpfs", "/tmp/missing", "tmpfs")
write("/tmp/file")
refused(errno.ENOTDIR, mount, "tmpfs", "/tmp/file", "tmpfs")

# The place is found as the caller would: through a link, relative, by its own descriptor.
os.mkdir("/tmp/place")
os.symlink("place", "/tmp/link")
mount("name of its own", "/tmp/link", "tmpfs")
os.chdir("/tmp")
write("link/file")
umount("place")
assert os.listdir("place") == []
mount("tmpfs", "place", "tmpfs")
os.mkdir("other")
other = os.open("other", os.O_PATH)
mount("tmpfs", f"/proc/self/fd/{other}", "tmpfs")
# By its descriptor, as container engines do; it is no lesser tmpfs for that.
node("other/zero", "zero")
with open("other/zero", "rb") as zero:
    assert zero.read(3) == bytes(3)
os.mkdir("other/below")
below = os.open("other", os.O_PATH)
mount("tmpfs", f"/proc/thread-self/fd/{below}/below", "tmpfs")
node("other/below/zero", "zero")
open("other/below/zero", "rb").close()
refused(errno.ENOENT, mount, "tmpfs", "/proc/self/fd/999", "tmpfs")
targets = [line.split()[1] for line in read("/proc/self/mounts").decode().splitlines()]
assert {"/tmp/place", "/tmp/other", "/tmp/other/below"} <= set(targets), targets
