"""What every case begins with: system calls as Python functions that raise OSError."""
import ctypes
import errno
import os
import platform
import signal
import stat
import subprocess
import threading
import traceback

libc = ctypes.CDLL(None, use_errno=True)
ARM = platform.machine() == "aarch64"
PIVOT_ROOT, OPEN_TREE, MOVE_MOUNT, FSOPEN, FSCONFIG, FSMOUNT = (41 if ARM else 155), 428, 429, 430, 431, 432
MS_RDONLY, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 4, 8, 32, 4096, 16384, 1 << 18
NEWNS, NEWUTS, NEWUSER, NEWPID, NEWNET, CLONE_FS = 0x20000, 0x4000000, 0x10000000, 0x20000000, 0x40000000, 0x200
MNT_DETACH = 2
SEVEN = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0), "console": (136, 1)}


def checked(result, *names):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), *names)
    return result


def argument(value):
    if value is None:
        return ctypes.c_void_p(None)
    if isinstance(value, int):
        return ctypes.c_long(value)
    return ctypes.c_char_p(value.encode() if isinstance(value, str) else value)


def syscall(number, *arguments):
    return checked(libc.syscall(ctypes.c_long(number), *map(argument, arguments)))


def mount(source, target, kind, flags=0, data=None):
    checked(libc.mount(argument(source), argument(target), argument(kind), ctypes.c_ulong(flags), argument(data)), target)


def umount(target, flags=0):
    checked(libc.umount2(argument(target), flags), target)


def unshare(flags):
    checked(libc.unshare(flags))


def pivot_root(new, old):
    syscall(PIVOT_ROOT, new, old)


def fsopen(kind):
    return syscall(FSOPEN, kind, 1)


def fsconfig(context, command, key=None, value=None):
    syscall(FSCONFIG, context, command, key, value, 0)


def describe(kind, **options):
    context = fsopen(kind)
    for key, value in options.items():
        fsconfig(context, 1 if value is not None else 0, key, value)
    return context


def attach(context, target, attributes=0):
    """Creates, mounts and attaches what a context describes."""
    fsconfig(context, 6)
    mounted = syscall(FSMOUNT, context, 1, attributes)
    syscall(MOVE_MOUNT, mounted, "", -100, target, 4)
    os.close(mounted)


def node(path, name="null", mode=0o666, **where):
    os.mknod(path, stat.S_IFCHR | mode, os.makedev(*SEVEN[name]), **where)


def device(path):
    found = os.lstat(path)
    return stat.S_ISCHR(found.st_mode) and (os.major(found.st_rdev), os.minor(found.st_rdev))


def refused(number, act, *arguments, **named):
    try:
        act(*arguments, **named)
    except OSError as error:
        assert error.errno == number, f"{error} instead of {errno.errorcode[number]}"
    else:
        raise AssertionError(f"{act.__name__}{arguments} did not fail")


def in_child(act):
    """Runs act in a process of its own, which has to succeed."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            act()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0, act.__name__


def fresh(name, kind="tmpfs", data=None, flags=0):
    """A new directory with a file system of its own."""
    path = f"/tmp/{name}"
    os.mkdir(path)
    mount(kind, path, kind, flags, data)
    return path


def private_mounts():
    unshare(NEWNS)
    mount(None, "/", None, MS_PRIVATE | MS_REC)


def write(path, text="text"):
    with open(path, "w") as file:
        file.write(text)


def read(path, count=-1):
    with open(path, "rb") as file:
        return file.read(count)


def works(directory):
    """The devices there do what they are for."""
    assert read(f"{directory}/zero", 4) == bytes(4)
    assert read(f"{directory}/null") == b""
    write(f"{directory}/null")
    assert len(read(f"{directory}/urandom", 16)) == 16
    assert len(read(f"{directory}/random", 16)) == 16
    full = os.open(f"{directory}/full", os.O_WRONLY)
    refused(errno.ENOSPC, os.write, full, b"x")
    os.close(full)
