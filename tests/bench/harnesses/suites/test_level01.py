import glob
import os
import shutil
import subprocess
import tempfile

import pytest


@pytest.fixture
def rd():
    mine = tempfile.mkdtemp(dir=os.environ["CONTAINERS"])

    def run(images, typed=""):
        command = [os.environ["RD"], "run", "-i", "ubuntu", "--image-dir", os.environ[images]]
        done = subprocess.run(
            command + ["--container-dir", mine, "/bin/bash"],
            input=typed, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        return done.stdout

    run.containers = mine
    yield run
    for root in glob.glob(mine + "/*/rootfs"):
        subprocess.run(["umount"] + [f"{root}/{name}" for name in ("dev/pts", "dev", "sys", "proc")])
    shutil.rmtree(mine)
    if os.path.exists("/test"):
        os.remove("/test")


def test_missing_binary_without_image(rd):
    printed = rd("SKELETON")
    assert "No such file or directory" in printed and "exited with status 256" in printed


def test_sees_the_image(rd):
    printed = rd("IMAGES", "ls /\n")
    assert "image-mark" in printed and "exited with status 0" in printed


def test_isolated_test_file(rd):
    assert "exited with status 0" in rd("IMAGES", "touch /test\n")
    assert subprocess.run(["ls", "/test"], capture_output=True).returncode != 0


def test_proc_mounts_differ(rd):
    inside = rd("IMAGES", "cat /proc/mounts\n")
    assert "exited with status 0" in inside and rd.containers not in inside.split("\n", 1)[1]
    with open("/proc/mounts") as table:
        assert f"{rd.containers}/" in table.read()
