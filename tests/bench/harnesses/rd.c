/* An answer to level 01 that is as cheap as a program can make it: static, and few system calls. All harnesses grade it,
 * so what they take beyond it is their own. Compiled with -DFAULTY it forgets chroot, which every harness has to notice. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what) {
    fprintf(stderr, "rd: %s: %s\n", what, strerror(errno));
    exit(1);
}

static unsigned long octal(const char *digits, size_t length) {
    unsigned long value = 0;
    for (size_t at = 0; at < length && digits[at] >= '0' && digits[at] <= '7'; at++)
        value = value * 8 + (unsigned long)(digits[at] - '0');
    return value;
}

/* Unpacks a ustar archive of directories, files and links into the working directory. */
static void unpack(const char *archive) {
    int fd = open(archive, O_RDONLY | O_CLOEXEC);
    struct stat about;
    if (fd < 0 || fstat(fd, &about) < 0) die(archive);
    char *bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (bytes == MAP_FAILED) die(archive);
    umask(0);
    for (off_t at = 0; at + 512 <= about.st_size && bytes[at]; ) {
        const char *header = bytes + at;
        char name[101] = {0}, target[101] = {0};
        memcpy(name, header, 100);
        memcpy(target, header + 157, 100);
        mode_t mode = (mode_t)octal(header + 100, 8) & 07777;
        size_t size = octal(header + 124, 12);
        const char *path = name[0] == '.' && name[1] == '/' ? name + 2 : name;
        int made = 0;
        if (header[156] == '5') {
            if (*path) made = mkdir(path, mode);
            if (made < 0 && errno == EEXIST) made = 0;
        } else if (header[156] == '2') {
            made = symlink(target, path);
        } else if (header[156] == '0' || header[156] == '\0') {
            int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
            if (file < 0 || write(file, header + 512, size) != (ssize_t)size) die(path);
            made = close(file);
        }
        if (made < 0) die(path);
        at += 512 + (off_t)((size + 511) / 512 * 512);
    }
    munmap(bytes, (size_t)about.st_size);
    close(fd);
    umask(022);
}

int main(int count, char **words) {
    const char *image = "ubuntu", *images = "/workshop/images", *containers = "/workshop/containers";
    int at = 2;
    for (; at + 1 < count && words[at][0] == '-'; at += 2) {
        if (!strcmp(words[at], "-i")) image = words[at + 1];
        else if (!strcmp(words[at], "--image-dir")) images = words[at + 1];
        else if (!strcmp(words[at], "--container-dir")) containers = words[at + 1];
        else break;
    }
    if (count < 2 || strcmp(words[1], "run") || at >= count) {
        fprintf(stderr, "usage: rd run [-i IMAGE] [--image-dir DIR] [--container-dir DIR] COMMAND...\n");
        return 2;
    }
    char id[37] = {0}, root[4096], archive[4096];
    int random = open("/proc/sys/kernel/random/uuid", O_RDONLY | O_CLOEXEC);
    if (random < 0 || read(random, id, 36) != 36) die("uuid");
    close(random);
    snprintf(archive, sizeof archive, "%s/%s.tar", images, image);
    snprintf(root, sizeof root, "%s/%s", containers, id);
    if (mkdir(root, 0755) < 0) die(root);
    snprintf(root, sizeof root, "%s/%s/rootfs", containers, id);
    if (mkdir(root, 0755) < 0 || chdir(root) < 0) die(root);
    unpack(archive);
    printf("Created a new root fs for our container: %s\n", root);
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
        if (mount("proc", "proc", "proc", 0, NULL) < 0) die("proc");
        if (mount("sysfs", "sys", "sysfs", 0, NULL) < 0) die("sysfs");
        if (mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755") < 0) die("dev");
        if (mkdir("dev/pts", 0755) < 0 || mount("devpts", "dev/pts", "devpts", 0, NULL) < 0) die("devpts");
#ifndef FAULTY
        if (chroot(".") < 0 || chdir("/") < 0) die("chroot");
#endif
        execvp(words[at], words + at);
        die(words[at]);
    }
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    printf("%d exited with status %d\n", (int)child, status);
    return 0;
}
