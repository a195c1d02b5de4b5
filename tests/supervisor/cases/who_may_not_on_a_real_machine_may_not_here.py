dev = fresh("dev", data="mode=777")


def as_a_user():
    os.setgid(222)
    os.setuid(2014)
    refused(errno.EPERM, node, f"{dev}/null")
    os.mkdir("/tmp/mine")
    refused(errno.EPERM, mount, "tmpfs", "/tmp/mine", "tmpfs")
    refused(errno.EPERM, mount, "proc", "/tmp/mine", "proc")
    refused(errno.EPERM, fsopen, "tmpfs")


def as_root_of_another_user_namespace():
    unshare(NEWUSER | NEWNS)
    refused(errno.EPERM, node, f"{dev}/null")


in_child(as_a_user)
in_child(as_root_of_another_user_namespace)
assert os.listdir(dev) == []
