import glob
import os
import shutil
import subprocess
import tempfile

import check50


def play(images, typed=""):
    """Runs a container; what it printed, and /proc/mounts while its mounts are still there."""
    mine = tempfile.mkdtemp(dir=os.environ["CONTAINERS"])
    command = [os.environ["RD"], "run", "-i", "ubuntu", "--image-dir", os.environ[images]]
    done = subprocess.run(
        command + ["--container-dir", mine, "/bin/bash"],
        input=typed, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    with open("/proc/mounts") as table:
        mounts = table.read()
    for root in glob.glob(mine + "/*/rootfs"):
        subprocess.run(["umount"] + [f"{root}/{name}" for name in ("dev/pts", "dev", "sys", "proc")])
    shutil.rmtree(mine)
    return done.stdout, mounts, mine


def holds(condition, what):
    if not condition:
        raise check50.Failure(what)


@check50.check()
def missing_binary_without_image():
    """missing binary without image"""
    printed, _, _ = play("SKELETON")
    holds("No such file or directory" in printed and "exited with status 256" in printed, printed)


@check50.check()
def sees_the_image():
    """sees the image"""
    printed, _, _ = play("IMAGES", "ls /\n")
    holds("image-mark" in printed and "exited with status 0" in printed, printed)


@check50.check()
def isolated_test_file():
    """isolated test file"""
    printed, _, _ = play("IMAGES", "touch /test\n")
    holds("exited with status 0" in printed, printed)
    leaked = subprocess.run(["ls", "/test"], capture_output=True).returncode == 0
    if leaked:
        os.remove("/test")
    holds(not leaked, "/test is there outside")


@check50.check()
def proc_mounts_differ():
    """proc mounts differ"""
    printed, mounts, mine = play("IMAGES", "cat /proc/mounts\n")
    holds("exited with status 0" in printed and mine not in printed.split("\n", 1)[1], printed)
    holds(f"{mine}/" in mounts, mounts)
