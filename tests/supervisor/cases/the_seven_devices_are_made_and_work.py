dev = fresh("dev")
for umask, mode in [(0o022, 0o644), (0, 0o666), (0o077, 0o600)]:
    os.umask(umask)
    for name, number in SEVEN.items():
        node(f"{dev}/{name}", name)
        found = os.lstat(f"{dev}/{name}")
        assert device(f"{dev}/{name}") == number, name
        assert stat.S_IMODE(found.st_mode) == mode, (name, oct(found.st_mode))
        assert (found.st_uid, found.st_gid) == (0, 0)
    works(dev)
    # Without a controlling terminal, as here, that is what tty(4) promises.
    refused(errno.ENXIO, os.open, f"{dev}/tty", os.O_RDWR | os.O_NOCTTY)
    for name in SEVEN:
        os.unlink(f"{dev}/{name}")
    assert os.listdir(dev) == []
