dev = fresh("dev")
other = [(1, 1), (1, 2), (1, 4), (1, 11), (5, 1), (5, 2), (8, 0), (10, 232), (10, 229), (136, 0), (254, 0), (0, 1), (257, 3), (1, 259)]
for number in other:
    refused(errno.EPERM, os.mknod, f"{dev}/x", stat.S_IFCHR | 0o666, os.makedev(*number))
for number in other + list(SEVEN.values()):
    refused(errno.EPERM, os.mknod, f"{dev}/x", stat.S_IFBLK | 0o666, os.makedev(*number))
    refused(errno.EPERM, os.mknod, "x", stat.S_IFBLK | 0o666, os.makedev(*number), dir_fd=os.open(dev, os.O_PATH))
assert os.listdir(dev) == []

# What is no device needs no help.
os.mkfifo(f"{dev}/fifo")
os.mknod(f"{dev}/file", stat.S_IFREG | 0o600)
os.mknod(f"{dev}/socket", stat.S_IFSOCK | 0o600)
# An overlay's mark for "removed" is anybody's to make (mknod(2)).
os.mknod(f"{dev}/whiteout", stat.S_IFCHR, 0)
assert sorted(os.listdir(dev)) == ["fifo", "file", "socket", "whiteout"]
