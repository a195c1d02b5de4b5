/* The image's ls, cat and touch, so that it holds two megabytes and not five. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int list(const char *path) {
    DIR *directory = opendir(path);
    if (!directory) return 1;
    for (struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.') puts(entry->d_name);
    return closedir(directory);
}

static int copy(const char *path) {
    char buffer[65536];
    int file = open(path, O_RDONLY);
    ssize_t length = file < 0 ? -1 : 0;
    while (length >= 0 && (length = read(file, buffer, sizeof buffer)) > 0)
        if (write(1, buffer, (size_t)length) != length) return 1;
    return length != 0;
}

int main(int count, char **words) {
    const char *slash = strrchr(words[0], '/'), *name = slash ? slash + 1 : words[0];
    if (count != 2) return 2;
    if (!strcmp(name, "ls")) return list(words[1]);
    if (!strcmp(name, "cat")) return copy(words[1]);
    return open(words[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0644) < 0;
}
