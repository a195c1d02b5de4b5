def layers(name):
    for part in ["lower/full/sub", "lower/empty", "upper", "work", "merged"]:
        os.makedirs(f"/workshop/{name}/{part}")
    write(f"/workshop/{name}/lower/full/file")
    write(f"/workshop/{name}/lower/full/sub/file")
    write(f"/workshop/{name}/lower/other")
    os.chdir(f"/workshop/{name}")
    return {f"{word}dir": word for word in ["lower", "upper", "work"]}


def use():
    subprocess.run(["rm", "-r", "merged/full"], check=True)
    os.mkdir("merged/full")
    assert os.listdir("merged/full") == []
    os.rmdir("merged/empty")
    os.mkdir("merged/empty")
    os.rename("merged/other", "merged/renamed")
    subprocess.run(["mv", "merged/full", "merged/empty/moved"], check=True)
    assert sorted(os.listdir("merged")) == ["empty", "renamed"], os.listdir("merged")
    assert sorted(os.listdir("lower")) == ["empty", "full", "other"]
    assert os.listdir("lower/full/sub") == ["file"]


words = layers("by-mount")
mount("overlay", "merged", "overlay", MS_NODEV, ",".join(f"{key}={value}" for key, value in words.items()))
use()
subprocess.run(["mv", "merged/empty", "merged/again"], check=True)
umount("merged")

words = layers("by-fsopen")
attach(describe("overlay", source="overlay", **words), "merged")
use()

# A device on an overlay: nodes there do not open in a user namespace, so a real one is bound.
os.mkdir("merged/dev")
os.umask(0o022)
for name in SEVEN:
    node(f"merged/dev/{name}", name)
    assert device(f"merged/dev/{name}") == SEVEN[name]
    assert stat.S_IMODE(os.lstat(f"merged/dev/{name}").st_mode) == 0o644
refused(errno.EEXIST, node, "merged/dev/null")
refused(errno.EPERM, os.mknod, "merged/dev/mem", stat.S_IFCHR, os.makedev(1, 1))
works("merged/dev")
refused(errno.EINVAL, mount, "overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper")
