"""The host's services, as far as an attack may look for them: a process, listeners, shared memory.

Called with `canary-process SECRET`. Says where they are; at the end of its input says what became of them.
"""
import ctypes
import fcntl
import json
import os
import selectors
import socket
import struct
import sys

secret = sys.argv[2].encode()
SIOCSIFFLAGS, IFF_UP, IPC_CREAT, IPC_RMID = 0x8914, 1, 0o1000, 0

# A new network namespace has its loopback down.
tcp = socket.socket()
fcntl.ioctl(tcp, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
tcp.bind(("127.0.0.1", 0))
tcp.listen()
name = f"rdgrade-canary-{os.getpid()}"
abstract = socket.socket(socket.AF_UNIX)
abstract.bind("\0" + name)
abstract.listen()

libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
key = 0x7264 + os.getpid()
segment = libc.shmget(key, 4096, IPC_CREAT | 0o666)
address = libc.shmat(segment, None, 0)
ctypes.memmove(address, secret, len(secret))

print(json.dumps({"port": tcp.getsockname()[1], "abstract": name, "key": key}), flush=True)
contacts = 0
ready = selectors.DefaultSelector()
for source in (sys.stdin, tcp, abstract):
    ready.register(source, selectors.EVENT_READ)
while True:
    sources = [key.fileobj for key, _ in ready.select()]
    for listener in sources:
        if listener is not sys.stdin:
            contacts += 1
            connection, _ = listener.accept()
            connection.sendall(secret)
            connection.close()
    if sys.stdin in sources:
        break
touched = ctypes.string_at(address + 200, 5) != bytes(5)
libc.shmctl(segment, IPC_RMID, None)
print(json.dumps({"contacts": contacts, "touched": touched}), flush=True)
