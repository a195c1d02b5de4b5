setup() { MINE=$(mktemp -d "$CONTAINERS/XXXXXX"); }
teardown() {
    for root in "$MINE"/*/rootfs; do
        umount "$root/dev/pts" "$root/dev" "$root/sys" "$root/proc"
    done
    rm -rf "$MINE" /test
}
rd() { "$RD" run -i ubuntu --image-dir "$1" --container-dir "$MINE" /bin/bash; }

@test "missing binary without image" {
    run rd "$SKELETON" </dev/null
    [[ $output == *'No such file or directory'*'exited with status 256'* ]]
}
@test "sees the image" {
    run rd "$IMAGES" <<<'ls /'
    [[ $output == *image-mark*'exited with status 0'* ]]
}
@test "isolated test file" {
    run rd "$IMAGES" <<<'touch /test'
    [[ $output == *'exited with status 0'* ]]
    run ls /test
    [ "$status" -ne 0 ]
}
@test "proc mounts differ" {
    run rd "$IMAGES" <<<'cat /proc/mounts'
    [[ $output == *proc*'exited with status 0'* && $output != *"$MINE"/*/rootfs/proc* ]]
    run cat /proc/mounts
    [[ $output == *"$MINE"/*/rootfs/proc* ]]
}
