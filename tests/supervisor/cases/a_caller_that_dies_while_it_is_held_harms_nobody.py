import random
dev = fresh("dev")
random.seed(2014)


def forever(number):
    target = f"{dev}/{number}"
    os.mkdir(target)
    while True:
        for act in [lambda: node(f"{target}/x"), lambda: os.unlink(f"{target}/x"),
                    lambda: mount("tmpfs", target, "tmpfs"), lambda: umount(target, MNT_DETACH),
                    lambda: os.close(describe("tmpfs", size="64k"))]:
            try:
                act()
            except FileNotFoundError:
                pass


for number in range(60):
    child = os.fork()
    if child == 0:
        forever(number)
    # Any moment will do: the calls of a loop like this one are held nearly all of the time.
    for _ in range(random.randrange(40)):
        os.stat(dev)
    while not os.path.exists(f"{dev}/{number}"):
        os.sched_yield()
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL

# A thread takes its process down while another is held.
for number in range(20):
    child = os.fork()
    if child == 0:
        threading.Thread(target=lambda: [node(f"{dev}/t{number}-{again}") for again in range(1000)], daemon=True).start()
        os.sched_yield()
        os._exit(0)
    os.waitpid(child, 0)

node(f"{dev}/null")
assert read(f"{dev}/null") == b""
