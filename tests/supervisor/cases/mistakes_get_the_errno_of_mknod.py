dev = fresh("dev")
node(f"{dev}/null")
refused(errno.EEXIST, node, f"{dev}/null")
refused(errno.EEXIST, node, dev)
refused(errno.EEXIST, node, f"{dev}/..")
refused(errno.ENOENT, node, "")
refused(errno.ENOENT, node, f"{dev}/missing/null")
refused(errno.ENOTDIR, node, f"{dev}/null/null")
refused(errno.EBADF, node, "null", dir_fd=1000)
os.symlink("nowhere", f"{dev}/link")
refused(errno.EEXIST, node, f"{dev}/link")
refused(errno.EROFS, node, "/usr/null")
MKNODAT = 33 if ARM else 259
refused(errno.EFAULT, syscall, MKNODAT, -100, 8, stat.S_IFCHR | 0o666, os.makedev(1, 3))
refused(errno.ENAMETOOLONG, node, f"{dev}/{'x' * 256}")
refused(errno.ENAMETOOLONG, node, f"{dev}/{'y/' * 3000}x")

# Only one of many wins.
made = []


def race(number):
    try:
        node(f"{dev}/raced", "zero")
        made.append(number)
    except FileExistsError:
        pass


threads = [threading.Thread(target=race, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(made) == 1, made
assert sorted(os.listdir(dev)) == ["link", "null", "raced"]
