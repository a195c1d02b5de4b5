  $ MINE=$(mktemp -d "$CONTAINERS/XXXXXX")
  > rd() { "$RD" run -i ubuntu --image-dir "$1" --container-dir "$MINE" /bin/bash; }
  > clean() {
  >     for root in "$MINE"/*/rootfs; do
  >         umount "$root/dev/pts" "$root/dev" "$root/sys" "$root/proc"
  >     done
  >     rm -rf "$MINE"/* /test
  > }

missing binary without image

  $ rd "$SKELETON" </dev/null 2>&1; clean
  Created a new root fs for our container: */rootfs (glob)
  *No such file or directory (glob)
  * exited with status 256 (glob)

sees the image

  $ echo 'ls /' | rd "$IMAGES" | grep -e image-mark -e 'status'; clean
  image-mark
  * exited with status 0 (glob)

isolated test file

  $ echo 'touch /test' | rd "$IMAGES" | tail -n 1; ls /test; clean
  * exited with status 0 (glob)
  ls: cannot access '/test': No such file or directory

proc mounts differ

  $ echo 'cat /proc/mounts' | rd "$IMAGES" | tail -n +2; grep -c "$MINE/.*/rootfs" /proc/mounts; clean
  proc /proc proc * (glob)
  sysfs /sys sysfs * (glob)
  tmpfs /dev tmpfs * (glob)
  devpts /dev/pts devpts * (glob)
  * exited with status 0 (glob)
  4
  $ rmdir "$MINE"
