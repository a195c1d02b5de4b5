#!/bin/sh
# The four scenarios by hand, with the cheapest comparisons a shell has, and what no jail takes away taken away.
# Where everything lies is in the environment: RD, IMAGES, SKELETON, CONTAINERS.
run() { images=$1; shift; "$RD" run -i ubuntu --image-dir "$images" --container-dir "$CONTAINERS" /bin/bash; }
clean() {
    for root in "$CONTAINERS"/*/rootfs; do
        umount "$root/dev/pts" "$root/dev" "$root/sys" "$root/proc"
    done
    rm -rf "$CONTAINERS"/* /test
}
failed() { echo "failed: $1" >&2; status=1; }
status=0
CONTAINERS=$(mktemp -d "$CONTAINERS/XXXXXX")

# missing-binary-without-image
printed=$(run "$SKELETON" </dev/null 2>&1)
case $printed in *'No such file or directory'*'exited with status 256'*) ;; *) failed missing-binary ;; esac
clean
# sees-the-image
printed=$(echo 'ls /' | run "$IMAGES")
case $printed in *image-mark*'exited with status 0'*) ;; *) failed sees-the-image ;; esac
clean
# isolated-test-file
printed=$(echo 'touch /test' | run "$IMAGES")
case $printed in *'exited with status 0'*) ;; *) failed isolated-test-file ;; esac
if ls /test >/dev/null 2>&1; then failed isolated-test-file; fi
clean
# proc-mounts-differ
inside=$(echo 'cat /proc/mounts' | run "$IMAGES")
outside=$(cat /proc/mounts)
case $inside in *"$CONTAINERS"/*/rootfs/proc*) failed proc-mounts-differ ;; *proc*'exited with status 0'*) ;; *) failed proc-mounts-differ ;; esac
case $outside in *"$CONTAINERS"/*/rootfs/proc*) ;; *) failed proc-mounts-differ ;; esac
clean
rmdir "$CONTAINERS"
exit $status
