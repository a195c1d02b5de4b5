import socket


def check(holds, what):
    assert holds, what


def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(number, *[ctypes.c_long(argument) for argument in arguments])
    return 0 if result >= 0 else ctypes.get_errno()


if platform.machine() == "x86_64":
    denied = dict(
        keyctl=250, add_key=248, request_key=249, bpf=321, perf_event_open=298, io_uring_setup=425, io_uring_enter=426,
        io_uring_register=427, userfaultfd=323, fanotify_init=300, init_module=175, finit_module=313, delete_module=176,
        kexec_load=246, kexec_file_load=320, reboot=169, settimeofday=164, clock_settime=227, clock_adjtime=305,
        syslog=103, swapon=167, swapoff=168, acct=163, quotactl=179, move_pages=279, migrate_pages=256,
        lookup_dcookie=212, vhangup=153, open_by_handle_at=304, iopl=172, ioperm=173, modify_ldt=154, uselib=134,
    )
    for name, number in denied.items():
        # Arguments that would be another error, or none.
        check(call(number, -1, 0, 0, 0, 0) == errno.EPERM, name)
    x32 = 0x40000000
    for number in (39, 169, 250):
        check(call(x32 + number) == errno.ENOSYS, f"x32 {number}")

families = range(0, 46)
made = set()
for family in families:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind).close()
            made.add(family)
        except OSError as error:
            if family not in (0, 1, 2, 10, 16, 17):
                check(error.errno == errno.EAFNOSUPPORT, f"family {family}: {error}")
check(made == {1, 2, 10, 16, 17}, f"families {made}")

# What the levels are about is there: each kind of namespace, a user namespace included.
for flag in (0x00020000, 0x04000000, 0x08000000, 0x20000000, 0x40000000, 0x02000000, 0x10000000):
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.unshare(flag) == 0 else ctypes.get_errno())
    check(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, f"unshare {flag:#x}")

status = dict(line.split(":", 1) for line in open("/proc/self/status"))
bounding = int(status["CapBnd"], 16)
for name, number in dict(boot=22, module=16, rawio=17, time=25, syslog=34, bpf=39).items():
    check(not bounding >> number & 1 and not int(status["CapEff"], 16) >> number & 1, name)
for name, number in dict(chown=0, setuid=7, net_admin=12, sys_chroot=18, sys_admin=21, mknod=27).items():
    check(int(status["CapEff"], 16) >> number & 1, name)
check(status["NoNewPrivs"].strip() == "0", "set-uid programs work, within the jail")
