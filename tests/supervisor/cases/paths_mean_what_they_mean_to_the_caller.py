dev = fresh("dev")
os.mkdir(f"{dev}/below")
os.chdir(f"{dev}/below")
node("relative")
node("../above")
descriptor = os.open(dev, os.O_RDONLY)
node("by-descriptor", dir_fd=descriptor)
node(f"{dev}/absolute", dir_fd=1000)
os.symlink("below", f"{dev}/link")
node(f"{dev}/link/through-link")
node(b"below/\xff\xfe", dir_fd=descriptor)
assert sorted(os.listdir(os.fsencode(dev))) == [b"above", b"absolute", b"below", b"by-descriptor", b"link"]
assert sorted(os.listdir(os.fsencode(dev) + b"/below")) == [b"relative", b"through-link", b"\xff\xfe"]


def in_a_chroot():
    os.mkdir(f"{dev}/root")
    os.mkdir(f"{dev}/root/dev")
    os.symlink("/dev", f"{dev}/root/device")
    os.chroot(f"{dev}/root")
    os.chdir("/")
    node("/dev/null")
    node("/device/zero", "zero")
    node("/../../dev/full", "full")


in_child(in_a_chroot)
assert sorted(os.listdir(f"{dev}/root/dev")) == ["full", "null", "zero"]
