#!/usr/bin/env python3
"""Grades the checkout in the working directory for classroom50. Written by `rdgrade init classroom50`, explained in docs/ci.md.

Exit status 0: graded, and result.json says how it went. Anything else: no mark, by no fault of the student's.
"""

import os
import shutil
import subprocess
import sys
import tempfile

LEVELS = "[= levels =]"
HERE = os.path.dirname(os.path.abspath(__file__))


def rdgrade(scratch):
    """The program: the one beside this file, the one on the PATH, or one that is built now."""
    beside = os.path.join(HERE, "rdgrade")
    if os.access(beside, os.X_OK):
        return beside
    found = shutil.which("rdgrade")
    if found:
        return found
    # What it says is for the log.
    subprocess.run(["sh", os.path.join(HERE, "get-rdgrade"), scratch], check=True)
    return os.path.join(scratch, "rdgrade")


def main():
    """An exit status."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            program = rdgrade(scratch)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"autograder: there is no rdgrade to grade with: {error}", file=sys.stderr)
            return 3
        # What is left over from another run is no result of this one.
        for name in ["result.json", "release-body.md"]:
            if os.path.lexists(name):
                os.remove(name)
        # A container's own file system is an overlay. Images need another one: the kernel stacks two overlays at most.
        os.environ.setdefault("XDG_CACHE_HOME", "/dev/shm")
        words = [program, "grade", LEVELS, "-q", "--report", "classroom50=result.json"]
        # A container of `user: root` needs no sudo, and a runner of GitHub's has it.
        if os.geteuid() != 0 and shutil.which("sudo"):
            words = ["sudo", "-E", "env", "PATH=" + os.environ["PATH"], *words]
        status = subprocess.run(words, check=False).returncode
    # 0 and 1 are passed and failed: that is in result.json.
    return 0 if status in (0, 1) else 3


if __name__ == "__main__":
    sys.exit(main())
