#!/bin/sh
# What the ten checks of level 01 do, typed by hand: the same program, image and commands; no jail and no grading.
# plain.sh RDGRADE IMAGES SKELETON CONTAINERS
set -eu
rdgrade=$1 images=$2 skeleton=$3 containers=$4

# Runs a container whose shell reads stdin.
run() {
    "$rdgrade" rd level01 run --image-dir "$1" --container-dir "$containers" -i ubuntu /bin/bash
}

# The price of having no jail: what a container leaves behind has to be taken away.
clean() {
    for root in "$containers"/*/rootfs; do
        umount "$root/dev/pts" "$root/dev" "$root/sys" "$root/proc"
    done
    rm -rf "$containers"/*
}

# announces-the-root
run "$images" </dev/null
clean
# missing-binary-without-image
run "$skeleton" </dev/null
clean
# sees-the-image
echo 'ls /' | run "$images"
clean
# isolated-test-file
echo 'touch /test' | run "$images"
if ls /test; then exit 1; fi
clean
# working-directory-is-inside
run "$images" </dev/null
clean
# special-filesystems
echo 'ps' | run "$images"
clean
# proc-mounts-differ: the second cat is typed while the container lives
mkfifo "$containers.typed"
run "$images" <"$containers.typed" &
exec 3>"$containers.typed"
echo 'cat /proc/mounts' >&3
cat /proc/mounts
exec 3>&-
wait $!
rm "$containers.typed"
clean
# fresh-root-every-run
echo 'touch /left-by-the-first' | run "$images"
run "$images" </dev/null
clean
# image-left-alone
echo 'touch /made-inside' | run "$images"
clean
# host-mounts-untouched
run "$images" </dev/null
clean
