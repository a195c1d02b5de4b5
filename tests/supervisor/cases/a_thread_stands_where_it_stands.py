dev = fresh("dev")
os.mkdir(f"{dev}/leader")
os.mkdir(f"{dev}/thread")
os.chdir(f"{dev}/leader")
failed = []


def elsewhere():
    try:
        # Threads share a working directory unless they say otherwise.
        unshare(CLONE_FS)
        os.chdir(f"{dev}/thread")
        os.umask(0)
        node("null")
        mount("tmpfs", ".", "tmpfs")
    except BaseException as error:
        failed.append(error)


thread = threading.Thread(target=elsewhere)
thread.start()
thread.join()
assert not failed, failed
node("zero", "zero")
assert os.listdir(f"{dev}/leader") == ["zero"]
umount(f"{dev}/thread")
assert os.listdir(f"{dev}/thread") == ["null"]
assert stat.S_IMODE(os.lstat(f"{dev}/thread/null").st_mode) == 0o666
